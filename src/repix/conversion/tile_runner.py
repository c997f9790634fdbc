"""The tile runner: one tile of a picture through a model, from pixels to arrays and back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract, Indices, mirrored_indices
from repix.conversion.engine import Engine
from repix.conversion.row_source import RowSource
from repix.conversion.tiling import AxisTile, Tile
from repix.errors import RepixError, WrongUse
from repix.pictures.picture import Picture
from repix.pictures.transparent_pixels import GRID, REACH, fill_transparent, transparent_mask
from repix.tasks import Task

STRIP_PIXELS = 2**16
"""Pixels that become numbers, or levels again, at a time: what lies between stays in the processor's cache."""
LARGEST_VALUE = 1e18
"""The largest number of a float picture, either way; the square of it is still a float32."""
LOW_MEMORY_NOTE = "the memory did not suffice for the tiles, so they were made smaller"


@dataclass(frozen=True)
class BandRows:
    """The rows of a picture that a band of tiles needs."""

    picture: Picture
    visible: Picture
    """The same as a model may see it: with other colors where alpha hides them."""
    top: int
    size: tuple[int, int]
    """Height and width of the whole picture."""

    @classmethod
    def of(cls, source: RowSource, rows: AxisTile) -> "BandRows":
        """Return what these rows of the padded picture are made of; with alpha, and what decides on what it hides."""
        needed = mirrored_indices(*rows.read, source.size[0])
        first, end = (needed.start, needed.stop) if isinstance(needed, slice) else (needed.min(), needed.max() + 1)
        if source.has_alpha:
            first, end = max(first - REACH, 0) // GRID * GRID, min(end + REACH, source.size[0])
        picture = source.rows(first, end)
        return cls(picture, fill_transparent(picture), first, source.size)

    def read(self, tile: Tile) -> Picture:
        """Return what a tile reads, padding included, as the model may see it."""
        rows, columns = (
            mirrored_indices(*cut.read, side) for cut, side in zip((tile.rows, tile.columns), self.size, strict=True)
        )
        return replace(self.visible, pixels=self.visible.pixels[_moved(rows, -self.top)][:, columns])

    def core_size(self, tile: Tile) -> tuple[int, int]:
        """Return height and width of a tile's own pixels, without padding."""
        rows, columns = self._core(tile)
        return rows.stop - rows.start, columns.stop - columns.start

    def core(self, tile: Tile) -> tuple[Picture, Picture]:
        """Return a tile's own pixels, without padding: as they are, and as the model may see them."""
        rows, columns = self._core(tile)
        both = (self.picture, self.visible)
        given, seen = (replace(one, pixels=one.pixels[_moved(rows, -self.top), columns]) for one in both)
        return given, seen

    def _core(self, tile: Tile) -> tuple[slice, slice]:
        rows, columns = (
            slice(cut.core[0], min(cut.core[1], side))
            for cut, side in zip((tile.rows, tile.columns), self.size, strict=True)
        )
        return rows, columns


class TileRunner:
    """Runs tiles through a model; what it learns about the memory holds for all later tiles."""

    def __init__(self, engine: Engine, strength: float = 1.0) -> None:
        self._engine = engine
        self._task = engine.contract.make_task()
        self._strength = strength
        self._most_pixels: int | None = None
        require_strength(self._task, strength)

    def convert(self, window: BandRows, tile: Tile) -> Picture:
        """Return the result for a tile's own pixels."""
        y, results, start = self.predict(window, tile), [], 0
        for strip, seen in zip(*map(_strips, window.core(tile)), strict=True):
            end = start + tile.scale * strip.size[0]
            results.append(_hidden_again(self._task.decode(self._mixed(y[:, :, start:end], seen), seen), strip))
            start = end
        notes = results[0].notes if self._most_pixels is None else (*results[0].notes, LOW_MEMORY_NOTE)
        return replace(results[0], pixels=np.concatenate([strip.pixels for strip in results]), notes=notes)

    def predict(self, window: BandRows, tile: Tile) -> Array:
        """Return the model's prediction for a tile's own pixels, N×C×H×W; in halves where the engine lacks memory."""
        height, width = tile.read_size
        if self._most_pixels is None or height * width <= self._most_pixels:
            try:
                return self._run(window, tile)
            except MemoryError:
                self._most_pixels = height * width // 2
        halves = split_tile(tile, self._engine.contract)
        if halves is None:
            raise RepixError(f"The memory is not enough for a tile of {width}×{height} pixels; close other programs.")
        axis = 3 if halves[0].rows == tile.rows else 2
        return np.concatenate([self.predict(window, half) for half in halves], axis=axis)

    def _run(self, window: BandRows, tile: Tile) -> Array:
        arriving = window.read(tile)
        _require_sane(arriving)
        x = np.concatenate([self._task.encode(strip) for strip in _strips(arriving)], axis=2)
        y = np.concatenate([self._engine.run(x[i : i + 1]) for i in range(len(x))])
        tall, wide = window.core_size(tile)
        kept: Array = y[tile.keep][:, :, : tile.scale * tall, : tile.scale * wide]
        if not np.isfinite(kept).all():
            raise WrongUse("The model's result holds numbers that are not finite; its training or its export failed.")
        return kept

    def _mixed(self, y: Array, own: Picture) -> Array:
        """Return the result nearer to the source."""
        if self._strength == 1:
            return y
        source: Array = self._task.encode_target(own)
        return source + np.float32(self._strength) * (y - source)


