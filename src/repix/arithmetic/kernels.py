"""Interpolation kernels: the weight of a pixel by its distance."""

import numpy as np

from repix.arithmetic.arrays import Array

LOBES = 3
"""The support of the Lanczos kernel, in pixels to either side."""


def linear(distances: Array) -> Array:
    """Return the weights of linear interpolation: 1 at distance 0, 0 from distance 1 on.

    >>> linear(np.array([0.0, 0.25, 1.5])).tolist()
    [1.0, 0.75, 0.0]
    """
    return np.maximum(1.0 - np.abs(distances), 0.0)


def cubic(distances: Array, a: float = -0.5) -> Array:
    """Return the weights of Keys' cubic kernel, 0 from distance 2 on.

    `a` is the slope at distance 1: -0.5 in MATLAB and Pillow, -0.75 in torch.

    >>> cubic(np.array([0.0, 0.5, 1.0, 1.5])).tolist()
    [1.0, 0.5625, 0.0, -0.0625]
    """
    d = np.abs(distances)
    near = ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
    far = a * (((d - 5.0) * d + 8.0) * d - 4.0)
    return np.where(d <= 1.0, near, np.where(d < 2.0, far, 0.0))


def lanczos(distances: Array, lobes: int = LOBES) -> Array:
    """Return the weights of the Lanczos kernel, a windowed sinc: 0 from distance `lobes` on.

    >>> lanczos(np.array([0.0, 0.5, 3.0])).round(4).tolist()
    [1.0, 0.6079, 0.0]
    """
    inside = np.where(np.abs(distances) < lobes, np.sinc(distances) * np.sinc(distances / lobes), 0.0)
    return np.where(distances == np.rint(distances), distances == 0.0, inside)  # exactly 0 on other pixels


def normalized(weights: Array) -> Array:
    """Return weights (..., taps) divided by their sum, so that a constant picture stays constant.

    >>> normalized(np.array([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    total: Array = np.sum(weights, axis=-1, keepdims=True)
    return weights / total
