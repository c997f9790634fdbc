"""Opponent color space: an orthonormal rotation of RGB, which keeps white noise white."""

import numpy as np

from repix.arithmetic.arrays import Array

AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
"""One unit vector per row: intensity, red minus blue, green against red and blue."""


def to_opponent(picture: Array) -> Array:
    """Convert RGB (H×W×3) to intensity and two color differences; other pictures are returned unchanged.

    >>> to_opponent(np.full((1, 1, 3), 0.5)).round(6).tolist()
    [[[0.866025, 0.0, 0.0]]]
    """
    return picture @ AXES.T.astype(picture.dtype) if picture.shape[2:] == (3,) else picture


def from_opponent(picture: Array) -> Array:
    """Convert back to RGB; the inverse of a rotation is its transpose."""
    return picture @ AXES.astype(picture.dtype) if picture.shape[2:] == (3,) else picture
