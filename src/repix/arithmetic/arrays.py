"""What an array must be before arithmetic begins: exact errors for wrong types and shapes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape

Array = NDArray[np.floating[Any]]
"""An array of float32 or float64."""


def require_floats(array: Array, name: str) -> None:
    """Refuse everything but float32 and float64.

    >>> require_floats(np.zeros(3, np.uint8), "picture")
    Traceback (most recent call last):
    repix.errors.WrongDtype: picture is uint8; it must be float32 or float64 (divide pixels by 255 first).
    """
    if array.dtype not in (np.float32, np.float64):
        hint = " (divide pixels by 255 first)" if array.dtype == np.uint8 else ""
        raise WrongDtype(f"{name} is {array.dtype}; it must be float32 or float64{hint}.")


def require_dimensions(array: Array, name: str, *allowed: int) -> None:
    """Refuse an array with another number of dimensions.

    >>> require_dimensions(np.zeros(3), "picture", 2, 3)
    Traceback (most recent call last):
    repix.errors.WrongShape: picture has shape (3,); it must have 2 or 3 dimensions.
    """
    if array.ndim not in allowed:
        wanted = " or ".join(str(n) for n in allowed)
        raise WrongShape(f"{name} has shape {array.shape}; it must have {wanted} dimensions.")
