"""What a filter refuses, each in one sentence."""

import math

import numpy as np

from repix.arithmetic.arrays import Array, require_dimensions, require_floats
from repix.errors import WrongShape, WrongUse
from repix.members import closest

LARGEST_WINDOW = 999
"""The largest side of a window, in pixels: beyond it, libraries run out of memory without a word."""


def checked(picture: Array) -> Array:
    """The picture, contiguous in memory, if a filter can work on it.

    >>> checked(np.array([[0.5, np.nan]]))
    Traceback (most recent call last):
    repix.errors.WrongUse: The picture has 1 value that is no finite number, the first at row 0, column 1; replace it.
    """
    require_floats(picture, "The picture")
    require_dimensions(picture, "The picture", 2, 3)
    if 0 in picture.shape:
        raise WrongShape(f"The picture has shape {picture.shape}; it must have at least one pixel.")
    if picture.ndim == 3 and picture.shape[2] not in (1, 3):
        raise WrongShape(
            f"The picture has {picture.shape[2]} channels; filters take 1 (grey) or 3 (RGB) without alpha."
        )
    contiguous = np.ascontiguousarray(picture)
    flat = contiguous.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.dot(flat, flat)  # one pass over memory; only what is bad, or overflows here, needs a closer look
    if not math.isfinite(squares):
        _refuse_unfinite(contiguous)
    return contiguous


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside of low to high.

    >>> within("sigma", -1, 0, 255)
    Traceback (most recent call last):
    repix.errors.WrongUse: sigma is -1; it must be from 0 to 255.
    """
    if not low <= value <= high:
        raise WrongUse(f"{name} is {value}; it must be from {low} to {high}.")


def odd_window(name: str, size: int) -> None:
    """Refuse the side of a window that has no middle pixel.

    >>> odd_window("size", 4)
    Traceback (most recent call last):
    repix.errors.WrongUse: size is 4; a window needs a middle pixel, so choose an odd number from 1 to 999.
    """
    if not (1 <= size <= LARGEST_WINDOW and size % 2 == 1):
        raise WrongUse(
            f"{name} is {size}; a window needs a middle pixel, so choose an odd number from 1 to {LARGEST_WINDOW}."
        )


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse a word that is none of the choices.

    >>> one_of("mode", "softt", ("soft", "hard"))
    Traceback (most recent call last):
    repix.errors.WrongUse: mode is 'softt'; did you mean 'soft'?
    """
    if value not in choices:
        raise WrongUse(f"{name} is '{value}'; {closest(value, choices)}")


def _refuse_unfinite(picture: Array) -> None:
    bad = np.argwhere(~np.isfinite(picture))
    if len(bad):
        row, column = bad[0, :2]
        values, them = ("1 value that is", "it") if len(bad) == 1 else (f"{len(bad)} values that are", "them")
        raise WrongUse(
            f"The picture has {values} no finite number, the first at row {row}, column {column}; replace {them}."
        )
