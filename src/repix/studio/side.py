"""Side inputs of an upload: color hints, and the perception slider or map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from repix.conversion import Contract
from repix.conversion.side_reader import SideReader
from repix.errors import WrongUse
from repix.pictures.band_reader import open_bands
from repix.side_inputs import CHOSEN, PictureMap, Side, SideInput, read_hints, read_map
from repix.studio.uploads import Upload

MOST_HINTS = 2**20
"""Characters of the JSON of color hints."""


@dataclass(frozen=True)
class Given:
    """Values of side inputs in a request."""

    hints: str = ""
    """JSON, as in the file of the option --hints."""
    perception: float | Literal["auto"] | None = None
    """A value, or "auto": the model chooses at each pixel."""
    perception_map: Upload | None = None

    def side(self, contract: Contract, source: Upload) -> Side:
        """Return the values of the model's side inputs; refuse those that it does not take, or outside the picture."""
        side = {**self._hints(contract, source.path.parent), **self._perception(contract)}
        if side:
            with open_bands(source.path) as bands:
                SideReader.of(contract, side, bands.size)
        return side

    def _hints(self, contract: Contract, folder: Path) -> Side:
        if not self.hints:
            return {}
        name = _taken(contract, "color-hints", "color hints").name
        file = folder / "hints.json"
        file.write_text(self.hints, encoding="utf-8")
        return {name: read_hints(file)}

    def _perception(self, contract: Contract) -> Side:
        if self.perception is not None and self.perception_map is not None:
            raise WrongUse("Both a perception and a perception map are given; leave one out.")
        if self.perception is None and self.perception_map is None:
            return {}
        taken = _taken(contract, "perception-map", "perception")
        if self.perception_map is not None:
            return {taken.name: PictureMap(read_map(self.perception_map.path).pixels, self.perception_map.spoken)}
        if self.perception != "auto":
            return {taken.name: self.perception or 0.0}
        if not taken.chosen:
            raise WrongUse("The model does not choose the map itself; give a perception from 0 to 1.")
        return {taken.name: CHOSEN}


def _taken(contract: Contract, kind: str, said: str) -> SideInput:
    """Return the model's side input of a kind.

    >>> _taken(Contract("denoise"), "color-hints", "color hints")
    Traceback (most recent call last):
    repix.errors.WrongUse: The model (of denoise) takes no color hints; choose one whose side_inputs in /models have it.
    """
    for one in contract.side_inputs:
        if one.kind == kind:
            return one
    raise WrongUse(f"The model (of {contract.task}) takes no {said}; choose one whose side_inputs in /models have it.")
