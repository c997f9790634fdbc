"""Run a model for volumes on slabs of slices, tile by tile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.conversion.contract import mirrored_indices
from repix.conversion.engine import Engine
from repix.conversion.row_source import PictureRows
from repix.conversion.slab_plan import SlabPlan
from repix.conversion.tile_runner import BandRows, require_strength, require_valid, with_strength
from repix.conversion.tiling import AxisTile, Tile
from repix.errors import RepixError, WrongUse
from repix.pictures.picture import Picture

Progress = Callable[[int], None]
"""Called after each tile with its number of voxels."""
ReadSlice = Callable[[], Picture]
"""Returns the next slice of a volume."""


class SlabRunner:
    """Runs a model for volumes on an open volume; at most the slices of one slab are in memory.

    Args:
        engine: the model.
        strength: below 1, the result is blended with the source.
    """

    def __init__(self, engine: Engine, strength: float = 1.0) -> None:
        self._engine, self._strength = engine, strength
        self._task = engine.contract.make_task()
        require_strength(self._task, strength)

    def convert(
        self, read: ReadSlice, count: int, plan: SlabPlan, progress: Progress | None = None
    ) -> Iterator[tuple[Picture, Picture]]:
        """Yield each slice of the source with its result.

        Args:
            read: returns the next slice.
            count: number of slices.
            plan: the slabs and tiles.
            progress: called after each tile.
        """
        for slab in _slabs(read, count, plan):
            results: list[Picture | None] = [None] * len(slab.kept)
            for tile in plan.plane:
                for number, part in enumerate(self._tile(slab, tile)):
                    results[number] = _placed(results[number], part, tile, slab.size)
                if progress is not None:
                    height, width = slab.core_size(tile)
                    progress(len(slab.kept) * height * width)
            for place, result in zip(slab.kept, results, strict=True):
                assert result is not None  # noqa: S101 (every plan has a tile)
                yield slab.pictures[place], result

    def _tile(self, slab: "Slab", tile: Tile) -> Iterator[Picture]:
        """Yield the results of a tile, slice by slice, without halo and padding."""
        y = self._predict(slab, tile)
        for number, place in enumerate(slab.kept):
            core = slab.rows(place, tile).core(tile)[0]
            yield self._task.decode(with_strength(self._task, y[:, :, number], core, self._strength), core)

    def _predict(self, slab: "Slab", tile: Tile) -> Array:
        """Return the prediction for a tile, N×C×D×H×W, without halo and padding."""
        encoded: dict[int, Array] = {}
        for place in dict.fromkeys(slab.read):
            arriving = slab.rows(place, tile).read(tile)
            require_valid(arriving)
            encoded[place] = self._task.encode(arriving)
        x = np.stack([encoded[place] for place in slab.read], axis=2)  # N×C×D×H×W
        try:
            y = np.concatenate([self._engine.run(x[i : i + 1]) for i in range(len(x))])
        except MemoryError:
            depth, height, width = x.shape[2:]
            raise RepixError(
                f"There is not enough memory for a tile of {depth} slices of {width}×{height}; set a smaller --memory, "
                "or close other programs."
            ) from None
        height, width = slab.core_size(tile)
        kept: Array = y[:, :, slab.inside][tile.keep][..., :height, :width]
        if not np.isfinite(kept).all():
            raise WrongUse("The model's result holds values that are not finite; its training or its export failed.")
        return kept


@dataclass(frozen=True)
class Slab:
    """Some slices of a volume, for one pass of the model."""

    pictures: dict[int, Picture]
    """The slices by number."""
    read: tuple[int, ...]
    """Numbers of the slices that the model sees, with halo and mirrored padding."""
    kept: range
    """Numbers of the slices of the result."""
    inside: slice
    """Place of the result among the slices that the model sees."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the slices."""
        return self.pictures[self.kept[0]].size

    def rows(self, place: int, tile: Tile) -> BandRows:
        """Return the rows of a slice that a tile reads."""
        return BandRows.of(PictureRows(self.pictures[place]), tile.rows)

    def core_size(self, tile: Tile) -> tuple[int, int]:
        """Return height and width of a tile's core, without padding."""
        return self.rows(self.kept[0], tile).core_size(tile)


def _slabs(read: ReadSlice, count: int, plan: SlabPlan) -> Iterator[Slab]:
    """Yield the slabs with their slices, of which those that no later slab needs are dropped."""
    needed = [_numbers(cut, count) for cut in plan]
    pictures: dict[int, Picture] = {}
    done = 0
    for place, (cut, numbers) in enumerate(zip(plan, needed, strict=True)):
        oldest = min(min(later) for later in needed[place:])
        for number in [number for number in pictures if number < oldest]:
            del pictures[number]
        while done <= max(numbers):
            pictures[done] = read()
            done += 1
        start = cut.core[0] - cut.read[0]
        kept = range(cut.core[0], min(cut.core[1], count))
        if kept:
            yield Slab(pictures, numbers, kept, slice(start, start + len(kept)))


def _numbers(cut: AxisTile, count: int) -> tuple[int, ...]:
    """Return the numbers of the slices at a range of the padded volume."""
    found = mirrored_indices(*cut.read, count)
    return tuple(range(found.start, found.stop)) if isinstance(found, slice) else tuple(int(one) for one in found)


def _placed(whole: Picture | None, part: Picture, tile: Tile, size: tuple[int, int]) -> Picture:
    """Return a slice of the result with a tile's part in it."""
    if part.size == size:
        return part
    if whole is None:
        pixels: NDArray[Any] = np.empty((*size, part.pixels.shape[2]), part.pixels.dtype)
        whole = replace(part, pixels=pixels)
    top, left = tile.rows.core[0], tile.columns.core[0]
    whole.pixels[top : top + part.size[0], left : left + part.size[1]] = part.pixels
    return whole
