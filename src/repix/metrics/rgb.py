"""PSNR of colour pictures: over all three channels of the 8-bit rounded values."""

from repix.arithmetic.arrays import Array
from repix.metrics import Protocol
from repix.metrics._pair import colour_pictures, eight_bits
from repix.metrics._psnr import psnr


def rgb(result: Array, truth: Array) -> float:
    """PSNR in dB from one mean squared error over rows, columns and channels, of values rounded to 8 bits.

    >>> import numpy as np
    >>> round(rgb(np.full((4, 4, 3), 0.4), np.full((4, 4, 3), 0.5)), 2)
    19.83
    """
    first, second = colour_pictures(result, truth)
    return psnr(eight_bits(first), eight_bits(second), 255)


PROTOCOL = Protocol(rgb, unit="dB", best=float("inf"))
