"""Convert a picture with a model, tile by tile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.budget import Budget
from repix.conversion.engine import Engine
from repix.conversion.model_loader import open_model
from repix.conversion.row_source import PictureRows, RowSource
from repix.conversion.side_reader import SideReader
from repix.conversion.stack_slabs import convert_slabs
from repix.conversion.tile_runner import BandRows, TileRunner
from repix.conversion.tiling import Tile, TilePlan
from repix.errors import WrongUse
from repix.pictures.picture import Picture
from repix.side_inputs import NO_SIDE, Side
from repix.volumes import Stack

DEFAULT_BUDGET = Budget()

ProgressCallback = Callable[[int], None]
"""Called after each tile with its number of pixels; an exception from it ends the conversion."""


def convert(
    picture: Picture,
    model: Engine | str | Path,
    budget: Budget = DEFAULT_BUDGET,
    strength: float = 1.0,
    keep_colors: bool = False,
    side: Side = NO_SIDE,
) -> Picture:
    """Return the result of a model for a picture of any size.

    Large pictures are converted in tiles that overlap by the model's halo. The result does not depend on the budget: it
    is bit-exact in float32; in bf16 another budget may change it by one gray level (8-bit).

    A model for pictures converts each slice of a stack alone.

    Args:
        picture: the picture, or the stack of slices of a volume.
        model: an open model, a model file, the folder of a run, or the name of a bundled model.
        budget: the memory limit.
        strength: below 1, the result is blended with the picture.
        keep_colors: the low frequencies of the colors stay those of the picture.
        side: values of the model's side inputs by name, such as color hints; others have their default values.

    Returns:
        The result, with the picture's depth, profile and metadata.

    Raises:
        WrongUse: this is not a picture; the strength is out of range, or the result of this task cannot be blended, or
            has other colors; or a side input does not fit the model.
        WrongShape: the model takes one size only, and the picture has another; or a side input has another size.
        Unreadable: the model cannot be opened.
        TooLarge: the budget is too small for a tile.

    >>> from repix.conversion import Contract, Echo
    >>> echo = Echo(Contract("upscale", channels=(3, 3), scale=2, step=8))
    >>> convert(Picture(np.zeros((5, 9, 3), np.uint8)), echo)
    Picture(18×10 RGB, depth 8)
    """
    if not isinstance(picture, Picture | Stack):
        raise WrongUse(
            f"convert takes a repix.Picture or a Stack, not a {type(picture).__name__}; `repix.converter` gives a "
            "function that takes arrays, paths, bytes and pictures of Pillow."
        )
    engine = open_model(model) if isinstance(model, str | Path) else model
    if isinstance(picture, Stack):
        return _stack(picture, engine, budget, strength, keep_colors, side)
    reader = SideReader.of(engine.contract, side, picture.size)
    runner = TileRunner(engine, strength, keep_colors, side=reader)
    plan = budget.on(engine).plan(picture.size, picture, runner.contract)
    return concatenate_bands(convert_bands(PictureRows(picture), runner, plan))


def _stack(stack: Stack, engine: Engine, budget: Budget, strength: float, keep_colors: bool, side: Side) -> Stack:
    """Return the result for a stack: of a model for volumes, or of one for pictures, slice by slice."""
    slices = engine.contract.slices
    if slices is not None:
        return convert_slabs(stack, engine, slices, budget, strength)
    numbers = range(stack.slices)
    return stack.with_slices(
        [convert(stack.slice(one), engine, budget, strength, keep_colors, side) for one in numbers]
    )


def concatenate_bands(bands: Iterable[Picture]) -> Picture:
    """Return bands of rows as one picture."""
    found = list(bands)
    return found[-1] if len(found) == 1 else replace(found[-1], pixels=np.concatenate([one.pixels for one in found]))


def predict(
    picture: Picture,
    engine: Engine,
    budget: Budget = DEFAULT_BUDGET,
    progress: ProgressCallback | None = None,
    side: Side = NO_SIDE,
) -> Array:
    """Return the model's prediction for a picture, N×C×H×W: for segmentation, the class probabilities.

    >>> from repix.conversion import Contract, Echo
    >>> classes = Contract("segment", {"values": [0, 1]}, channels=(3, 2))
    >>> predict(Picture(np.zeros((5, 9, 3), np.uint8)), Echo(classes)).shape
    (1, 2, 5, 9)
    """
    runner = TileRunner(engine, side=SideReader.of(engine.contract, side, picture.size))
    plan = budget.on(engine).plan(picture.size, picture, engine.contract)
    bands = []
    for rows in plan.rows:
        window, tiles = BandRows.of(PictureRows(picture), rows), []
        for tile in plan.band(rows):
            tiles.append(runner.predict(window, tile))
            _report(progress, window, tile)
        bands.append(np.concatenate(tiles, axis=3))
    return np.concatenate(bands, axis=2)


def convert_bands(
    source: RowSource, runner: TileRunner, plan: TilePlan, progress: ProgressCallback | None = None
) -> Iterator[Picture]:
    """Yield the result of a picture as bands of rows, from top to bottom."""
    for rows in plan.rows:
        yield convert_band(BandRows.of(source, rows), list(plan.band(rows)), runner, progress)


def convert_band(
    window: BandRows, tiles: Sequence[Tile], runner: TileRunner, progress: ProgressCallback | None = None
) -> Picture:
    """Return the result of one band: its tiles side by side."""
    band: Picture | None = None
    for tile in tiles:
        result = runner.convert(window, tile)
        if len(tiles) == 1:
            band = result
        else:
            band = band or _empty(result, tile.scale * window.size[1])
            band.pixels[:, tile.write[2]] = result.pixels
        _report(progress, window, tile)
    assert band is not None  # noqa: S101 (every band has a tile)
    return band


def _report(progress: ProgressCallback | None, window: BandRows, tile: Tile) -> None:
    if progress is not None:
        height, width = window.core_size(tile)
        progress(height * width)


def _empty(like: Picture, width: int) -> Picture:
    """Return an uninitialized band of this width, with the type of `like`."""
    height, _, channels = like.pixels.shape
    return replace(like, pixels=np.empty((height, width, channels), like.pixels.dtype))
