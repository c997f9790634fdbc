"""Peak signal-to-noise ratio."""

import math
from collections.abc import Sequence

import numpy as np

from repix.arithmetic.arrays import Array


def psnr(result: Array, truth: Array, white: float) -> float:
    """Return 10·log10(white² / mean squared error) in dB; infinite for equal arrays.

    >>> round(psnr(np.array([0.0, 0.0]), np.array([0.1, -0.1]), 1.0), 6)
    20.0
    """
    error = float(np.mean(np.square(result - truth)))
    return 10 * math.log10(white**2 / error) if error > 0 else math.inf


def pooled_psnr(values: Sequence[float]) -> float:
    """Return the PSNR of the mean of the squared errors, of the PSNRs of several pictures.

    The mean of PSNRs is the PSNR of the geometric mean instead, which one picture nearly without errors dominates.

    >>> round(pooled_psnr([20.0, 100.0]), 2), pooled_psnr([math.inf])
    (23.01, inf)
    """
    error = math.fsum(10 ** (-value / 10) for value in values) / len(values)
    return -10 * math.log10(error) if error != 0 else math.inf
