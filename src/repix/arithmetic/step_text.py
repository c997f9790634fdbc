"""Text of numbers and positions for the steps of traces. Rows, columns and channels count from 0."""

from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Index
from repix.errors import WrongUse

MOST_STEPS = 10_000
"""The most steps of a trace."""

MOST_RESULTS = 1_000_000
"""The most values in the output of a trace."""

MOST_TERMS = 9
"""The most terms of a sum that is written out."""

AXES = ("picture", "channel", "row", "column")


def format_number(value: Any) -> str:
    """Return a number as text, with at most four decimals and without a minus before zero.

    >>> [format_number(value) for value in (-0.0, 4.0, 10 / 3, 0.00012, -np.inf, np.nan)]
    ['0', '4', '3.3333', '0.00012', '-∞', 'NaN']
    """
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 0.001 else f"{value:.4f}".rstrip("0").rstrip(".")


def format_numbers(values: Array) -> str:
    """Return numbers as text, separated by commas; where there are many, only their count.

    >>> format_numbers(np.array([1.0, 2.5])), format_numbers(np.zeros(99))
    ('1, 2.5', '99 numbers')
    """
    flat = values.reshape(-1)
    return ", ".join(format_number(v) for v in flat) if flat.size <= MOST_TERMS else f"{flat.size} numbers"


def format_products(values: Array, weights: Array) -> str:
    """Return a sum of products as text; where it is long, only the number of products.

    >>> format_products(np.array([1.0, 2.0]), np.array([0.5, -1.0]))
    '1·0.5 + 2·(-1)'
    """
    pairs = list(zip(values.reshape(-1), weights.reshape(-1), strict=True))
    if len(pairs) > MOST_TERMS:
        return f"the sum of {len(pairs)} products"
    return " + ".join(f"{format_number(v)}·{_bracketed(w)}" for v, w in pairs)


def _bracketed(value: Any) -> str:
    text = format_number(value)
    return f"({text})" if text.startswith("-") else text


def format_position(*indices: int) -> str:
    """Return the position of a single value as text: its row and column, with the channel before them if given.

    >>> format_position(0, 2), format_position(1, 0, 2)
    ('row 0, column 2', 'channel 1, row 0, column 2')
    """
    names = AXES[len(AXES) - len(indices) :]
    return ", ".join(f"{name} {i}" for name, i in zip(names, indices, strict=True))


def format_region(rows: slice, columns: slice) -> str:
    """Return the rows and columns of a region as text.

    >>> format_region(slice(2, 5), slice(4, 5)), format_region(slice(0, 5, 2), slice(0, 2))
    ('rows 2-4, column 4', 'rows 0, 2, 4, columns 0-1')
    """
    return f"{_run('row', rows)}, {_run('column', columns)}"


def _run(name: str, run: slice) -> str:
    places = range(run.start, run.stop, run.step or 1)
    if len(places) == 1:
        return f"{name} {places[0]}"
    if places.step == 1:
        return f"{name}s {places[0]}-{places[-1]}"
    return f"{name}s {', '.join(str(i) for i in places)}"


def plural(amount: int, what: str) -> str:
    """Return an amount with a noun in the singular or plural.

    >>> plural(1, "zero"), plural(0, "zero"), plural(2, "zero")
    ('1 zero', 'no zeros', '2 zeros')
    """
    return f"{amount or 'no'} {what}{'' if amount == 1 else 's'}"


def cell_index(*indices: int) -> Index:
    """Return the region of a single value.

    >>> cell_index(0, 2)
    (slice(0, 1, None), slice(2, 3, None))
    """
    return tuple(slice(i, i + 1) for i in indices)


def require_short_trace(steps: int, results: int = 0) -> None:
    """Refuse a trace with too many steps, or with too many values in its output.

    >>> require_short_trace(20_000)
    Traceback (most recent call last):
    repix.errors.WrongUse: The trace would have 20,000 steps; the limit is 10,000. Give a smaller array.
    """
    if steps > MOST_STEPS:
        raise WrongUse(f"The trace would have {steps:,} steps; the limit is {MOST_STEPS:,}. Give a smaller array.")
    if results > MOST_RESULTS:
        raise WrongUse(
            f"The output would hold {results:,} values; the limit is {MOST_RESULTS:,}. Give a smaller array."
        )
