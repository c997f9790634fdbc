"""Numbers as people type and read them: `1 2; 3 4 | 5 6; 7 8` in, `0.1` and not `0.10000000000000001` out."""

import re
from collections.abc import Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import format_number, plural
from repix.errors import WrongShape, WrongUse

NOISE = 1e-13
"""What is smaller stands for zero: the rounding of sums of numbers such as 0.1."""


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
"""`float` alone would take `nan`, `inf` and `1_000` as well."""


def parse_array(text: str, name: str) -> Array:
    """Numbers by space or comma, rows by `;` or line, channels by `|`: (H, W), or (C, H, W) where there is a `|`.

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
            "all channels are of one size."
        )
    return channels[0] if len(channels) == 1 else np.stack(channels)


def parse_row(text: str, name: str) -> Array:
    """One row of numbers: (N,).

    >>> parse_row("0.07 -0.65 0.81", "--data")
    array([ 0.07, -0.65,  0.81])
    """
    array = parse_array(text, name)
    if array.ndim != 2 or array.shape[0] != 1:
        raise WrongShape(f"{name} is one row of numbers; it has {_size(array.shape)} (rows × columns).")
    row: Array = array[0]
    return row


def _channel(text: str, name: str) -> Array:
    rows = [_row(row, name) for row in re.split(r"\s*[;\n]\s*", text.strip().strip(";"))]
    widths = [len(row) for row in rows]
    odd = next((i for i, width in enumerate(widths) if width != widths[0]), None)
    if odd is not None:
        raise WrongShape(
            f"{name}: row {odd} has {plural(widths[odd], 'number')}, but row 0 has {widths[0]}; "
            "rows are separated by `;` and are equally long."
        )
    if not widths[0]:
        raise WrongUse(f'{name} holds no numbers; write rows like "1 2; 3 4".')
    return np.array(rows, dtype=np.float64)


def _row(text: str, name: str) -> list[float]:
    words = [word for word in re.split(r"[\s,]+", text.strip()) if word]
    return [_number(word, name) for word in words]


def _number(word: str, name: str) -> float:
    if not NUMBER.fullmatch(word):
        raise WrongUse(f'{name}: "{word}" is not a number; write rows like "1 2; 3 4".')
    value = float(word)
    if not np.isfinite(value):
        raise WrongUse(f"{name}: {word} is too large to calculate with.")
    return value


def _size(shape: Sequence[int]) -> str:
    return "×".join(str(n) for n in shape)


def format_value(value: float) -> str:
    """A number as a person writes it: no trailing zeros, no rounding noise, no minus zero.

    >>> format_value(0.1 + 0.2), format_value(-0.0), format_value(10 / 3), format_value(1e-17)
    ('0.3', '0', '3.3333', '0')
    """
    return "0" if abs(value) <= NOISE else format_number(value)
