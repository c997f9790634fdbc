"""Adaptive Wiener filter: shrink each pixel towards the local mean where the local variance is mostly noise."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import WINDOW, Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import checked
from repix.registry import library


@checked
def wiener(
    picture: Array,
    sigma: NoiseLevel = None,
    size: Annotated[int, "side of the square neighborhood, in pixels", WINDOW] = 5,
) -> Array:
    """Return mean + (picture - mean) · max(variance - noise², 0) / variance, over `size`×`size` neighborhoods.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        size: side of the square neighborhood, in pixels.

    Returns:
        The denoised picture.

    >>> import numpy as np
    >>> wiener(np.array([[0.5, 0.52, 0.5, 0.0, 1.0, 0.0, 1.0]]), sigma=10, size=3).round(2).tolist()
    [[0.51, 0.51, 0.5, 0.0, 1.0, 0.0, 1.0]]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    middle = picture.mean(dtype=np.float64).astype(picture.dtype)  # subtracted, so that squares do not lose digits
    mean = _averaged(picture - middle, size)
    variance = _averaged(np.square(picture - middle), size) - np.square(mean)
    signal = np.maximum(variance - noise**2, 0)
    gain = np.divide(signal, variance, out=np.zeros_like(variance), where=signal > 0)
    filtered: Array = mean + middle + (picture - middle - mean) * gain
    return filtered


def _averaged(picture: Array, size: int) -> Array:
    cv2 = library("cv2")
    averaged: Array = cv2.blur(picture, (size, size), borderType=cv2.BORDER_REFLECT).reshape(picture.shape)
    return averaged


FILTER = Filter(wiener, denoises=True, shifts=True, stays_within=True)
