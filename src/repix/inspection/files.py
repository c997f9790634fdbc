"""Inspect several files: the findings and the advice for each, or the reason why it cannot be read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repix.errors import RepixError
from repix.inspection.advice import Advice, advice
from repix.inspection.inspector import inspect
from repix.inspection.result import Inspection


@dataclass(frozen=True)
class Inspected:
    """A file with its findings, or with the reason why there are none."""

    path: Path
    found: Inspection | None = None
    advice: tuple[Advice, ...] = ()
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON."""
        if self.found is None:
            return {"picture": str(self.path), "error": self.error}
        return {"picture": str(self.path), **self.found.to_dict(), "advice": [one.to_dict() for one in self.advice]}


def inspect_files(paths: Iterable[Path]) -> Iterator[Inspected]:
    """Inspect files one after the other; a file that cannot be read does not stop the others."""
    for path in paths:
        try:
            found = inspect(path)
        except RepixError as problem:
            yield Inspected(path, error=str(problem))
        else:
            yield Inspected(path, found, tuple(advice(found)))
