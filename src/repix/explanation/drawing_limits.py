"""Limits of the arrays that a picture shows."""

from collections.abc import Mapping

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse

LARGEST = 24
"""The most rows or columns that fit on a slide."""


def require_drawable(arrays: Mapping[str, Array]) -> None:
    """Refuse arrays that are too large for a picture, by their titles.

    >>> require_drawable({"picture": np.ones((30, 2))})
    Traceback (most recent call last):
    repix.errors.WrongUse: picture is 30×2; a picture shows at most 24×24. Give less data.
    """
    for name, array in arrays.items():
        if is_too_large(array):
            shape = "×".join(str(n) for n in np.shape(array))
            raise WrongUse(f"{name} is {shape}; a picture shows at most {LARGEST}×{LARGEST}. Give less data.")


def is_too_large(array: Array) -> bool:
    """Return whether an array is too large for a picture.

    >>> is_too_large(np.ones((24, 24)))
    False
    """
    return max(np.shape(array)[-2:], default=1) > LARGEST or np.size(array) > 4 * LARGEST**2
