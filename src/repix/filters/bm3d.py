"""BM3D: patches that look alike are stacked, and their common transform is thresholded, then Wiener filtered."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter, NoiseLevel
from repix.filters._layout import contiguous
from repix.filters._noise import noise_level
from repix.filters._opponent import from_opponent, to_opponent
from repix.members import library
from repix.parameters import checked

LEAST_SIDE = 16
"""Smaller pictures are mirrored up to this side: the package refuses 7×7, and 8×8 ends the process."""


@checked
def bm3d(picture: Array, sigma: NoiseLevel = None) -> Array:
    """Block matching and 3-D filtering as its authors published it; colour pictures as CBM3D.

    It needs the library bm3d (extra `bm3d`), whose licence does not allow commercial use. The arithmetic is float32.
    Threads add up in the order in which they finish, and the Wiener filter takes a hair off everything, the mean too.

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
