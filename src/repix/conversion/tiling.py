"""Tiling: tiles whose results together are exactly the result for the whole picture.

A tile has a core and reads the halo (the margin of the receptive field) around it, except at the picture's edges. Its
origin is a multiple of the model's step, so that strides fall on the same pixels. Nothing is blended. Each pixel is a
sum of the same products; in bf16 an engine may add them in another order for another tile size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import lcm
from types import EllipsisType

from repix.conversion.contract import Contract

Slices = tuple[EllipsisType, slice, slice]
"""Rows and columns, to index N×C×H×W."""

MOST_TILES = 64
"""Up to this number of tiles along a side every number is tried; above it, steps of a tenth."""
EVEN_WIDTH = 64
"""Engines divide rows into blocks: reading 1616 = 16 · 101 columns took up to 1.4 times the time per pixel of 1664."""
LITTLE = 1 / 16
"""So much wider, relative to the width, a tile may be for the sake of an even width."""
WIDE = 2**14
"""Width at which a pixel takes twice the time of one in a narrow tile, for caches hold fewer rows of wide ones: 1.25 to
1.35 times was measured at 2304 and 3000 columns with two networks, no difference with a third."""
TILE_OVERHEAD = 2**14
"""The overhead of a tile, as the number of pixels that are converted in the same time."""


@dataclass(frozen=True)
class AxisTile:
    """One axis of a tile: the range that is read, and the range of its core."""

    read: tuple[int, int]
    core: tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """Three rectangles, in pixels of the padded picture: what is read, kept and written.

    >>> tile = Tile(rows=AxisTile((8, 40), (16, 32)), columns=AxisTile((0, 24), (0, 16)), scale=2)
    >>> tile.read[1:], tile.keep[1:], tile.write[1:]
    ((slice(8, 40, None), slice(0, 24, None)), (slice(16, 48, None), slice(0, 32, None)), (slice(32, 64, None), ...
    """

    rows: AxisTile
    columns: AxisTile
    scale: int = 1

    @property
    def read(self) -> Slices:
        """The slices to read from the padded picture."""
        return ..., slice(*self.rows.read), slice(*self.columns.read)

    @property
    def keep(self) -> Slices:
        """The slices to keep of the tile's result."""
        rows, columns = (
            slice(*(self.scale * (end - cut.read[0]) for end in cut.core)) for cut in (self.rows, self.columns)
        )
        return ..., rows, columns

    @property
    def write(self) -> Slices:
        """The slices to write in the whole result."""
        rows, columns = (slice(*(self.scale * end for end in cut.core)) for cut in (self.rows, self.columns))
        return ..., rows, columns

    @property
    def read_size(self) -> tuple[int, int]:
        """Height and width of the part that is read."""
        return _length(self.rows.read), _length(self.columns.read)


@dataclass(frozen=True)
class TilePlan:
    """Bands of tiles from top to bottom, each with its tiles from left to right."""

    rows: tuple[AxisTile, ...]
    columns: tuple[AxisTile, ...]
    scale: int = 1
    memory: int = 0
    """The memory of a conversion with this plan in bytes, if it was computed."""

    def __iter__(self) -> Iterator[Tile]:
        """Yield every tile."""
        return (tile for rows in self.rows for tile in self.band(rows))

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def band(self, rows: AxisTile) -> Iterator[Tile]:
        """Yield the tiles of one band."""
        return (Tile(rows, columns, self.scale) for columns in self.columns)

    @property
    def read_size(self) -> tuple[int, int]:
        """Height and width of the part that each tile reads."""
        return _length(self.rows[0].read), _length(self.columns[0].read)


def plan_tiles(size: tuple[int, int], contract: Contract, fits: Callable[[int, int], bool]) -> TilePlan | None:
    """Return the cheapest tile plan for a padded picture of a size; None if no tile fits.

    `fits` returns whether a tile that reads a height and width is allowed. All tiles of a picture read the same size,
    so that an engine compiles for one size only.

    >>> found = plan_tiles((64, 512), Contract("denoise", step=8, halo=9), lambda height, width: width <= 256)
    >>> [tile.read[2] for tile in found]
    [slice(0, 192, None), slice(160, 352, None), slice(320, 512, None)]
    >>> [tile.write[2] for tile in found]
    [slice(0, 176, None), slice(176, 336, None), slice(336, 512, None)]
    """
    step, margin = contract.step, contract.margin
    whole = contract.halo is None or contract.size is not None
    grains = step, lcm(step, EVEN_WIDTH)
    tall, wide = (
        [(1, side)] if whole else list(tile_choices(side, step, margin, grain))
        for side, grain in zip(size, grains, strict=True)
    )
    best: tuple[int, int, int] | None = None
    for down, height in tall:
        across, width = _fewest(wide, lambda width, height=height: fits(height, width))  # type: ignore[misc]
        work = down * across * (height * width * (WIDE + width) // WIDE + TILE_OVERHEAD)
        if across and (best is None or work < best[0]):
            best = work, height, width
    if best is None:
        return None
    rows, columns = (tuple(axis_tiles(side, margin, read_size)) for side, read_size in zip(size, best[1:], strict=True))
    return TilePlan(rows, columns, contract.scale)


def axis_tiles(side: int, margin: int, read_size: int) -> Iterator[AxisTile]:
    """Yield the tiles of one axis; each reads `read_size`, with the margin around its core except at the ends.

    >>> [cut.core for cut in axis_tiles(40, margin=4, read_size=16)]
    [(0, 12), (12, 20), (20, 28), (28, 40)]
    """
    done = start = 0
    while start + read_size < side:
        end = start + read_size - margin
        yield AxisTile((start, start + read_size), (done, end))
        done, start = end, min(end - margin, side - read_size)
    yield AxisTile((side - read_size, side), (done, side))


def tile_choices(side: int, step: int, margin: int, grain: int = 1) -> Iterator[tuple[int, int]]:
    """Yield numbers of tiles along a side with the read sizes that suffice, in decreasing order of the size.

    For each number, these are the smallest multiple of `grain`, if it is little more than the smallest one, and that.

    >>> list(tile_choices(3000, step=8, margin=112, grain=64))[:4]
    [(1, 3000), (2, 1664), (2, 1616), (3, 1152)]
    """
    yield 1, side
    last, count = side, 1
    while last > 2 * margin + step:
        count = count + 1 if count < MOST_TILES else count + count // 10
        share = -(-(side - 2 * margin) // count)
        least = min(max(-(-share // step), 1) * step + 2 * margin, side)
        even = -(-least // grain) * grain
        for reading in (even, least):
            if reading < last and reading - least <= least * LITTLE:
                yield -(-(side - 2 * margin) // (reading - 2 * margin)), reading
                last = reading


def _fewest(choices: list[tuple[int, int]], fits: Callable[[int], bool]) -> tuple[int, int]:
    """Return the first choice that fits, by binary search: everything smaller than a fitting choice fits too."""
    low, high = 0, len(choices)
    while low < high:
        middle = (low + high) // 2
        if fits(choices[middle][1]):
            high = middle
        else:
            low = middle + 1
    return choices[low] if low < len(choices) else (0, 0)


def _length(stretch: tuple[int, int]) -> int:
    return stretch[1] - stretch[0]
