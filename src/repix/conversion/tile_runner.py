"""The tile runner: run a model on one tile of a picture, from pixels to pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.change import Change
from repix.conversion.chroma_correction import Place, corrected, grown, with_reach
from repix.conversion.contract import Contract, Indices, mirrored_indices
from repix.conversion.engine import Engine
from repix.conversion.mask_plane import MaskPlane
from repix.conversion.row_source import RowSource
from repix.conversion.side_reader import SideReader
from repix.conversion.tiling import AxisTile, Tile
from repix.conversion.windows import blended
from repix.errors import RepixError, WrongUse
from repix.pictures.picture import Picture, from_unit, to_unit
from repix.pictures.transparent_pixels import GRID, REACH, fill_transparent, transparent_mask
from repix.tasks import Task

STRIP_PIXELS = 2**16
"""Pixels that are encoded or decoded at a time, so that intermediate arrays stay in the processor's cache."""
LARGEST_VALUE = 1e18
"""The largest magnitude in a float picture; its square is still a float32."""
NOTHING_GIVEN = SideReader()
"""Every side input has its default value."""
LOW_MEMORY_NOTE = "there was not enough memory for the tiles, so they were made smaller"


@dataclass(frozen=True)
class BandRows:
    """The rows of a picture that one band of tiles reads."""

    picture: Picture
    visible: Picture
    """The same with hidden colors filled, where alpha is 0."""
    top: int
    size: tuple[int, int]
    """Height and width of the whole picture."""

    @classmethod
    def of(cls, source: RowSource, rows: AxisTile) -> "BandRows":
        """Return the rows that a band reads; with alpha also the rows from which hidden colors are filled."""
        needed = mirrored_indices(*rows.read, source.size[0])
        first, end = (needed.start, needed.stop) if isinstance(needed, slice) else (needed.min(), needed.max() + 1)
        if source.has_alpha:
            first, end = max(first - REACH, 0) // GRID * GRID, min(end + REACH, source.size[0])
        picture = source.rows(first, end)
        return cls(picture, fill_transparent(picture), first, source.size)

    def read(self, tile: Tile) -> Picture:
        """Return the pixels that a tile reads, with padding and with hidden colors filled."""
        rows, columns = (
            mirrored_indices(*cut.read, side) for cut, side in zip((tile.rows, tile.columns), self.size, strict=True)
        )
        return replace(self.visible, pixels=self.visible.pixels[_moved(rows, -self.top)][:, columns])

    def core_size(self, tile: Tile) -> tuple[int, int]:
        """Return height and width of a tile's core (without halo), without padding."""
        rows, columns = self._core(tile)
        return rows.stop - rows.start, columns.stop - columns.start

    def core(self, tile: Tile) -> tuple[Picture, Picture]:
        """Return a tile's core, without padding: the original pixels, and those with hidden colors filled."""
        rows, columns = self._core(tile)
        both = (self.picture, self.visible)
        given, seen = (replace(one, pixels=one.pixels[_moved(rows, -self.top), columns]) for one in both)
        return given, seen

    def places(self, tile: Tile, around: Tile) -> tuple[Place, Place]:
        """Return the places of a tile's core in the picture, for arrays that have the core of `around`."""
        rows, columns = (
            Place((outer.start, outer.stop), (inner.start, inner.stop), side)
            for outer, inner, side in zip(self._core(around), self._core(tile), self.size, strict=True)
        )
        return rows, columns

    def _core(self, tile: Tile) -> tuple[slice, slice]:
        rows, columns = (
            slice(cut.core[0], min(cut.core[1], side))
            for cut, side in zip((tile.rows, tile.columns), self.size, strict=True)
        )
        return rows, columns


