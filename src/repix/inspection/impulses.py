"""Salt and pepper: the share of pixels that are black or white although their neighbors are neither.

A pixel is an impulse if it is at an end of the range and differs strongly from the mean of its 5×5 neighborhood,
without the pixels at the ends (the detection step of switching median filters: Chan, Ho and Nikolova, "Salt-and-pepper
noise removal by median-type noise detectors", 2005). Structures of black and white, such as text, are told by
neighbors that are alike more often than by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.inspection.samples import brightest, darkest

BLACK, WHITE = 0.25, 254.75
"""The ends of the range."""
RADIUS = 2
FEWEST = 3
"""Fewest neighbors within the range for a judgement."""
TELLING = (60, 195)
"""Means of neighbors from which both black and white are far: the share is counted there."""
LEAST = 0.003
"""Smaller shares are specks of the picture."""
LEAST_OF_EACH = 0.1
"""Least share of black, and of white, among the impulses."""
STRUCTURE = 2.0
"""Largest number of neighboring impulses, relative to that of random positions."""


@dataclass(frozen=True, eq=False)
class Impulses:
    """Salt and pepper in a picture."""

    share: float
    """Share of changed pixels; 0 if there is no salt and pepper."""
    filled: tuple[Array, ...]
    """The crops without the impulses, which are replaced by their neighbors' mean."""


def impulses(crops: Sequence[Array]) -> Impulses:
    """Return the share of salt and pepper in crops H×W×C, and the crops without it.

    >>> picture = np.full((64, 64, 1), 128.0)
    >>> picture[::8, ::8], picture[4::8, ::8] = 0, 255
    >>> round(impulses([picture]).share, 3)
    0.031
    """
    found = [_Found.of(crop) for crop in crops]
    counted, isolated, black, pairs = (sum(getattr(one, name) for one in found) for name in _Found.COUNTS)
    share = isolated / max(counted, 1)
    chance = share * isolated
    if share < LEAST or min(black, isolated - black) < LEAST_OF_EACH * isolated:
        return Impulses(0.0, tuple(crops))
    if pairs > STRUCTURE * chance + 3 * chance**0.5 + 3:
        return Impulses(0.0, tuple(crops))
    return Impulses(share, tuple(_filled(crop) for crop in crops))


@dataclass(frozen=True)
class _Found:
    """Counts of a crop."""

    COUNTS: ClassVar = ("counted", "isolated", "black", "pairs")
    counted: int
    """Pixels whose neighbors' mean is far from black and white."""
    isolated: int = 0
    """Impulses among them."""
    black: int = 0
    pairs: int = 0
    """Impulses with an impulse on their left."""

    @classmethod
    def of(cls, crop: Array) -> "_Found":
        """Return the counts; impulses have all channels at one end of the range."""
        low, high = brightest(crop) <= BLACK, darkest(crop) >= WHITE
        if not low.any() or not high.any():
            return cls(crop.shape[0] * crop.shape[1])
        ends = low | high
        level, enough = _neighbors(crop[:, :, crop.shape[2] // 2], ~ends)
        telling = enough & (level > TELLING[0]) & (level < TELLING[1])
        isolated = ends & telling
        pairs = isolated[:, 1:] & isolated[:, :-1]
        return cls(*(int(np.count_nonzero(one)) for one in (telling, isolated, isolated & low, pairs)))


def _filled(crop: Array) -> Array:
    """Return a crop whose black and white pixels are replaced by the mean of the others around them."""
    ends = (brightest(crop) <= BLACK) | (darkest(crop) >= WHITE)
    planes = []
    for channel in range(crop.shape[2]):
        means, enough = _neighbors(crop[:, :, channel], ~ends)
        planes.append(np.where(ends & enough, means, crop[:, :, channel]))
    return np.stack(planes, axis=2)


def _neighbors(plane: Array, good: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Return the mean of the good pixels around each pixel, and where there are enough of them."""
    weights = _box(good.astype(np.float32))
    sums = _box(np.where(good, plane, 0).astype(np.float32))
    return sums / np.maximum(weights, 1), weights >= FEWEST


def _box(plane: Array) -> Array:
    """Return sums over a square; pixels beyond the border count as 0."""
    height, width = plane.shape
    padded = np.pad(plane, RADIUS)
    columns = np.zeros((height + 2 * RADIUS, width), np.float32)
    total = np.zeros((height, width), np.float32)
    for shift in range(2 * RADIUS + 1):
        columns += padded[:, shift : shift + width]
    for shift in range(2 * RADIUS + 1):
        total += columns[shift : shift + height]
    return total
