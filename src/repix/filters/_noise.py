"""How strong the noise in a picture is, for the filters that must know."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.members import library

MAD_OF_STANDARD_NORMAL = 0.6744897501960817
"""Half of all normal numbers lie within this many standard deviations of their mean."""

ROUNDING = 1e-6
"""An estimate below this is what computing left behind, no noise."""


def noise_level(picture: Array, sigma: float | None) -> float:
    """The noise's standard deviation where white is 1: `sigma`/255, or an estimate if that is None."""
    return estimate_noise(picture) if sigma is None else sigma / 255


def estimate_noise(picture: Array) -> float:
    """The median size of the finest diagonal wavelet coefficients, as if all of them were noise (Donoho).

    Coefficients of exactly 0 come from flat or clipped regions and say nothing. Channels are averaged.

    >>> round(255 * estimate_noise(np.random.default_rng(0).normal(0.5, 25 / 255, (64, 64))))
    25
    """
    pywt = library("pywt")
    _, (_, _, diagonal) = pywt.dwt2(picture, "db2", mode="symmetric", axes=(0, 1))
    channels = np.abs(diagonal).reshape(diagonal.shape[0] * diagonal.shape[1], -1).T
    medians = [np.median(channel[channel > 0]) if channel.any() else 0.0 for channel in channels]
    level = float(np.mean(medians)) / MAD_OF_STANDARD_NORMAL
    return level if level > ROUNDING else 0.0
