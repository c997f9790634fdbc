"""One picture file through a model to another file, in bounded memory."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repix.conversion.beside import COMPARE, OVERLAY, PROBABILITIES, beside, compared, overlaid, write_probabilities
from repix.conversion.budget import Budget
from repix.conversion.contract import Contract
from repix.conversion.convert import DEFAULT, Watch, converted, joined, predicted
from repix.conversion.crop import Crop
from repix.conversion.engine import Engine
from repix.conversion.rows import Held, Rolling
from repix.conversion.seats import Seats
from repix.conversion.turning import Turner, require_strength
from repix.errors import TooLarge, WrongUse
from repix.masks import Encoding, palette_of
from repix.pictures import DEPTHS, Fidelity, Picture, write
from repix.pictures.band_reader import BandReader, open_bands
from repix.pictures.band_writer import write_bands
from repix.pictures.formats import format_for_path
from repix.pictures.memory_cost import encoder_memory
from repix.tasks.segment import Segment

LARGER = 4
"""Times the memory of picture and result that writing something beside the result takes."""

ALL = 2**62


@dataclass(frozen=True)
class Wishes:
    """How files are converted and written."""

    budget: Budget = DEFAULT
    strength: float = 1.0
    crop: Crop | None = None
    compare: bool = False
    """Write before and after, beside the result."""
    overlay: bool = False
    """Write the photo tinted by its classes, beside the result."""
    probabilities: bool = False
    """Write how likely each class is, beside the result."""
    overwrite: bool = False
    quality: int = 90
    strict: bool = False

    def require(self, contract: Contract) -> None:
        """Refuse what this model cannot fulfil, before any file is looked at."""
        task = contract.make_task()
        require_strength(task, self.strength)
        if (self.overlay or self.probabilities) and not task.scores:
            raise WrongUse(f"--overlay and --probabilities are for models that segment; this one is for {task.name}.")

    @property
    def beside(self) -> tuple[str, ...]:
        """What is written beside the result, as it stands behind the result's stem."""
        wished = {COMPARE: self.compare, OVERLAY: self.overlay, PROBABILITIES: self.probabilities}
        return tuple(what for what, wish in wished.items() if wish)

    @property
    def whole(self) -> bool:
        """Whether the picture is needed in one piece."""
        return self.crop is not None or bool(self.beside)


def convert_file(
    source: Path,
    target: Path,
    engine: Engine,
    wishes: Wishes,
    *,
    seats: Seats | None = None,
    watch: Watch | None = None,
) -> Fidelity:
    """Convert a picture file, and say what was kept, converted and lost; the result appears whole or not at all.

    What is written beside the result is named after the target. Files that are converted at the same time share
    `seats`.
    """
    contract = engine.contract
    with open_bands(source) as bands:
        making = _Making(source, target, engine, wishes, bands, watch)
        if wishes.whole:
            with seats.taken(ALL) if seats else nullcontext():
                return making.in_one_piece()
        plan = wishes.budget.plan(bands.size, making.pixel, contract, making.held(), str(source))
        results = converted(Rolling(bands), Turner(engine, wishes.strength), plan, watch)
        with seats.taken(plan.memory) if seats else nullcontext():
            if watch is not None:
                watch(0)
            return making.write(results, _scaled(bands.size, contract))


class _Making:
    """One file on its way."""

    def __init__(
        self, source: Path, target: Path, engine: Engine, wishes: Wishes, bands: BandReader, watch: Watch | None
    ) -> None:
        self._source, self._target, self._engine, self._wishes = source, target, engine, wishes
        self._bands, self._watch = bands, watch
        self._task = engine.contract.make_task()
        settings = self._task.settings
        self._encoding = settings.encoding if isinstance(settings, Segment) else None
        self.pixel = Picture(np.zeros((1, 1, bands.channels), DEPTHS[bands.depth]))

    def held(self) -> int:
        """Bytes that decoder and encoder hold whatever the tiles are."""
        size = _scaled(self._bands.size, self._engine.contract)
        form = format_for_path(self._target).name
        return self._bands.decoder_memory + encoder_memory(form, size, max(self._bands.channels, 3), self._bands.depth)

    def in_one_piece(self) -> Fidelity:
        """With the whole picture in memory, because a part or something beside the result is wished."""
        wishes, engine = self._wishes, self._engine
        self._require_memory()
        picture = self._bands.read(self._bands.size[0])
        if wishes.crop is not None:
            picture = wishes.crop.of(picture)
        if wishes.probabilities:
            likely = predicted(picture, engine, wishes.budget, self._watch)
            result = self._task.decode(likely, picture)
        else:
            plan = wishes.budget.plan(picture.size, picture, engine.contract, self.held(), str(self._source))
            result = joined(converted(Held(picture), Turner(engine, wishes.strength), plan, self._watch))
        report = self.write([result], result.size)
        shown = result
        if self._encoding is not None:
            shown = overlaid(picture, self._encoding.ids_of(result), self._encoding)
        if wishes.overlay:
            write(shown, beside(self._target, OVERLAY), overwrite=wishes.overwrite)
        if wishes.compare:
            write(compared(picture, shown), beside(self._target, COMPARE), overwrite=wishes.overwrite)
        if wishes.probabilities:
            found = likely[0].transpose(1, 2, 0)
            write_probabilities(found, beside(self._target, PROBABILITIES), overwrite=wishes.overwrite)
        return report

    def write(self, results: Iterable[Picture], size: tuple[int, int]) -> Fidelity:
        """Pull the results into the target; classes that are written as palette indices into a PNG with a palette."""
        wishes, encoding = self._wishes, self._encoding
        if encoding is not None and encoding.kind == "palette" and format_for_path(self._target).palette:
            results = (_indexed(band, encoding) for band in results)
        overwrite, quality, strict = wishes.overwrite, wishes.quality, wishes.strict
        return write_bands(results, size, self._target, overwrite=overwrite, quality=quality, strict=strict)

    def _require_memory(self) -> None:
        bands, contract, memory = self._bands, self._engine.contract, self._wishes.budget.memory
        pixels = bands.size[0] * bands.size[1]
        classes = contract.channels[1] if self._wishes.probabilities else 0
        needed = pixels * (LARGER * self.pixel.pixels.nbytes * (1 + contract.scale**2) + 4 * classes)
        if memory is not None and needed > memory:
            raise TooLarge(
                f"{self._source}, {bands.size[1]}×{bands.size[0]} pixels, takes about {needed / 1e9:.1f} GB when a "
                f"part or something beside the result is wished, more than the {memory / 1e9:g} GB allowed; allow more."
            )


def _indexed(mask: Picture, encoding: Encoding) -> Picture:
    """A mask that shows colours, as the indices that they have."""
    return replace(mask, pixels=encoding.from_ids(encoding.ids_of(mask))[:, :, None], palette=palette_of(encoding))


def _scaled(size: tuple[int, int], contract: Contract) -> tuple[int, int]:
    return size[0] * contract.scale, size[1] * contract.scale
