"""Side reader: the values of a model's side inputs for the tiles of one picture."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract, mirrored_indices
from repix.conversion.tiling import AxisTile, Tile
from repix.errors import UnknownName, WrongUse
from repix.side_inputs import Side, SideMap, side_channels, side_map


@dataclass(frozen=True)
class SideReader:
    """The given side maps of a picture."""

    maps: tuple[tuple[slice, Array, SideMap], ...] = ()
    """Each with its channels in the model's input, and the task's factors for them."""
    size: tuple[int, int] = (0, 0)
    """Height and width of the picture."""

    @classmethod
    def of(cls, contract: Contract, side: Side, size: tuple[int, int]) -> "SideReader":
        """Return the reader of given values for a picture; refuse values that do not fit the model or the picture."""
        given = named_maps(contract, side)
        added = side_channels(contract.side_inputs)
        factors = np.array(contract.make_task().side.factors or [1] * added, np.float32)
        maps, before, start = [], contract.channels[0] - added, 0
        for one in contract.side_inputs:
            if one.name in given:
                given[one.name].require(one, size)
                channels = slice(before + start, before + start + one.channels)
                maps.append((channels, factors[start : start + one.channels], given[one.name]))
            start += one.channels
        return cls(tuple(maps), size)

    def put(self, x: Array, tile: Tile) -> None:
        """Write the values for a tile into the model's input, over the default ones; the padding is mirrored."""
        for channels, factors, values in self.maps:
            x[:, channels] = (self._read(values, tile) * factors).transpose(2, 0, 1)

    def _read(self, values: SideMap, tile: Tile) -> Array:
        rows, columns = (_around(cut, side) for cut, side in zip((tile.rows, tile.columns), self.size, strict=True))
        found: Array = values.read(rows[0], columns[0])[rows[1]][:, columns[1]]
        return found


def named_maps(contract: Contract, side: Side) -> Mapping[str, SideMap]:
    """Return the given side maps by name; refuse those that the model does not take.

    >>> named_maps(Contract("denoise"), {"hints": 0.0})
    Traceback (most recent call last):
    repix.errors.WrongUse: The model (denoise) takes no side input, but was given 'hints'; leave it out.
    """
    known = tuple(one.name for one in contract.side_inputs)
    for name in side:
        if not known:
            raise WrongUse(f"The model ({contract.task}) takes no side input, but was given '{name}'; leave it out.")
        if name not in known:
            raise UnknownName(f"The model has no side input '{name}'; {registry.closest(name, known)}")
    return {name: side_map(value) for name, value in side.items()}


def _around(cut: AxisTile, side: int) -> tuple[tuple[int, int], slice | np.ndarray]:
    """Return the range of rows (or columns) that a tile needs, and the indices in it that mirror the padding."""
    found = mirrored_indices(*cut.read, side)
    if isinstance(found, slice):
        return (found.start, found.stop), slice(None)
    first = int(found.min())
    return (first, int(found.max()) + 1), found - first
