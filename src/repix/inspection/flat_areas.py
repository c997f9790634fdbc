"""Flat areas: the noise that is left in them, and evidence that it is noise rather than texture.

Blocks of 16×16 pixels lose their mean and slope; what is left in the flattest ones of each brightness is noise, or
texture. Noise is alike in all flat blocks of a brightness, changes slowly with brightness, has no direction, and is
normally distributed. Texture is not: its blocks differ, many have a direction, and some have single strong pixels.
"""

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
"""Fewest blocks of a brightness, and of all."""
LEVELS = 16
"""Width of a brightness bin, in gray levels."""
VERY_LOW, LOW, FLAT = 0.03, 0.05, 0.3
"""Quantiles of the blocks' standard deviation: the noise is taken at LOW, and evenness from the others."""
LEAST_CHROMA = 0.1
"""The low quantile of the chroma."""
EVEN = 1.45
"""Largest ratio of the standard deviations at FLAT and VERY_LOW where there is noise."""
SLOPE = 1.35
"""Largest factor between the noise of neighboring brightness bins."""
PEAKED = 4.0
"""Kurtosis of blocks with single strong pixels; that of noise is 3."""
LEAST = 0.05
"""Blocks with less are empty."""


@dataclass(frozen=True)
class FlatAreas:
    """Measurements of the flat areas."""

    low: float
    """The low quantile of the standard deviation, in gray levels; 0 if there are no blocks."""
    correlation: float
    """Correlation of neighbors."""
    coverage: float
    """Share of the blocks in brightness bins where the flat ones are alike."""
    unevenness: float
    """Logarithm of the ratio of the standard deviations at FLAT and VERY_LOW."""
    direction: float
    """Mean difference of the correlations across and down."""
    peaks: float
    """Share of peaked blocks."""
    roughness: float
    """Share of the variance that is left when curvature is removed, too."""
    steepness: float
    """Logarithm of how much the flat blocks of some bins exceed what the others allow."""
    chroma: float = 0.0
    """Standard deviation of the stronger chroma channel in the flat blocks."""
    chroma_correlation: float = 0.0
    least_chroma: float = 0.0
    """A low quantile of the chroma's standard deviation in the flat blocks."""


@dataclass(frozen=True, eq=False)
class _Blocks:
    """Measurements of blocks without mean and slope, each field N."""

    mean: Array
    variance: Array
    across: Array
    """Covariance of neighbors in a row."""
    down: Array
    peaked: NDArray[np.bool_]
    curved: Array
    """Variance without curvature."""
    chroma: Array
    """Variance of Cb and Cr, and their covariances of neighbors: N×4, or N×0 without chroma."""


def flat_areas(planes: Sequence[Array], chroma: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> FlatAreas:
    """Return measurements of the flat areas.

    Args:
        planes: the luma of crops, H×W of gray levels.
        chroma: Cb and Cr of the same crops, H×W×2; none for gray pictures.
        usable: for each crop, the pixels that are not clipped.
    """
    blocks = _measured(planes, chroma, usable)
    if len(blocks.mean) == 0:
        return FlatAreas(0.0, 0.0, 0.0, 9.0, 1.0, 1.0, 0.0, 0.0)
    places = np.floor(blocks.mean / LEVELS).astype(int)
    fewest = min(FEWEST, len(places) // 2)
    chosen = [place for place in np.unique(places) if (places == place).sum() >= fewest] or [None]
    rows = [_row(blocks, np.ones(len(places), bool) if place is None else places == place) for place in chosen]
    return _summary(np.array([place or 0 for place in chosen]), np.array(rows))


def _summary(places: NDArray[np.intp], rows: Array) -> FlatAreas:
    """Return the measurements of all bins together."""
    count, low, ratio, variance, neighbors, direction, peaks, curved, least, *colors = rows.T
    weights = count / count.sum()
    allowed = (low * SLOPE ** np.abs(places[:, np.newaxis] - places)).min(axis=1)
    level = float(np.sqrt(weights @ allowed**2))
    spread, alike = _stronger(weights @ np.array(colors).T) if colors else (0.0, 0.0)
    stress = weights * allowed / max(float(weights @ allowed), 1e-9)
    return FlatAreas(
        low=level,
        correlation=float(stress @ (neighbors / variance)),
        coverage=float(weights[(ratio < EVEN) & (low < SLOPE * allowed)].sum()),
        unevenness=float(np.log(stress @ ratio)),
        direction=float(stress @ direction),
        peaks=float(stress @ peaks),
        roughness=float(stress @ (curved / variance)),
        steepness=float(np.log(weights @ low / level)),
        chroma=spread,
        chroma_correlation=alike,
        least_chroma=float(weights @ least) ** 0.5,
    )


def _stronger(colors: Array) -> tuple[float, float]:
    """Return the standard deviation and the correlation of Cb or Cr, whichever is stronger."""
    one = int(colors[1] > colors[0])
    return float(colors[one]) ** 0.5, float(colors[2 + one] / max(float(colors[one]), 1e-9))


def _row(blocks: _Blocks, inside: NDArray[np.bool_]) -> list[float]:
    """Return the measurements of the blocks of a brightness."""
    found = np.sqrt(blocks.variance[inside])
    very_low, low, flat = np.quantile(found, (VERY_LOW, LOW, FLAT))
    chosen = inside & (np.sqrt(blocks.variance) <= flat)
    chroma = blocks.chroma[chosen]
    across, down, variance = blocks.across[chosen], blocks.down[chosen], blocks.variance[chosen]
    return [
        len(found),
        float(low),
        float(flat / very_low),
        float(variance.mean()),
        float((across + down).mean() / 2),
        float((np.abs(across - down) / variance).mean()),
        float(blocks.peaked[chosen].mean()),
        float(blocks.curved[chosen].mean()),
        float(np.quantile(chroma[:, :2].max(axis=1), LEAST_CHROMA)) if chroma.size else 0.0,
        *(float(value) for value in np.median(chroma, axis=0)),
    ]


def _measured(planes: Sequence[Array], chroma: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> _Blocks:
    """Return the blocks that are not clipped and not dark; others only if there are too few."""
    blocks = _all_windows(planes)
    clipped = _all_windows([(~good).astype(np.float32) for good in usable]).mean(axis=1)
    mean = blocks.mean(axis=1)
    chosen = clipped <= CLIPPED
    if chosen.sum() < max(ENOUGH * len(chosen), FEWEST):
        chosen = (blocks.min(axis=1) > 1) & (blocks.max(axis=1) < WHITE - 1)
    bright = chosen & (mean > DARK)
    if bright.sum() >= max(BRIGHTER * chosen.sum(), FEWEST):
        chosen = bright
    rest = _without(blocks[chosen], _plane())
    square = rest**2
    variance = np.maximum(square.mean(axis=1), LEAST**2)
    across, down = _neighbors(rest)
    colors = [
        _without(_all_windows([both[:, :, one] for both in chroma])[chosen], _plane()) for one in (0, 1) if chroma
    ]
    spread = [(one**2).mean(axis=1) for one in colors]
    alike = [sum(_neighbors(one)) / 2 for one in colors]
    return _Blocks(
        mean=mean[chosen],
        variance=variance,
        across=across,
        down=down,
        peaked=np.einsum("ni,ni->n", square, square) / SIDE**2 > PEAKED * variance**2,
        curved=np.maximum((_without(rest, _curves()) ** 2).mean(axis=1), LEAST**2),
        chroma=np.stack([*spread, *alike], axis=1) if colors else np.empty((len(variance), 0)),
    )


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
    rest: Array = blocks - (blocks @ basis) @ basis.T
    return rest


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
