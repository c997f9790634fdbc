"""Peak signal-to-noise ratio."""

import math

import numpy as np

from repix.arithmetic.arrays import Array


def psnr(result: Array, truth: Array, white: float) -> float:
    """Return 10·log10(white² / mean squared error) in dB; infinite for equal arrays.

    >>> round(psnr(np.array([0.0, 0.0]), np.array([0.1, -0.1]), 1.0), 6)
    20.0
    """
    error = float(np.mean(np.square(result - truth)))
    return 10 * math.log10(white**2 / error) if error > 0 else math.inf