class TileRunner:
    """Runs a model on tiles; a memory limit found with one tile holds for all later ones."""

    def __init__(
        self,
        engine: Engine,
        strength: float = 1.0,
        keep_colors: bool = False,
        change: Change | None = None,
        side: SideReader = NOTHING_GIVEN,
        mask: MaskPlane | None = None,
    ) -> None:
        self._engine = engine
        self._task = engine.contract.make_task()
        self._strength, self._keep_colors = strength, keep_colors
        self._change = change
        self._side = side
        self._mask = mask
        self._most_pixels: int | None = None
        require_pictures(engine.contract)
        require_strength(self._task, strength)
        require_keep_colors(engine.contract, keep_colors)

    @property
    def contract(self) -> Contract:
        """The contract of the model, for the tile plan: with a larger halo if the source's colors are kept."""
        return with_reach(self._engine.contract) if self._keep_colors else self._engine.contract

    def convert(self, window: BandRows, tile: Tile) -> Picture:
        """Return the result for a tile's core."""
        given, seen = window.core(tile)
        if self._keep_colors:
            results = self._with_source_colors(window, tile)
        else:
            y = self.predict(window, tile)
            if self._mask is not None:
                self._mask.add(tile, y, given)
            results = self._decoded(y, seen, tile.scale)
        shown = [_restore_hidden(*both) for both in zip(results, _strips(given), strict=True)]
        if self._change is not None:
            for strip, result in zip(_strips(given), shown, strict=True):
                self._change.add(strip, result)
        notes = shown[0].notes if self._most_pixels is None else (*shown[0].notes, LOW_MEMORY_NOTE)
        return replace(shown[0], pixels=np.concatenate([strip.pixels for strip in shown]), notes=notes)

    def _decoded(self, y: Array, seen: Picture, scale: int) -> Iterator[Picture]:
        """Yield the decoded strips of a prediction for the pixels `seen`."""
        start = 0
        for strip in _strips(seen):
            end = start + scale * strip.size[0]
            yield self._task.decode(with_strength(self._task, y[:, :, start:end], strip, self._strength), strip)
            start = end

    def _with_source_colors(self, window: BandRows, tile: Tile) -> Iterator[Picture]:
        """Yield the strips of the result whose chroma is corrected; it is rounded only after the correction."""
        around, depth = grown(tile, self._engine.contract.step), window.picture.depth
        y, seen = self.predict(window, around), window.core(around)[1]
        seen = replace(seen, pixels=to_unit(seen.pixels))
        strips = list(self._decoded(y, seen, tile.scale))
        result = replace(strips[0], pixels=np.concatenate([strip.pixels for strip in strips]))
        rows, columns = window.places(tile, around)
        colors = corrected(result.colors(), seen.colors(), seen.alpha(), tile.scale, rows, columns)
        top, left = (tile.scale * (place.core[0] - place.present[0]) for place in (rows, columns))
        rest = result.pixels[top : top + len(colors), left : left + colors.shape[1], colors.shape[2] :]
        pixels = from_unit(np.concatenate([colors, rest], axis=2), depth)
        step = tile.scale * _strip_rows(window.core_size(tile)[1])
        for start in range(0, len(pixels), step):
            yield replace(result, pixels=pixels[start : start + step])

    def predict(self, window: BandRows, tile: Tile) -> Array:
        """Return the model's prediction for a tile's core, N×C×H×W; the tile is split where memory is not enough."""
        height, width = tile.read_size
        if self._most_pixels is None or height * width <= self._most_pixels:
            try:
                return self._run(window, tile)
            except MemoryError:
                self._most_pixels = height * width // 2
        halves = split_tile(tile, self._engine.contract)
        if halves is None:
            raise RepixError(f"There is not enough memory for a tile of {width}×{height} pixels; close other programs.")
        axis = 3 if halves[0].rows == tile.rows else 2
        return np.concatenate([self.predict(window, half) for half in halves], axis=axis)

    def _run(self, window: BandRows, tile: Tile) -> Array:
        arriving = window.read(tile)
        require_valid(arriving)
        x = np.concatenate([self._task.encode(strip) for strip in _strips(arriving)], axis=2)
        self._side.put(x, tile)
        y = self._result(x) if len(x) == 1 else np.concatenate([self._result(one[np.newaxis]) for one in x])
        tall, wide = window.core_size(tile)
        kept: Array = y[tile.keep][:, :, : tile.scale * tall, : tile.scale * wide]
        if not is_finite(kept):
            raise WrongUse("The model's result holds values that are not finite; its training or its export failed.")
        return kept

    def _result(self, x: Array) -> Array:
        """Return the model's result for one padded picture, by windows where the model is defined in windows."""
        contract = self._engine.contract
        if contract.windows is None:
            return self._engine.run(x)
        return blended(self._engine.run, x, contract, contract.windows)


