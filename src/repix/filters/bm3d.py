"""BM3D: block matching and collaborative 3-D filtering."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.filters._opponent import from_opponent, to_opponent
from repix.parameters import checked
from repix.registry import library

LEAST_SIDE = 16
"""Smaller pictures are padded to this side by mirroring: the package rejects 7×7 and crashes at 8×8."""


@checked
def bm3d(picture: Array, sigma: NoiseLevel = None) -> Array:
    """Denoise with the reference implementation of BM3D (CBM3D for color pictures).

    It needs the library bm3d (extra `bm3d`), whose license does not allow commercial use. It computes in float32. The
    order of its threads changes rounding, and its Wiener filter slightly reduces all values, the mean included.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: noise level in 8-bit gray levels; estimated if None.

    Returns:
        The denoised picture.

    Raises:
        MissingLibrary: bm3d is not installed.

    >>> noisy = np.random.default_rng(0).normal(0.5, 0.1, (16, 16))
    >>> round(float(bm3d(noisy, sigma=25).std()), 2)
    0.01
    """
    picture = contiguous(picture)
    noise = noise_level(picture, sigma)
    package = library("bm3d")
    if noise == 0:
        return picture.copy()
    height, width = picture.shape[:2]
    missing = ((0, max(0, LEAST_SIDE - height)), (0, max(0, LEAST_SIDE - width)), (0, 0))[: picture.ndim]
    framed = to_opponent(np.pad(picture, missing, mode="symmetric"))
    filtered: Array = package.bm3d(framed, noise).reshape(framed.shape)
    return from_opponent(filtered)[:height, :width].astype(picture.dtype)


FILTER = Filter(bm3d, denoises=True, keeps_constants=False, repeats=False, single=True)
