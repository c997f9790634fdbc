"""Bilateral filter: average of neighbors weighted by distance and by color difference."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.parameters import Bounds, checked
from repix.registry import library


@checked
def bilateral(
    picture: Array,
    sigma: NoiseLevel = None,
    spread: Annotated[float, "standard deviation of the spatial Gaussian, in pixels", Bounds(0.1, 100)] = 1.5,
    contrast: Annotated[float, "standard deviation of the range Gaussian, in noise levels", Bounds(0.01, 1000)] = 2.5,
) -> Array:
    """Average the pixels within 2 `spread`, weighted by a spatial Gaussian and a Gaussian of the color difference.

    The color difference of two pixels is the mean absolute difference over channels. Edges well above `contrast`
    times the noise level are kept. The filter computes in float32.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.
        spread: standard deviation of the spatial Gaussian, in pixels.
        contrast: standard deviation of the range Gaussian, in noise levels.

    Returns:
        The denoised picture.

    >>> bilateral(np.array([[0.1, 0.2, 0.9, 0.8]]), sigma=10).round(2).tolist()
    [[0.13, 0.16, 0.86, 0.83]]
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    if noise == 0:
        return picture.copy()
    cv2 = library("cv2")
    side = 2 * int(2 * spread + 0.5) + 1
    channels = 3 if picture.shape[2:] == (3,) else 1  # OpenCV adds the channels' differences up
    single = picture.astype(np.float32, copy=False)
    filtered: Array = cv2.bilateralFilter(
        single, side, sigmaColor=contrast * noise * channels, sigmaSpace=spread, borderType=cv2.BORDER_REFLECT
    )
    return filtered.reshape(picture.shape).astype(picture.dtype, copy=False)


FILTER = Filter(bilateral, denoises=True, shifts=True, stays_within=True, single=True)
