"""Sharpness of edges: the standard deviation of the blur that the strongest edges show.

The picture is blurred again, by a known amount; the less its edges lose, the more blurred they were (Zhuo and Sim,
"Defocus map estimation from a single image", 2011).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array

BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""A filter of variance 1."""
FINE, COARSE = 1.17, 6.07
"""Variances of the two blurred pictures, with that of the difference and of natural edges (fitted on photos; ideal
step edges would have 1.33 and 5.33): one binomial filter, then another of twice the spacing."""
STRONG = 0.97
"""The quantile of the gradient from which on edges are used."""
CONTRAST, ABOVE = 2.0, 3.0
"""Least gradient of an edge, in gray levels per pixel, and in standard deviations of the noise."""
FEWEST = 50
LARGEST = 6.0
"""Larger blur is not told."""


def edge_blur(planes: Sequence[Array], noise: float) -> float | None:
    """Return the blur of the strongest edges as a standard deviation in pixels; None without edges.

    Args:
        planes: crops H×W of gray levels.
        noise: standard deviation of their noise.

    >>> step = np.full((128, 128), 50.0)
    >>> step[:, 60:] = 200
    >>> edge_blur([step], 0.0) < 1
    True
    """
    ratios = [ratio for plane in planes if min(plane.shape) > 16 and len(ratio := _ratios(plane, noise))]
    found = np.concatenate(ratios) if ratios else np.empty(0)
    if len(found) < FEWEST:
        return None
    ratio = np.maximum(np.median(found), 1.001)
    variance = np.clip((COARSE - ratio * FINE) / (ratio - 1), 0, LARGEST**2)
    return float(np.sqrt(variance))


def _ratios(plane: Array, noise: float) -> Array:
    """Return the squared ratio of fine and coarse gradients at each point of an edge."""
    fine = _blurred(plane, 1)
    down, across = _gradients(fine)
    coarse_down, coarse_across = _gradients(_blurred(fine, 2))
    strength, coarse = down**2 + across**2, coarse_down**2 + coarse_across**2
    least = max(float(np.quantile(strength, STRONG)), max(CONTRAST, ABOVE * noise) ** 2)
    edges = (strength >= least) & _is_ridge(strength, np.abs(across) > np.abs(down))
    edges[:8] = edges[-8:] = edges[:, :8] = edges[:, -8:] = False
    found: Array = strength[edges] / np.maximum(coarse[edges], 1e-6)
    return found


def _blurred(plane: Array, spacing: int) -> Array:
    for axis in (0, 1):
        total = np.zeros_like(plane)
        for tap, weight in enumerate(BINOMIAL):
            total += np.float32(weight) * np.roll(plane, (tap - 2) * spacing, axis)
        plane = total
    return plane


def _gradients(plane: Array) -> tuple[Array, Array]:
    return (np.roll(plane, -1, 0) - np.roll(plane, 1, 0)) / 2, (np.roll(plane, -1, 1) - np.roll(plane, 1, 1)) / 2


def _is_ridge(strength: Array, is_across: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where the gradient is largest along its own direction, the nearer axis."""
    down, across = (
        (strength >= np.roll(strength, 1, axis)) & (strength > np.roll(strength, -1, axis)) for axis in (0, 1)
    )
    ridge: NDArray[np.bool_] = np.where(is_across, across, down)
    return ridge
