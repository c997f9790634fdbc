"""Patterns made visible: deviations that are amplified, and spectra as pictures."""

import numpy as np

from repix.arithmetic.arrays import Array

MOST = 1000.0
"""The largest amplification."""
DECIBELS = 90
"""The range of the pictures of spectra."""


def amplified(planes: Array, reference: float, *, is_constant: bool) -> tuple[Array, float]:
    """Return the deviations of planes C×H×W as gray levels around 0.5, and by how much they are amplified.

    Args:
        planes: a part of a result.
        reference: the size of the result's values, which becomes 1.
        is_constant: whether the input is constant; deviations are then those from the mean, otherwise from the mean of
            each pixel's neighborhood.

    >>> amplified(np.array([[[0.4, 0.6]]]), 1.0, is_constant=True)[0].round(3).tolist()
    [[[0.0, 1.0]]]
    """
    deviation = planes - (planes.mean(axis=(1, 2), keepdims=True) if is_constant else _blurred(planes))
    largest = float(np.abs(deviation).max())
    gain = min(MOST, 0.5 * reference / largest) if largest > 0 else 1.0
    return 0.5 + deviation * gain / reference, gain


def spectrum_picture(power: Array) -> Array:
    """Return a power spectrum as gray levels from 0 to 1, logarithmic; frequency 0 is in the middle.

    >>> spectrum_picture(np.array([[1.0, 1e-9], [1e-9, 1e-9]])).round(3).tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    centered = np.fft.fftshift(power)
    decibels = 10 * np.log10(np.maximum(centered / max(centered.max(), 1e-30), 10 ** (-DECIBELS / 10)))
    gray: Array = 1 + decibels / DECIBELS
    return gray


def _blurred(planes: Array, reach: int = 4) -> Array:
    """Return the mean of a square neighborhood of each pixel."""
    side = 2 * reach + 1
    padded = np.pad(planes, ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    under = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(1, 2))
    mean: Array = under.mean(axis=(-2, -1))
    return mean
