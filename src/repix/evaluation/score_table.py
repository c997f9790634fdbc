"""Tables of an evaluation for the terminal: one for each metric, with a column for each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repix.evaluation.measurement import Measurement, joined_title
from repix.evaluation.results import Results, gain

GAIN = "gain"


@dataclass(frozen=True)
class ScoreTable:
    """Scores by one metric: a row for each picture."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    """The row over all pictures."""
    notes: Sequence[str]
    """The meaning of the gain, and the parts of each model's total."""


def score_tables(results: Results) -> list[ScoreTable]:
    """Return a table for each metric."""
    names = [one.name for one in results.evaluation.contestants]
    encoding = results.evaluation.examples.task.masks
    classes = () if encoding is None else encoding.names or ()
    parts = {f"class {number}": name for number, name in enumerate(classes)}
    measured = zip(*(outcome.measurements for outcome in results.outcomes), strict=True)
    return [_score_table(names, columns, parts) for columns in measured]


def _score_table(names: Sequence[str], columns: Sequence[Measurement[Any]], classes: Mapping[str, str]) -> ScoreTable:
    first = columns[0]
    rows = []
    for picture in dict.fromkeys(name for column in columns for name in column.scores):
        values = [column.scores[picture].value if picture in column.scores else None for column in columns]
        rows.append([picture, *_cells(first, values)])
    totals = [column.total.value if column.scores else None for column in columns]
    return ScoreTable(
        f"{first.label}, {first.metric.better} is better",
        ["picture", *names, *([GAIN] if len(names) > 1 else [])],
        rows,
        [joined_title(columns), *_cells(first, totals)],
        _notes(names, columns, classes),
    )


def _notes(names: Sequence[str], columns: Sequence[Measurement[Any]], classes: Mapping[str, str]) -> list[str]:
    said = [f"{GAIN}: {names[0]} over {names[1] if len(names) == 2 else 'the best of the others'}"]
    parts = [
        f"{name}: {', '.join(f'{classes.get(part, part)}: {value:.4g}' for part, value in column.total.parts.items())}"
        for name, column in zip(names, columns, strict=True)
        if column.scores and column.total.parts
    ]
    return [*(said if len(names) > 1 else []), *parts]


def _cells(measurement: Measurement[Any], values: list[float | None]) -> list[str]:
    """Return the cells of a row, and the gain of the first value over the best other."""
    cells = ["–" if value is None else measurement.worded(value) for value in values]
    if len(values) < 2:
        return cells
    ahead = gain(measurement.metric, values)
    return [*cells, "–" if ahead is None else f"{ahead:+.2f}" if measurement.metric.unit else f"{ahead:+.4f}"]
