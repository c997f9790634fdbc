"""PSNR of grey pictures: of the values as they are, neither rounded nor clipped (denoising)."""

from repix.arithmetic.arrays import Array
from repix.metrics import Protocol
from repix.metrics._pair import grey_pictures
from repix.metrics._psnr import psnr


def grey(result: Array, truth: Array) -> float:
    """PSNR in dB with white = 1; values between the 8-bit levels and outside [0, 1] count as they are.

    >>> import numpy as np
    >>> round(grey(np.full((4, 4), 0.4), np.full((4, 4), 0.5)), 2)
    20.0
    """
    first, second = grey_pictures(result, truth)
    return psnr(first, second, 1)


PROTOCOL = Protocol(grey, unit="dB", best=float("inf"))
