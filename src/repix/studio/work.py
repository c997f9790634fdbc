"""Work: what a job does, with what it needs while it runs."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from repix.conversion import open_model
from repix.conversion.budget import Budget
from repix.conversion.model_loader import LoadedModel
from repix.models import catalog
from repix.studio.uploads import Upload

OPEN_MODELS = 3


class Canceled(Exception):
    """The job was canceled while it ran."""


class Progress:
    """The part of a job that is done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = 0
        self.done = 0
        self.is_canceled = False
        self._clock = clock
        self._started = 0.0

    def start(self, total: int) -> None:
        """Begin to count up to `total`."""
        self.done, self.total, self._started = 0, total, self._clock()

    def advance(self, amount: int) -> None:
        """Count what is done; raise Canceled if the job should end."""
        if self.is_canceled:
            raise Canceled
        self.done += amount

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> int | None:
        """At the pace so far; None if nothing is done yet."""
        if not self.share:
            return None
        return round((self._clock() - self._started) * (1 - self.share) / self.share)


class OpenModels:
    """The models that were used last; they stay open. One thread uses it."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()

    def open(self, name: str) -> LoadedModel:
        """Return a bundled model, opened."""
        if name not in self._models:
            self._models[name] = open_model(catalog()[name].path)
        self._models.move_to_end(name)
        while len(self._models) > OPEN_MODELS:
            self._models.popitem(last=False)
        return self._models[name]


@dataclass(frozen=True)
class Workplace:
    """Models, memory and progress of a job that runs."""

    models: OpenModels
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
