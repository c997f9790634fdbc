"""Bands of giant pictures on a cluster: pictures are read and written here, worker processes convert their bands."""

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from repix.batch.place import Check, Made, Order, make
from repix.batch.work import Advance
from repix.cluster.crew import Crew
from repix.conversion.band_tasks import Band, BandConverter, ConvertedBand
from repix.conversion.file import FileOptions
from repix.conversion.model_loader import LoadedModel
from repix.conversion.volume_file import convert_any_file
from repix.pictures import Fidelity

SLOTS = 2
"""Bands of each worker process: one is computed, another one is on its way."""


@dataclass(frozen=True)
class BandPlace:
    """The place of a batch whose pictures are made one after another, each by all worker processes."""

    crew: Crew
    model: LoadedModel
    options: FileOptions
    most: int = 1

    def room(self) -> int:
        """Return 1 as soon as there is a worker process."""
        return min(self.crew.room(), 1)

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file: its bands are read and written here, in order."""

        def convert(source: Path, target: Path, advance: Advance) -> Fidelity:
            advance()
            spread = partial(self.crew.each, name=lambda _: f"A band of {source}", check=check)
            return convert_any_file(
                source,
                target,
                self.model,
                self.options,
                progress=advance,
                spread=lambda bands, most: spread(bands, most=most),
            )

        return make(convert, order, advance, check)


class BandMaker:
    """Converts bands in a worker process, one at a time."""

    def __init__(self, model: LoadedModel, options: FileOptions) -> None:
        self._converter = BandConverter(model, options.strength, options.keep_colors, options.side)
        self._turn = threading.Lock()

    def __call__(self, band: Band, advance: Advance) -> ConvertedBand:
        """Convert a band."""
        with self._turn:
            advance()
            return self._converter.convert(band)
