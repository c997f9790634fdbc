"""Drawings of an operation's steps as files, as `repix explain` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from repix.studio.explanation import values_of
from repix.studio.uploads import Upload
from repix.studio.work import Workplace

Form = Literal["svg", "png", "gif", "step-svg"]
"""The options of `repix explain` that write a drawing."""


@dataclass(frozen=True)
class Drawing:
    """An operation with its options, and the form of the drawing; see `Work`."""

    folder: Path
    operation: str
    options: Mapping[str, str]
    form: Form
    uploads: tuple[Upload, ...] = ()

    def __post_init__(self) -> None:
        values_of(self.operation, self.options)  # refuses wrong options

    @property
    def result(self) -> Path:
        """The drawing."""
        return self.folder / self.name

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.operation}-steps.svg" if self.form == "step-svg" else f"{self.operation}.{self.form}"

    def to_dict(self) -> dict[str, Any]:
        """Return the kind of work, and the operation."""
        return {"kind": "draw", "operation": self.operation}

    def run(self, place: Workplace) -> list[str]:
        """Draw it in the helper process: an animation takes many seconds."""
        place.progress.start(1)
        task = {"task": "draw", "operation": self.operation, "options": dict(self.options), "form": self.form}
        notes = place.helper.run(task | {"target": str(self.result)}, place.progress)
        place.progress.advance(1)
        return notes
