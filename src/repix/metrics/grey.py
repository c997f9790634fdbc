"""PSNR of grey pictures on float values, without rounding or clipping (denoising papers)."""

from repix.arithmetic.arrays import Array
from repix.metrics import Protocol
from repix.metrics._pair import grey_pictures
from repix.metrics._psnr import psnr


def grey(result: Array, truth: Array) -> float:
    """Return the PSNR in dB of float values with white = 1, without rounding or clipping.

    Args:
        result: floats, H×W or H×W×1.
        truth: floats, H×W or H×W×1.

    >>> import numpy as np
    >>> round(grey(np.full((4, 4), 0.4), np.full((4, 4), 0.5)), 2)
    20.0
    """
    first, second = grey_pictures(result, truth)
    return psnr(first, second, 1)


PROTOCOL = Protocol(grey, unit="dB", best=float("inf"))
