"""Numbers and places as words, for the sentences in traces. Rows, columns and channels count from 0, as indices do."""

from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Index
from repix.errors import WrongUse

MOST_STEPS = 10_000
"""Longer traces are refused."""

MOST_RESULTS = 1_000_000
"""Larger outputs are refused in traces."""

MOST_TERMS = 9
"""Longer sums are counted instead of written out."""

AXES = ("picture", "channel", "row", "column")


def format_number(value: Any) -> str:
    """A number with at most four decimals and without a minus before zero.

    >>> format_number(-0.0), format_number(4.0), format_number(10 / 3), format_number(0.00012), format_number(-np.inf), format_number(np.nan)
    ('0', '4', '3.3333', '0.00012', '-∞', 'NaN')
    """
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 0.001 else f"{value:.4f}".rstrip("0").rstrip(".")


def format_numbers(values: Array) -> str:
    """Several numbers in a row, or how many there are.

    >>> format_numbers(np.array([1.0, 2.5])), format_numbers(np.zeros(99))
    ('1, 2.5', '99 numbers')
    """
    flat = values.reshape(-1)
    return ", ".join(format_number(v) for v in flat) if flat.size <= MOST_TERMS else f"{flat.size} numbers"


def format_products(values: Array, weights: Array) -> str:
    """A sum of products, written out unless it is long.

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
    """Where a single number lies, from the last axes: column, row and column, channel, row and column ...

    >>> format_position(0, 2), format_position(1, 0, 2)
    ('row 0, column 2', 'channel 1, row 0, column 2')
    """
    names = AXES[len(AXES) - len(indices) :]
    return ", ".join(f"{name} {i}" for name, i in zip(names, indices, strict=True))


def format_region(rows: slice, columns: slice) -> str:
    """Which rows and columns a region covers.

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
    """So many of something.

    >>> plural(1, "zero"), plural(0, "zero"), plural(2, "zero")
    ('1 zero', 'no zeros', '2 zeros')
    """
    return f"{amount or 'no'} {what}{'' if amount == 1 else 's'}"


def cell_index(*indices: int) -> Index:
    """The region that is one number.

    >>> cell_index(0, 2)
    (slice(0, 1, None), slice(2, 3, None))
    """
    return tuple(slice(i, i + 1) for i in indices)


def require_short_trace(steps: int, results: int = 0) -> None:
    """Refuse a trace that nobody could follow: too many steps, or too many numbers in what they make.

    >>> require_short_trace(20_000)
    Traceback (most recent call last):
    repix.errors.WrongUse: The working would take 20,000 steps, and 10,000 is the limit: give a smaller array.
    """
    if steps > MOST_STEPS:
        raise WrongUse(
            f"The working would take {steps:,} steps, and {MOST_STEPS:,} is the limit: give a smaller array."
        )
    if results > MOST_RESULTS:
        raise WrongUse(f"The output would hold {results:,} numbers, too many to show: {MOST_RESULTS:,} is the limit.")
