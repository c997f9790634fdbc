"""Logs of a training: one file for each kind. After a validation every log gets the same record.

A log has `write(record)` and `close()`. A full disk, or whatever else the system refuses, is an error of repix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

BESIDES = ("step", "seconds", "lr", "loss")
"""The columns of a row that are no metrics."""


@dataclass(frozen=True)
class Record:
    """What is known after a validation."""

    rows: Sequence[dict[str, float]]
    """Of all validations so far; the last one is this one's."""
    title: str
    samples: bytes | None
    """Source, result and target of some held-out pictures, as a PNG file; None where nothing was held out."""

    @property
    def row(self) -> dict[str, float]:
        """The numbers of this validation."""
        return self.rows[-1]

    @property
    def step(self) -> int:
        """The step after which it was."""
        return int(self.row["step"])

    @property
    def metrics(self) -> list[str]:
        """The names of what was measured."""
        return [name for name in self.row if name not in BESIDES]


class Log(Protocol):
    """Keeps records."""

    def write(self, record: Record) -> None:
        """Keep a record."""
        ...

    def close(self) -> None:
        """Write what still waits."""
        ...
