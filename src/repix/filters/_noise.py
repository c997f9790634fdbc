"""Noise level estimation."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.registry import library

MAD_OF_STANDARD_NORMAL = 0.6744897501960817
"""Median absolute deviation of the standard normal distribution."""

ROUNDING = 1e-6
"""Estimates below this are rounding errors and count as 0."""


def noise_level(picture: Array, sigma: float | None) -> float:
    """Return the standard deviation of the noise with white = 1: `sigma`/255, or an estimate if `sigma` is None."""
    return estimate_noise(picture) if sigma is None else sigma / 255


def estimate_noise(picture: Array) -> float:
    """Return Donoho's noise estimate from the median absolute finest diagonal wavelet coefficient.

    Coefficients of exactly 0, which come from flat or clipped regions, are ignored. Channels are averaged.

    >>> round(255 * estimate_noise(np.random.default_rng(0).normal(0.5, 25 / 255, (64, 64))))
    25
    """
    pywt = library("pywt")
    _, (_, _, diagonal) = pywt.dwt2(picture, "db2", mode="symmetric", axes=(0, 1))
    channels = np.abs(diagonal).reshape(diagonal.shape[0] * diagonal.shape[1], -1).T
    medians = [np.median(channel[channel > 0]) if channel.any() else 0.0 for channel in channels]
    level = float(np.mean(medians)) / MAD_OF_STANDARD_NORMAL
    return level if level > ROUNDING else 0.0
