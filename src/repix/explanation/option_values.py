"""Parsing of option values: arrays, pairs of numbers, choices."""

from math import isqrt
from typing import TYPE_CHECKING, Any

from repix.errors import WrongUse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repix.arithmetic.arrays import Array


LARGEST = 1000
"""The largest size, stride, padding or dilation; it bounds the memory of a trace."""


def picture_and_kernel(data: str, kernel: str, channels_first: bool) -> "tuple[Array, Array]":
    """Return data and kernel: H×W with K×L, or C×H×W with one kernel for each channel."""
    picture, filters = array(data, "--data"), array(kernel, "--kernel")
    from repix.arithmetic.step_text import plural

    channels = [1 if numbers.ndim == 2 else len(numbers) for numbers in (picture, filters)]
    if channels[0] != channels[1]:
        raise WrongUse(
            f"--data has {plural(channels[0], 'channel')} and --kernel {channels[1]}; give one kernel for each "
            "channel, separated by `|`."
        )
    if picture.ndim == 3:
        filters = filters[:, None] if channels_first else filters[None]
    return picture, filters


def array(text: str, name: str) -> "Array":
    """Return the array of a text: rows are separated by `;`, channels by `|`."""
    from repix.explanation.array_text import parse_array

    return parse_array(text, name)


def channels(text: str, name: str) -> "Array":
    """Return the array of a text as C×H×W, also where there is one channel."""
    numbers = array(text, name)
    return numbers if numbers.ndim == 3 else numbers[None]


def row(text: str, name: str) -> "Array":
    """Return the row of numbers of a text."""
    from repix.explanation.array_text import parse_row

    return parse_row(text, name)


def whole_numbers(text: str, name: str) -> "NDArray[np.intp]":
    """Return the array of a text as integers; refuse fractions."""
    numbers = array(text, name)
    odd = numbers[numbers % 1 != 0]
    if odd.size:
        raise WrongUse(f"{name} holds {odd[0]:g}; every number must be whole.")
    return numbers.astype("intp")


def bias_of(bias: float | None) -> "Array | None":
    """Return the bias of the single filter, or None."""
    return None if bias is None else row(str(bias), "--bias")


def pair(text: str, name: str) -> int | tuple[int, int]:
    """Return the whole number of a text like `2`, or the pair (rows, columns) of one like `2,1`."""
    words = text.replace(",", " ").split()
    try:
        numbers = [int(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise WrongUse(f"{name} {text}: give one whole number, or two as ROWS,COLUMNS.")
    if max(numbers) > LARGEST:
        raise WrongUse(f"{name} {text}: the largest value is {LARGEST}; give a smaller one.")
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def padding_of(text: str) -> Any:
    """Return a number, a pair, "same" or "valid"."""
    return text if text in ("same", "valid") else pair(text, "--padding")


def choice(text: str, name: str, *choices: str) -> Any:
    """Return the text if it is one of the choices; refuse it otherwise."""
    if text not in choices:
        raise WrongUse(f"{name} {text}: give {' or '.join(choices)}.")
    return text


def side_of(count: int) -> int | None:
    """Return the side of a square of so many numbers; None if they fill no square.

    >>> side_of(9), side_of(8)
    (3, None)
    """
    side = isqrt(count)
    return side if side**2 == count else None
