"""metrics.csv of a run as columns of numbers; a damaged table is read up to the damage."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_ROWS = 10_000
ALWAYS = "step"
"""The column that every row must have, with growing whole numbers."""


@dataclass(frozen=True)
class MetricTable:
    r"""A row for each validation.

    >>> table = read_table(b"step,loss\n1,0.5\n2,x\n3,0.1\n")
    >>> table.rows, table.problem
    ([{'step': 1.0, 'loss': 0.5}], 'metrics.csv is damaged in line 3; the rows before it are shown.')
    """

    rows: Sequence[dict[str, float]] = ()
    problem: str = ""
    """A sentence if not everything could be read."""
    columns: Sequence[str] = ()

    def curves(self) -> dict[str, list[float | None]]:
        """Return the values of each column; None if a row has no finite one."""
        return {name: [_finite(row.get(name)) for row in self.rows] for name in self.columns}

    def last(self, column: str) -> float | None:
        """Return the last value of a column, such as the step."""
        return next((row[column] for row in reversed(self.rows) if _finite(row.get(column)) is not None), None)


def read_table(content: bytes) -> MetricTable:
    """Return the table in the content of a file."""
    lines = content.decode("utf-8", "replace").splitlines()
    columns = next(_records(lines), [])
    if ALWAYS not in columns or len(set(columns)) < len(columns):
        return MetricTable(problem="metrics.csv is damaged in line 1; no curve can be shown." if lines else "")
    rows: list[dict[str, float]] = []
    for line, values in enumerate(_records(lines[1:]), 2):
        row = _row(columns, values)
        if row is None or (rows and row[ALWAYS] <= rows[-1][ALWAYS]):
            return MetricTable(rows, f"metrics.csv is damaged in line {line}; the rows before it are shown.", columns)
        rows.append(row)
        if len(rows) == MOST_ROWS:
            return MetricTable(rows, f"Only the first {MOST_ROWS:,} rows of metrics.csv are shown.", columns)
    return MetricTable(rows, "", columns)


def _records(lines: Sequence[str]) -> Iterator[list[str]]:
    """Return the records of lines; one that is no CSV is a record without a value."""
    for line in lines:
        try:
            yield next(csv.reader([line]), [])
        except csv.Error:
            yield []


def _row(columns: Sequence[str], values: Sequence[str]) -> dict[str, float] | None:
    """Return a row without its empty cells; None if it is damaged."""
    if len(values) != len(columns):
        return None
    try:
        row = {name: float(value) for name, value in zip(columns, values, strict=True) if value}
    except ValueError:
        return None
    return row if math.isfinite(row.get(ALWAYS, math.nan)) else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
