"""PSNR of color pictures over all RGB values, rounded to 8 bits."""

from repix.arithmetic.arrays import Array
from repix.metrics import Metric
from repix.metrics._pair import color_pictures, eight_bits
from repix.metrics._psnr import pooled_psnr, psnr


def psnr_rgb(result: Array, truth: Array) -> float:
    """Return the PSNR in dB from one mean squared error over pixels and channels, after rounding to 8 bits.

    Args:
        result: floats in [0, 1], H×W×3.
        truth: floats in [0, 1], H×W×3.

    >>> import numpy as np
    >>> round(psnr_rgb(np.full((4, 4, 3), 0.4), np.full((4, 4, 3), 0.5)), 2)
    19.83
    """
    first, second = color_pictures(result, truth)
    return psnr(eight_bits(first), eight_bits(second), 255)


METRIC = Metric(psnr_rgb, unit="dB", best=float("inf"), pool=pooled_psnr)
