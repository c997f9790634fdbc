"""Flat areas: the noise that is left in them, and evidence that it is noise rather than texture.

Blocks of 16×16 pixels lose their mean and slope; what is left in the flattest ones of each brightness is noise, or
texture. Noise is alike in all flat blocks of a brightness, changes slowly with brightness, has no direction, and is
normally distributed. Texture is not: its blocks differ, many have a direction, and some have single strong pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.flat_blocks import FEWEST, FlatBlocks, flat_blocks

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


@dataclass(frozen=True)
class _Bin:
    """Measurements of the flat blocks of a brightness."""

    place: int
    """Number of the bin, from dark to bright."""
    count: int
    """Blocks of the brightness, flat or not."""
    low: float
    """The low quantile of the standard deviation of all of them."""
    ratio: float
    """Ratio of the standard deviations at FLAT and VERY_LOW."""
    correlation: float
    direction: float
    peaks: float
    roughness: float
    least_chroma: float
    """A low quantile of the stronger chroma's variance."""
    chroma: tuple[float, ...]
    """Medians of `FlatBlocks.chroma`; empty without chroma."""

    @classmethod
    def of(cls, blocks: FlatBlocks, place: int, inside: NDArray[np.bool_]) -> "_Bin":
        """Return the measurements of the blocks `inside` a bin."""
        deviations = np.sqrt(blocks.variance)
        very_low, low, flat = np.quantile(deviations[inside], (VERY_LOW, LOW, FLAT))
        chosen = inside & (deviations <= flat)
        across, down, variance = blocks.across[chosen], blocks.down[chosen], blocks.variance[chosen]
        chroma = blocks.chroma[chosen]
        return cls(
            place=place,
            count=int(inside.sum()),
            low=float(low),
            ratio=float(flat / very_low),
            correlation=float((across + down).mean() / 2 / variance.mean()),
            direction=float((np.abs(across - down) / variance).mean()),
            peaks=float(blocks.peaked[chosen].mean()),
            roughness=float(blocks.curved[chosen].mean() / variance.mean()),
            least_chroma=float(np.quantile(chroma[:, :2].max(axis=1), LEAST_CHROMA)) if chroma.size else 0.0,
            chroma=tuple(float(value) for value in np.median(chroma, axis=0)),
        )


def flat_areas(planes: Sequence[Array], chroma: Sequence[Array], usable: Sequence[NDArray[np.bool_]]) -> FlatAreas:
    """Return measurements of the flat areas.

    Args:
        planes: the luma of crops, H×W of gray levels.
        chroma: Cb and Cr of the same crops, H×W×2; none for gray pictures.
        usable: for each crop, the pixels that are not clipped.
    """
    blocks = flat_blocks(planes, chroma, usable)
    if not len(blocks):
        return FlatAreas(0.0, 0.0, 0.0, 9.0, 1.0, 1.0, 0.0, 0.0)
    places = np.floor(blocks.mean / LEVELS).astype(int)
    fewest = min(FEWEST, len(places) // 2)
    inside = {int(place): places == place for place in np.unique(places)}
    enough = {place: found for place, found in inside.items() if found.sum() >= fewest}
    return _summary([_Bin.of(blocks, *one) for one in (enough or {0: np.ones(len(places), bool)}).items()])


def _summary(bins: Sequence[_Bin]) -> FlatAreas:
    """Return the measurements of all bins together."""
    places, low, ratio = (np.array([getattr(one, name) for one in bins]) for name in ("place", "low", "ratio"))
    weights = np.array([one.count for one in bins]) / sum(one.count for one in bins)
    allowed = (low * SLOPE ** np.abs(places[:, np.newaxis] - places)).min(axis=1)
    level = float(np.sqrt(weights @ allowed**2))
    noisiest = weights * allowed / max(float(weights @ allowed), 1e-9)

    def mean(name: str, shares: Array = noisiest) -> float:
        return float(shares @ np.array([getattr(one, name) for one in bins]))

    spread, alike = _stronger(weights @ np.array([one.chroma for one in bins])) if bins[0].chroma else (0.0, 0.0)
    return FlatAreas(
        low=level,
        correlation=mean("correlation"),
        coverage=float(weights[(ratio < EVEN) & (low < SLOPE * allowed)].sum()),
        unevenness=float(np.log(mean("ratio"))),
        direction=mean("direction"),
        peaks=mean("peaks"),
        roughness=mean("roughness"),
        steepness=float(np.log(weights @ low / level)),
        chroma=spread,
        chroma_correlation=alike,
        least_chroma=mean("least_chroma", weights) ** 0.5,
    )


def _stronger(colors: Array) -> tuple[float, float]:
    """Return the standard deviation and the correlation of Cb or Cr, whichever is stronger."""
    one = int(colors[1] > colors[0])
    return float(colors[one]) ** 0.5, float(colors[2 + one] / max(float(colors[one]), 1e-9))
