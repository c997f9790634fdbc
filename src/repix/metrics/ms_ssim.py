"""SSIM over five scales: luma, each scale half the one before, weighted as its authors weigh them."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape
from repix.metrics import Protocol
from repix.metrics._pair import luma_pictures
from repix.metrics._ssim import gaussian_window, similarity

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""From fine to coarse (Wang, Simoncelli and Bovik, 2003)."""

SMALLEST = 11 * 2 ** (len(WEIGHTS) - 1)
"""The side of which the coarsest scale still holds one window."""


def ms_ssim(result: Array, truth: Array) -> float:
    """Product over five scales of the mean contrast part (of the coarsest: the whole SSIM) to its weight.

    Between scales every 2×2 pixels become their mean; an odd last row or column is repeated. A negative mean counts
    as 0. Pictures need 176×176 pixels.

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
    """The means of every 2×2 pixels."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    blocks: Array = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    return blocks


PROTOCOL = Protocol(ms_ssim)
