"""Blocks of 16×16 pixels that may be flat: each without its mean and slope, and what tells noise from texture in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.samples import WHITE

SIDE, STRIDE = 16, 8
"""Side of the blocks, and distance from one to the next."""
CLIPPED, ENOUGH = 0.02, 0.05
"""Share of clipped pixels in a block to be accepted; blocks with one clipped channel are, too, if less than this share
of the blocks is left."""
DARK, BRIGHTER = 20, 0.15
"""Darker blocks, in gray levels, are left out if at least this share is brighter: cameras and JPEG hide noise there."""
FEWEST = 60
"""Fewest blocks that are enough."""
PEAKED = 4.0
"""Kurtosis of blocks with single strong pixels; that of noise is 3."""
LEAST = 0.05
"""Least standard deviation; empty blocks count as having it."""


@dataclass(frozen=True, eq=False)
class FlatBlocks:
    """Measurements of N blocks without mean and slope."""

    mean: Array
    variance: Array
    across: Array
    """Covariance of neighbors in a row."""
    down: Array
    """Covariance of neighbors in a column."""
    peaked: NDArray[np.bool_]
    """True for blocks with single strong pixels."""
    curved: Array
    """Variance without curvature."""
    chroma: Array
    """Variance of Cb and Cr, and their covariances of neighbors: N×4, or N×0 without chroma."""

    def __len__(self) -> int:
        return len(self.mean)


def flat_blocks(planes: Sequence[Array], chroma: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> FlatBlocks:
    """Return the blocks that are not clipped and not dark; others only if there are too few.

    Args:
        planes: the luma of crops, H×W of gray levels.
        chroma: Cb and Cr of the same crops, H×W×2; none for gray pictures.
        usable: for each crop, the pixels that are not clipped.

    >>> len(flat_blocks([np.full((32, 24), 128.0)], [], [np.full((32, 24), True)]))
    6
    """
    blocks = _all_windows(planes)
    chosen = _chosen(blocks, _all_windows([(~good).astype(np.float32) for good in usable]).mean(axis=1))
    rest = _without(blocks[chosen], _plane())
    square = rest**2
    variance = np.maximum(square.mean(axis=1), LEAST**2)
    across, down = _neighbors(rest)
    colors = [
        _without(_all_windows([both[:, :, one] for both in chroma])[chosen], _plane()) for one in (0, 1) if chroma
    ]
    spread = [(one**2).mean(axis=1) for one in colors]
    alike = [sum(_neighbors(one)) / 2 for one in colors]
    return FlatBlocks(
        mean=blocks.mean(axis=1)[chosen],
        variance=variance,
        across=across,
        down=down,
        peaked=np.einsum("ni,ni->n", square, square) / SIDE**2 > PEAKED * variance**2,
        curved=np.maximum((_without(rest, _curves()) ** 2).mean(axis=1), LEAST**2),
        chroma=np.stack([*spread, *alike], axis=1) if colors else np.empty((len(variance), 0)),
    )


def _chosen(blocks: Array, clipped: Array) -> NDArray[np.bool_]:
    """Return which blocks are used; `clipped` is the share of clipped pixels in each."""
    chosen: NDArray[np.bool_] = clipped <= CLIPPED
    if chosen.sum() < max(ENOUGH * len(chosen), FEWEST):
        chosen = (blocks.min(axis=1) > 1) & (blocks.max(axis=1) < WHITE - 1)
    bright = chosen & (blocks.mean(axis=1) > DARK)
    return bright if bright.sum() >= max(BRIGHTER * chosen.sum(), FEWEST) else chosen


def _neighbors(rest: Array) -> tuple[Array, Array]:
    """Return the covariance of neighbors in a row, and that of neighbors in a column."""
    tiles = rest.reshape(-1, SIDE, SIDE)
    pairs = SIDE * (SIDE - 1)
    across: Array = np.einsum("nij,nij->n", tiles[:, :, 1:], tiles[:, :, :-1]) / pairs
    down: Array = np.einsum("nij,nij->n", tiles[:, 1:], tiles[:, :-1]) / pairs
    return across, down


def _all_windows(planes: Sequence[Array]) -> Array:
    return np.concatenate([_windows(plane) for plane in planes])


def _windows(plane: Array) -> Array:
    """Return blocks of a plane H×W, N×256; none for a smaller plane."""
    if min(plane.shape) < SIDE:
        return np.empty((0, SIDE**2), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(plane, (SIDE, SIDE))[::STRIDE, ::STRIDE]
    return windows.reshape(-1, SIDE**2)


def _without(blocks: Array, basis: Array) -> Array:
    """Return the blocks without what the basis spans."""
    rest: Array = (blocks @ basis) @ basis.T
    return np.subtract(blocks, rest, out=rest)


@cache
def _polynomials() -> Array:
    """Return an orthonormal basis of the quadratic polynomials of a block, 256×6: mean, slopes, curvature."""
    line = np.linspace(-1, 1, SIDE)
    across, down = (values.ravel() for values in np.meshgrid(line, line))
    parts = [np.ones(SIDE**2), across, down, across**2, down**2, across * down]
    basis: Array = np.linalg.qr(np.stack(parts, axis=1))[0].astype(np.float32)
    return basis


def _plane() -> Array:
    return _polynomials()[:, :3]


def _curves() -> Array:
    return _polynomials()[:, 3:]
