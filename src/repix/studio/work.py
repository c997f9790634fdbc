"""Work: what a job does, with what it needs while it runs."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from repix.conversion.budget import Budget
from repix.conversion.model_loader import LoadedModel
from repix.studio.bundled import opened
from repix.studio.helper_process import HelperProcess
from repix.studio.progress import Progress
from repix.studio.uploads import Upload

OPEN_MODELS = 3


class OpenModels:
    """The models that were used last; they stay open. One thread uses it."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()

    def open(self, name: str) -> LoadedModel:
        """Return a bundled model, opened."""
        if name not in self._models:
            self._models[name] = opened(name)
        self._models.move_to_end(name)
        while len(self._models) > OPEN_MODELS:
            self._models.popitem(last=False)
        return self._models[name]


@dataclass(frozen=True)
class Workplace:
    """Models, memory, progress of a job that runs, and the process for work that has no end in between."""

    models: OpenModels
    helper: HelperProcess
    budget: Budget
    progress: Progress


class Work(Protocol):
    """The task of a job. Its files lie in a folder of their own, which is removed with the job."""

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        ...

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The files that it reads; the first one is shown as `before`."""
        ...

    @property
    def result(self) -> Path:
        """The file that it writes."""
        ...

    @property
    def name(self) -> str:
        """The name of the result for its user."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return what it does, for JSON: at least `kind`."""
        ...

    def run(self, place: Workplace) -> list[str]:
        """Do it, and return notes for the user."""
        ...
