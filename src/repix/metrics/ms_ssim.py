"""Multi-scale SSIM (MS-SSIM) of luma over five scales."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape
from repix.metrics import Metric
from repix.metrics._pair import luma_pictures
from repix.metrics._ssim import gaussian_window, similarity

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents from fine to coarse (Wang, Simoncelli and Bovik, 2003)."""

SMALLEST = 11 * 2 ** (len(WEIGHTS) - 1)
"""Smallest side for which the coarsest scale contains a window."""


def ms_ssim(result: Array, truth: Array) -> float:
    """Return the product over five scales of the mean contrast term (coarsest scale: SSIM) raised to its weight.

    Scales are downsampled by 2×2 averages; an odd last row or column is repeated. A negative mean counts as 0.

    Args:
        result: floats in [0, 1], gray or RGB, at least 176×176 pixels.
        truth: floats in [0, 1], gray or RGB.

    Raises:
        WrongShape: the pictures are too small or differ in size.

    >>> import numpy as np
    >>> round(ms_ssim(np.full((176, 176), 0.4), np.full((176, 176), 0.5)), 4)
    0.9966
    """
    first, second = luma_pictures(result, truth)
    height, width = first.shape
    if min(height, width) < SMALLEST:
        raise WrongShape(
            f"the pictures are {height}×{width} (height × width); ms-ssim needs at least {SMALLEST}×{SMALLEST}."
        )
    product = 1.0
    for weight in WEIGHTS[:-1]:
        product *= max(similarity(first, second, gaussian_window(), 255).contrast, 0.0) ** weight
        first, second = _half(first), _half(second)
    coarsest = max(similarity(first, second, gaussian_window(), 255).whole, 0.0)
    return float(product * coarsest ** WEIGHTS[-1])


def _half(plane: Array) -> Array:
    """Return the means of 2×2 blocks."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    blocks: Array = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return blocks


METRIC = Metric(ms_ssim)
