"""SSIM of luma as in its authors' code, with Gaussian windows of 11×11 pixels, σ = 1.5, in the valid region."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.metrics import Metric
from repix.metrics._pair import cut, luma_pictures
from repix.metrics._ssim import gaussian_window, similarity
from repix.parameters import Bounds, checked


@checked
def ssim_wang(
    result: Array,
    truth: Array,
    border: Annotated[int, "pixels to cut at each side; super-resolution papers cut the scale factor", Bounds(0)] = 0,
) -> float:
    """Return the mean SSIM of 8-bit gray levels, or of BT.601 luma for color (K1 = 0.01, K2 = 0.03).

    Args:
        result: floats in [0, 1], gray or RGB.
        truth: floats in [0, 1], gray or RGB.
        border: pixels to cut at each side.

    >>> import numpy as np
    >>> round(ssim_wang(np.full((16, 16), 0.4), np.full((16, 16), 0.5)), 4)
    0.9748
    """
    first, second = luma_pictures(result, truth)
    return similarity(cut(first, border), cut(second, border), gaussian_window(), 255).whole


METRIC = Metric(ssim_wang)
