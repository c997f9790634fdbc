"""Lightness and two colour differences, rotated out of RGB so that noise stays what it was."""

import numpy as np

from repix.arithmetic.arrays import Array

AXES = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
"""Each row one axis of length 1: lightness, red against blue, green against both."""


def to_opponent(picture: Array) -> Array:
    """RGB (H×W×3) as lightness and colour differences; other pictures as they are.

    >>> to_opponent(np.full((1, 1, 3), 0.5)).round(6).tolist()
    [[[0.866025, 0.0, 0.0]]]
    """
    return picture @ AXES.T.astype(picture.dtype) if picture.shape[2:] == (3,) else picture


def from_opponent(picture: Array) -> Array:
    """The way back: the rotation's inverse is its transpose."""
    return picture @ AXES.astype(picture.dtype) if picture.shape[2:] == (3,) else picture
