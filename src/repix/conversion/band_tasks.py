"""Bands of one picture as tasks, which any process does that has the model open; their results are joined in order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from repix.conversion.change import Change
from repix.conversion.convert import ProgressCallback, convert_band
from repix.conversion.engine import Engine
from repix.conversion.row_source import RowSource
from repix.conversion.side_reader import SideReader
from repix.conversion.tile_runner import BandRows, TileRunner
from repix.conversion.tiling import AxisTile, Tile, TilePlan
from repix.pictures import Picture
from repix.side_inputs import NO_SIDE, Side

BYTES_PER_PIXEL = 16
"""Bytes of a pixel at most: four channels of float32."""


@dataclass(frozen=True)
class Band:
    """The rows that a band of tiles reads, and its tiles."""

    window: BandRows
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class ConvertedBand:
    """The result of a band."""

    picture: Picture
    change: Change
    """The mean difference of the band and its result."""


Spread = Callable[[Iterable[Band], int], Iterator[ConvertedBand]]
"""Converts bands, so many at the same time at most, and yields the results in their order."""


@dataclass(frozen=True)
class BandConverter:
    """Converts bands of any pictures with one model."""

    engine: Engine
    strength: float = 1.0
    keep_colors: bool = False
    side: Side = field(default_factory=lambda: NO_SIDE)

    def convert(self, band: Band) -> ConvertedBand:
        """Return the result of a band."""
        change, reader = Change(), SideReader.of(self.engine.contract, self.side, band.window.size)
        runner = TileRunner(self.engine, self.strength, self.keep_colors, change, reader)
        return ConvertedBand(convert_band(band.window, band.tiles, runner), change)


def spread_bands(
    source: RowSource,
    plan: TilePlan,
    spread: Spread,
    memory: int | None,
    change: Change | None = None,
    progress: ProgressCallback | None = None,
) -> Iterator[Picture]:
    """Yield the result of a picture as bands of rows, from top to bottom, as `convert_bands` does.

    Args:
        source: the rows; they are read in the caller's thread.
        plan: the bands and their tiles.
        spread: converts the bands.
        memory: bytes that bands on the way may take here; None: no limit.
        change: gets how much the picture was changed.
        progress: called after each band with its number of pixels.
    """
    bands = (Band(_owned(BandRows.of(source, rows)), tuple(plan.band(rows))) for rows in plan.rows)
    each = plan.read_size[0] * source.size[1] * BYTES_PER_PIXEL * (1 + plan.scale**2)
    most = len(plan.rows) if memory is None else max(memory // each, 1)
    for rows, found in zip(plan.rows, spread(bands, most), strict=True):
        if change is not None:
            change.include(found.change)
        if progress is not None:
            progress(_height(rows, source) * source.size[1])
        yield found.picture


def _height(rows: AxisTile, source: RowSource) -> int:
    return min(rows.core[1], source.size[0]) - rows.core[0]


def _owned(window: BandRows) -> BandRows:
    """Return the same rows in memory of their own, for the source may use its memory again."""
    picture = replace(window.picture, pixels=window.picture.pixels.copy())
    if window.visible is window.picture:
        return replace(window, picture=picture, visible=picture)
    return replace(window, picture=picture, visible=replace(window.visible, pixels=window.visible.pixels.copy()))
