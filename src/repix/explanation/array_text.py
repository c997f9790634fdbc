"""Arrays as text: parse `1 2; 3 4 | 5 6; 7 8`, and format values without rounding noise (`0.1`)."""

import re
from collections.abc import Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import format_number, plural
from repix.errors import WrongShape, WrongUse

NOISE = 1e-13
"""Smaller magnitudes are formatted as 0: they are rounding errors of sums of numbers such as 0.1."""


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
"""The accepted numbers; `float` alone would accept `nan`, `inf` and `1_000` as well."""


def parse_array(text: str, name: str) -> Array:
    """Return the array of a text, (H, W), or (C, H, W) where there is a `|`.

    Numbers are separated by spaces or commas, rows by `;` or line breaks, channels by `|`.

    >>> parse_array("1 2; 3, 4", "--data")
    array([[1., 2.],
           [3., 4.]])
    >>> parse_array("1 2 | 3 4", "--data").shape
    (2, 1, 2)
    """
    channels = [_channel(part, name) for part in text.split("|")]
    first = channels[0].shape
    odd = next((i for i, channel in enumerate(channels) if channel.shape != first), None)
    if odd is not None:
        raise WrongShape(
            f"{name}: channel {odd} is {_size(channels[odd].shape)}, but channel 0 is {_size(first)}; "
            "all channels must have the same size."
        )
    return channels[0] if len(channels) == 1 else np.stack(channels)


def parse_row(text: str, name: str) -> Array:
    """Return the row of numbers of a text, (N,).

    >>> parse_row("0.07 -0.65 0.81", "--data")
    array([ 0.07, -0.65,  0.81])
    """
    array = parse_array(text, name)
    if array.ndim != 2 or array.shape[0] != 1:
        raise WrongShape(f"{name} must be one row of numbers; it has {_size(array.shape)} (rows × columns).")
    row: Array = array[0]
    return row


def _channel(text: str, name: str) -> Array:
    rows = [_row(row, name) for row in re.split(r"\s*[;\n]\s*", text.strip().strip(";"))]
    widths = [len(row) for row in rows]
    odd = next((i for i, width in enumerate(widths) if width != widths[0]), None)
    if odd is not None:
        raise WrongShape(
            f"{name}: row {odd} has {plural(widths[odd], 'number')}, but row 0 has {widths[0]}; "
            "all rows must have the same length; separate rows by `;`."
        )
    if not widths[0]:
        raise WrongUse(f'{name} holds no numbers; give rows like "1 2; 3 4".')
    return np.array(rows, dtype=np.float64)


def _row(text: str, name: str) -> list[float]:
    words = [word for word in re.split(r"[\s,]+", text.strip()) if word]
    return [_number(word, name) for word in words]


def _number(word: str, name: str) -> float:
    if not NUMBER.fullmatch(word):
        raise WrongUse(f'{name}: "{word}" is not a number; give rows like "1 2; 3 4".')
    value = float(word)
    if not np.isfinite(value):
        raise WrongUse(f"{name}: {word} is too large; give a number below 1.8e308.")
    return value


def _size(shape: Sequence[int]) -> str:
    return "×".join(str(n) for n in shape)


def format_value(value: float) -> str:
    """Return a number as text without trailing zeros, rounding noise or minus zero.

    >>> format_value(0.1 + 0.2), format_value(-0.0), format_value(10 / 3), format_value(1e-17)
    ('0.3', '0', '3.3333', '0')
    """
    return "0" if abs(value) <= NOISE else format_number(value)