def is_finite(values: Array) -> bool:
    """Return whether all values are finite; the sum of finite ones seldom is not, and takes a fraction of the time.

    >>> is_finite(np.full(9, 3e38, np.float32)), is_finite(np.float32([0, np.inf])), is_finite(np.float32([0, np.nan]))
    (True, False, False)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())


def with_strength(task: Task, y: Array, core: Picture, strength: float) -> Array:
    """Return a result, blended with its source by the strength."""
    if strength == 1:
        return y
    source: Array = task.encode_target(core)
    channels = source.shape[1]  # without a mask, all
    blended: Array = source + np.float32(strength) * (y[:, :channels] - source)
    return blended if channels == y.shape[1] else np.concatenate([blended, y[:, channels:]], axis=1)


def require_pictures(contract: Contract) -> None:
    """Refuse a model for volumes where pictures are converted."""
    if contract.dimensions == 3:
        raise WrongUse(
            f"This model ({contract.network or contract.task}) is for volumes; name a multi-page TIFF, a NIfTI file, "
            "or with --stack a folder of slices."
        )


def require_strength(task: Task, strength: float) -> None:
    """Refuse a strength out of range, or one for a task whose results cannot be blended with the source."""
    if not 0 <= strength <= 1:
        raise WrongUse(f"strength is {strength:g}; it must be from 0 (the source) to 1 (the result).")
    if strength != 1 and not task.blendable:
        raise WrongUse(
            f"strength is {strength:g}; a result of {task.name} cannot be blended with its source; leave it out."
        )


def require_keep_colors(contract: Contract, keep_colors: bool) -> None:
    """Refuse to keep the source's colors where results have other colors than their sources, and with windows."""
    if not keep_colors:
        return
    if not contract.make_task().keeps_colors:
        raise WrongUse(
            f"The colors of the source cannot be kept in a result of {contract.task}; leave keep-colors out."
        )
    if contract.windows is not None:
        raise WrongUse(
            f"The colors of the source cannot be kept by a model that is defined in windows ({contract.network}); "
            "leave keep-colors out."
        )


def split_tile(tile: Tile, contract: Contract) -> tuple[Tile, Tile] | None:
    """Return two tiles instead of one, split across the longer side; None if its core is a single step.

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
    """Yield strips of a few rows."""
    rows = _strip_rows(picture.size[1])
    for start in range(0, picture.size[0], rows):
        yield replace(picture, pixels=picture.pixels[start : start + rows])


def _strip_rows(width: int) -> int:
    return max(STRIP_PIXELS // width, 1)


def _restore_hidden(result: Picture, source: Picture) -> Picture:
    """Return the result with the source's colors where alpha is 0, if both have the same size."""
    hidden = transparent_mask(source)
    if hidden is None or not result.has_alpha or result.size != source.size:
        return result
    kept = source.pixels if result.is_gray or not source.is_gray else source.pixels[:, :, [0, 0, 0, 1]]
    return replace(result, pixels=np.where(hidden, kept, result.pixels))


def require_valid(picture: Picture) -> None:
    """Refuse a float picture with values that a model cannot compute with."""
    if picture.depth != "float":
        return
    largest = np.abs(picture.pixels).max()
    if not np.isfinite(largest):
        raise WrongUse("The picture holds values that are not finite; replace them first.")
    if largest > LARGEST_VALUE:
        raise WrongUse(
            f"The picture holds values of {largest:.2g}, where white is 1; models can compute with at most "
            f"{LARGEST_VALUE:g}. Scale them first."
        )


def _moved(found: slice | Indices, by: int) -> Any:
    """Return row indices with an offset."""
    return slice(found.start + by, found.stop + by) if isinstance(found, slice) else found + by
