"""Logs of a training: CSV, plot, sample grids, TensorBoard, one file each. All get the same record of a validation.

A log has `write(record)` and `close()`. Errors of the system, such as a full disk, become errors of repix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

BESIDES = ("step", "seconds", "lr", "loss")
"""The columns of a row that are not metrics."""


@dataclass(frozen=True)
class Record:
    """The result of a validation."""

    rows: Sequence[dict[str, float]]
    """One row for each validation so far, this one last."""
    title: str
    samples: bytes | None
    """The sample grid as a PNG file; None if no picture was held out."""
    all_terms: Sequence[str] = ()
    """The columns that the objective returns besides the loss, in any row."""

    @property
    def row(self) -> dict[str, float]:
        """The row of this validation."""
        return self.rows[-1]

    @property
    def step(self) -> int:
        """The step after which it was made."""
        return int(self.row["step"])

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics."""
        return [name for name in self.row if name not in (*BESIDES, *self.all_terms)]

    @property
    def terms(self) -> list[str]:
        """The columns of this row that the objective returns besides the loss."""
        return [name for name in self.row if name in self.all_terms]


class Log(Protocol):
    """Writes the records of validations."""

    def write(self, record: Record) -> None:
        """Write a record."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...