def require_strength(task: Task, strength: float) -> None:
    """Refuse a strength that makes no sense, or none with this task."""
    if not 0 <= strength <= 1:
        raise WrongUse(f"strength is {strength:g}; it must be from 0 (the picture as it is) to 1 (the result).")
    if strength != 1 and not task.mixes:
        raise WrongUse(f"strength is {strength:g}; what {task.name} gives cannot be mixed with its source.")


def split_tile(tile: Tile, contract: Contract) -> tuple[Tile, Tile] | None:
    """Return two tiles in place of one, cut across its longer side; None where its own pixels are but one step.

    >>> tile = Tile(rows=AxisTile((0, 8), (0, 8)), columns=AxisTile((0, 48), (0, 40)))
    >>> [half.columns for half in split_tile(tile, Contract("denoise", step=8, halo=5))]
    [AxisTile(read=(0, 32), core=(0, 24)), AxisTile(read=(16, 48), core=(24, 40))]
    """
    tall, wide = (cut.core[1] - cut.core[0] for cut in (tile.rows, tile.columns))
    if max(tall, wide) <= contract.step or contract.halo is None or contract.size is not None:
        return None
    name = "rows" if tall > wide else "columns"
    cut: AxisTile = getattr(tile, name)
    steps = (cut.core[1] - cut.core[0]) // contract.step
    middle = cut.core[0] + -(-steps // 2) * contract.step
    before = AxisTile((cut.read[0], min(cut.read[1], middle + contract.margin)), (cut.core[0], middle))
    behind = AxisTile((max(cut.read[0], middle - contract.margin), cut.read[1]), (middle, cut.core[1]))
    return (
        (replace(tile, rows=before), replace(tile, rows=behind))
        if name == "rows"
        else (replace(tile, columns=before), replace(tile, columns=behind))
    )


def _strips(picture: Picture) -> Iterator[Picture]:
    """Yield a few rows at a time."""
    rows = max(STRIP_PIXELS // picture.size[1], 1)
    for start in range(0, picture.size[0], rows):
        yield replace(picture, pixels=picture.pixels[start : start + rows])


def _hidden_again(result: Picture, source: Picture) -> Picture:
    """Return the result, of one size with its source, with the source's own colors where both have an alpha of 0."""
    hidden = transparent_mask(source)
    if hidden is None or not result.has_alpha or result.size != source.size:
        return result
    kept = source.pixels if result.is_gray or not source.is_gray else source.pixels[:, :, [0, 0, 0, 1]]
    return replace(result, pixels=np.where(hidden, kept, result.pixels))


def _require_sane(picture: Picture) -> None:
    """Refuse floats that a model cannot compute with: what would come out looks like a result and is none."""
    if picture.depth != "float":
        return
    largest = np.abs(picture.pixels).max()
    if not np.isfinite(largest):
        raise WrongUse("The picture holds numbers that are not finite; replace them first.")
    if largest > LARGEST_VALUE:
        raise WrongUse(
            f"The picture holds numbers of {largest:.2g}, where white is 1; with more than {LARGEST_VALUE:g} no model can "
            "compute, so scale them first."
        )


def _moved(found: slice | Indices, by: int) -> Any:
    """Return the same places, counted from another row."""
    return slice(found.start + by, found.stop + by) if isinstance(found, slice) else found + by
