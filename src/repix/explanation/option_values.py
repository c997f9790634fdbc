"""The arguments of operations as people write them: arrays, pairs of numbers, choices."""

from typing import TYPE_CHECKING, Any

from repix.errors import WrongUse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repix.arithmetic.arrays import Array


LARGEST = 1000
"""Sizes, strides and the like; what is larger would fill the memory before it could be explained."""


def picture_and_kernel(data: str, kernel: str, channels_first: bool) -> "tuple[Array, Array]":
    """Data and kernel of one shape family: H×W with K×L, or C×H×W with as many kernels as channels."""
    picture, filters = array(data, "--data"), array(kernel, "--kernel")
    from repix.arithmetic.step_text import plural

    channels = [1 if numbers.ndim == 2 else len(numbers) for numbers in (picture, filters)]
    if channels[0] != channels[1]:
        raise WrongUse(
            f"--data has {plural(channels[0], 'channel')} and --kernel {channels[1]}; give one kernel for each channel, "
            "separated by `|`."
        )
    if picture.ndim == 3:
        filters = filters[:, None] if channels_first else filters[None]
    return picture, filters


def array(text: str, name: str) -> "Array":
    """Rows by `;`, channels by `|`."""
    from repix.explanation.array_text import parse_array

    return parse_array(text, name)


def channels(text: str, name: str) -> "Array":
    """Numbers C×H×W; one channel is one, too."""
    numbers = array(text, name)
    return numbers if numbers.ndim == 3 else numbers[None]


def row(text: str, name: str) -> "Array":
    """One row of numbers."""
    from repix.explanation.array_text import parse_row

    return parse_row(text, name)


def whole_numbers(text: str, name: str) -> "NDArray[np.intp]":
    """Rows of whole numbers."""
    numbers = array(text, name)
    odd = numbers[numbers % 1 != 0]
    if odd.size:
        raise WrongUse(f"{name} holds {odd[0]:g}; every number must be whole.")
    return numbers.astype("intp")


def bias_of(bias: float | None) -> "Array | None":
    """A bias for the only filter there is."""
    return None if bias is None else row(str(bias), "--bias")


def pair(text: str, name: str) -> int | tuple[int, int]:
    """`2` for both axes, or `2,1` for rows and columns."""
    words = text.replace(",", " ").split()
    try:
        numbers = [int(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise WrongUse(f"{name} {text}: give one whole number, or two as ROWS,COLUMNS.")
    if max(numbers) > LARGEST:
        raise WrongUse(f"{name} {text}: nobody could follow steps that large; give at most {LARGEST}.")
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def padding_of(text: str) -> Any:
    """A number, a pair, or one of Keras' two words."""
    return text if text in ("same", "valid") else pair(text, "--padding")


def choice(text: str, name: str, *choices: str) -> Any:
    """One of a few words."""
    if text not in choices:
        raise WrongUse(f"{name} {text}: choose {' or '.join(choices)}.")
    return text
