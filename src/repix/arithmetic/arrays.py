"""Checks of array arguments: type, shape, finite values, whole numbers."""

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape, WrongUse

Array = NDArray[np.floating[Any]]
"""An array of float32 or float64."""

Integers = NDArray[np.integer[Any]]
"""An array of integers."""


def require_floats(array: Array, name: str) -> None:
    """Refuse everything but float32 and float64.

    >>> require_floats(np.zeros(3, np.uint8), "picture")
    Traceback (most recent call last):
    repix.errors.WrongDtype: picture is uint8; it must be float32 or float64 (divide pixels by 255 first).
    """
    if not isinstance(array, np.ndarray):
        raise WrongDtype(f"{name} is a {type(array).__name__}; it must be a numpy array of float32 or float64.")
    if array.dtype not in (np.float32, np.float64):
        hint = " (divide pixels by 255 first)" if array.dtype == np.uint8 else ""
        raise WrongDtype(f"{name} is {array.dtype}; it must be float32 or float64{hint}.")


def require_same_dtype(array: Array, name: str, other: Array, other_name: str) -> None:
    """Refuse to mix float32 with float64.

    >>> require_same_dtype(np.zeros(1, np.float32), "bias", np.zeros(1), "picture")
    Traceback (most recent call last):
    repix.errors.WrongDtype: bias is float32 but picture is float64; give both the same type.
    """
    require_floats(array, name)
    if array.dtype != other.dtype:
        raise WrongDtype(f"{name} is {array.dtype} but {other_name} is {other.dtype}; give both the same type.")


def require_dimensions(array: Array, name: str, *allowed: int) -> None:
    """Refuse an array with another number of dimensions, or with an empty axis.

    >>> require_dimensions(np.zeros(3), "picture", 2, 3)
    Traceback (most recent call last):
    repix.errors.WrongShape: picture has shape (3,); it must have 2 or 3 dimensions.
    """
    if array.ndim not in allowed:
        wanted = " or ".join(str(n) for n in allowed)
        raise WrongShape(f"{name} has shape {array.shape}; it must have {wanted} dimensions.")
    if array.size == 0:
        raise WrongShape(f"{name} has shape {array.shape}, so it holds no numbers; every side must be at least 1.")


RUN = 8192
"""The longest vector whose dot product NumPy computes in one thread."""


def require_finite(array: Array, name: str) -> None:
    """Refuse NaN and infinity, which would spread over their neighbors.

    >>> require_finite(np.array([[1.0, np.nan]]), "picture")
    Traceback (most recent call last):
    repix.errors.WrongUse: picture holds nan at (0, 1); replace numbers that are not finite first.
    """
    flat = array.reshape(-1)
    rest, runs = np.split(flat, [flat.size % RUN])
    with np.errstate(over="ignore", invalid="ignore"):  # a sum of squares takes half the time of isfinite
        squares = np.vecdot(rest, rest) + np.vecdot(runs.reshape(-1, RUN), runs.reshape(-1, RUN)).sum()
    if math.isfinite(squares):
        return
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.unravel_index(np.argmin(finite), array.shape))
        raise WrongUse(f"{name} holds {array[where]} at {where}; replace numbers that are not finite first.")


def require_planes(array: Array, name: str) -> None:
    """Refuse all but finite floats H×W, C×H×W or N×C×H×W.

    >>> require_planes(np.zeros((2, 2)), "picture")
    """
    require_floats(array, name)
    require_dimensions(array, name, 2, 3, 4)
    require_finite(array, name)


def require_picture(picture: Array) -> None:
    """Refuse all but finite floats H×W or H×W×C (channels last).

    >>> require_picture(np.zeros((2, 2, 3)))
    """
    require_floats(picture, "picture")
    require_dimensions(picture, "picture", 2, 3)
    require_finite(picture, "picture")


def whole(value: int, name: str, least: int) -> int:
    """Return a whole number as an int; refuse it if it is smaller than `least`.

    >>> whole(2, "stride", 1)
    2
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise WrongUse(f"{name} is {value!r}; it must be a whole number of at least {least}.") from None
    if isinstance(value, bool) or number < least:
        raise WrongUse(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    return number


def whole_pair(value: int | tuple[int, int], name: str, least: int) -> tuple[int, int]:
    """Return a pair of whole numbers (rows, columns); a single number stands for both.

    >>> whole_pair(2, "stride", 1), whole_pair((1, 2), "stride", 1)
    ((2, 2), (1, 2))
    """
    rows, columns = split_pair(value, name)
    return whole(rows, name, least), whole(columns, name, least)


def positive_pair(value: float | tuple[float, float], name: str) -> tuple[float, float]:
    """Return a pair of positive numbers (rows, columns); a single number stands for both.

    >>> positive_pair(0.5, "scale")
    (0.5, 0.5)
    """
    pair = split_pair(value, name)
    for number in pair:
        if not isinstance(number, int | float | np.number) or not math.isfinite(number) or number <= 0:
            raise WrongUse(f"{name} is {value!r}; it must be a number above 0.")
    return float(pair[0]), float(pair[1])


def split_pair(value: Any, name: str) -> tuple[Any, Any]:
    """Return a pair of values (rows, columns); a single value stands for both.

    >>> split_pair("same", "padding")
    ('same', 'same')
    """
    if not isinstance(value, tuple | list):
        return value, value
    if len(value) != 2:
        raise WrongUse(f"{name} is {value!r}; give one number for both axes, or two: (rows, columns).")
    return value[0], value[1]
