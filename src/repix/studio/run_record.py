"""run.toml of a run as plain values for JSON, also if it is damaged or of another version of repix."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from repix._version import VERSION
from repix.errors import RepixError
from repix.parameters import require_plain
from repix.studio.folder import ServedFolder

PATHS = ("folder", "holdout", "init_from", "features")
"""Settings that may be a path."""
ELSEWHERE = "(outside of the studio's folder)"


@dataclass(frozen=True)
class RunRecord:
    """Settings and results of a run."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    """A sentence if it cannot be read, or is of a newer repix."""

    @property
    def steps(self) -> int | None:
        """The planned number of steps, where it is known."""
        planned = self.settings.get("steps", self.trained.get("of"))
        return planned if isinstance(planned, int) else None

    @property
    def trained(self) -> Mapping[str, Any]:
        """The numbers of the training, such as its steps."""
        found = self.record.get("trained")
        return found if isinstance(found, Mapping) else {}

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics of the model: name, value, and those of the baselines."""
        found = self.record.get("metrics")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def named(self, name: str) -> str:
        """Return a setting that is a name, such as the task; empty if there is none."""
        found = self.settings.get(name)
        return found if isinstance(found, str) else ""


def read_record(content: bytes, folder: ServedFolder, file: str = "run.toml") -> RunRecord:
    """Return the record in the content of a file; a damaged one has its sentence."""
    try:
        table = tomllib.loads(content.decode())
        require_plain(table, file)
    except (ValueError, RecursionError, RepixError):
        return RunRecord(problem=f"{file} is damaged; its settings cannot be shown.")
    table = {name: _plain(_spoken(name, value, folder)) for name, value in table.items()}
    record = table.pop("record", {})
    record = record if isinstance(record, dict) else {}
    return RunRecord(table, record, _newer(record.get("repix")))


def _spoken(name: str, value: Any, folder: ServedFolder) -> Any:
    """Return a setting in which paths are names below the studio's folder."""
    if isinstance(value, dict):
        return {one: _spoken(one, inner, folder) for one, inner in value.items()}
    if name not in PATHS or not isinstance(value, str) or "/" not in value.replace("\\", "/"):
        return value
    return folder.relative(value) or ELSEWHERE


def _plain(value: Any) -> Any:
    """Return a value that JSON can store: dates, infinity and NaN become text."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | int | float) else str(value)


def _newer(version: object) -> str:
    """Return a sentence about a run of a newer repix.

    >>> _newer("99.1")
    'This run is of repix 99.1, which is newer than this one (...); update repix to be sure to see everything.'
    """
    if not isinstance(version, str) or _parts(version) <= _parts(VERSION):
        return ""
    return (
        f"This run is of repix {version[:20]}, which is newer than this one ({VERSION}); update repix to be sure to "
        "see everything."
    )


def _parts(version: str) -> list[int]:
    """Return the numbers of a version.

    >>> _parts("0.10.2rc1") > _parts("0.9")
    True
    """
    return [int(one[:9]) for one in version[:20].split(".") if one[:9].isdecimal()]
