"""PSNR of gray pictures on float values, without rounding or clipping (denoising papers)."""

from repix.arithmetic.arrays import Array
from repix.metrics import Metric
from repix.metrics._pair import gray_pictures
from repix.metrics._psnr import pooled_psnr, psnr


def psnr_gray(result: Array, truth: Array) -> float:
    """Return the PSNR in dB of float values with white = 1, without rounding or clipping.

    Args:
        result: floats, H×W or H×W×1.
        truth: floats, H×W or H×W×1.

    >>> import numpy as np
    >>> round(psnr_gray(np.full((4, 4), 0.4), np.full((4, 4), 0.5)), 2)
    20.0
    """
    first, second = gray_pictures(result, truth)
    return psnr(first, second, 1)


METRIC = Metric(psnr_gray, unit="dB", best=float("inf"), pool=pooled_psnr)
