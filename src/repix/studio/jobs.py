"""Jobs: conversions that wait in a bounded queue and run one after the other."""

import shutil
import tempfile
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Full, Queue
from typing import Any, Literal

from repix.batch.sizes import pixels_of
from repix.conversion import open_model
from repix.conversion.budget import Budget
from repix.conversion.file import FileOptions, convert_file
from repix.conversion.model_loader import LoadedModel
from repix.errors import RepixError
from repix.models import catalog
from repix.studio.settings import StudioSettings

State = Literal["waiting", "running", "done", "failed", "canceled"]
ENDED = ("done", "failed", "canceled")
KEPT = 64
"""The most ended jobs whose results are kept."""
OPEN_MODELS = 3


class Busy(RepixError):
    """The queue is full."""


class Canceled(Exception):
    """The job was canceled while it ran."""


@dataclass(frozen=True)
class Conversion:
    """A source, its target, the model and the options."""

    source: Path
    target: Path
    name: str
    """The name of the result for its user."""
    model: str
    options: FileOptions


@dataclass(eq=False)
class Job:
    """A conversion: its state, its progress, and its result."""

    request: Conversion
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    done: int = 0
    total: int = 0
    error: str = ""
    notes: list[str] = field(default_factory=list)
    asked_to_end: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the job for JSON."""
        share = min(1.0, self.done / self.total) if self.total else 0.0
        return {
            "id": self.id,
            "state": self.state,
            "progress": 1.0 if self.state == "done" else round(share, 4),
            "model": self.request.model,
            "name": self.request.name,
            "error": self.error,
            "notes": self.notes,
        }


class Jobs:
    """The queue, and the thread that runs the conversions."""

    def __init__(self, settings: StudioSettings) -> None:
        self._settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="repix-studio-"))
        self._queue: Queue[Job | None] = Queue(settings.waiting)
        """None wakes the thread, so that it ends."""
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._models: OrderedDict[str, LoadedModel] = OrderedDict()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="repix-studio", daemon=True)
        self._thread.start()

    def new_folder(self) -> Path:
        """Return a new folder for an upload and its result."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def add(self, request: Conversion) -> Job:
        """Put a conversion into the queue."""
        job = Job(replace(request, options=replace(request.options, budget=Budget.read(self._settings.memory, None))))
        with self._lock:
            self._jobs[job.id] = job
        try:
            self._queue.put_nowait(job)
        except Full:
            with self._lock:
                del self._jobs[job.id]
            raise Busy(f"{self._settings.waiting} jobs are waiting already; try again later.") from None
        return job

    def find(self, id_: str) -> Job | None:
        """Return a job by its id."""
        with self._lock:
            return self._jobs.get(id_)

    def all(self) -> list[Job]:
        """Return all jobs, the oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def remove(self, job: Job) -> None:
        """Cancel a job that has not ended; its files are removed."""
        job.asked_to_end = True
        if job.state in ("waiting", *ENDED):
            job.state = "canceled" if job.state == "waiting" else job.state
            self._forget(job)

    def close(self) -> None:
        """End the thread after the tile that it computes, and remove all files."""
        self._ending.set()
        for job in self.all():
            job.asked_to_end = True
        with suppress(Full):
            self._queue.put_nowait(None)
        self._thread.join()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)
        shutil.rmtree(job.request.source.parent, ignore_errors=True)

    def _work(self) -> None:
        while not self._ending.is_set():
            job = self._queue.get()
            if job is None or job.asked_to_end:
                continue
            self._run(job)
            for old in [one for one in self.all() if one.state in ENDED][:-KEPT]:
                self._forget(old)

    def _run(self, job: Job) -> None:
        job.state, request = "running", job.request
        try:
            engine = self._model(request.model)
            request.options.require(engine.contract)
            job.total = pixels_of(request.source)
            report = convert_file(request.source, request.target, engine, request.options, progress=_progress(job))
            job.notes = [str(line) for line in report.advice]
        except Canceled:
            job.state = "canceled"
            self._forget(job)
        except (RepixError, MemoryError, OSError) as problem:
            job.state, job.error = "failed", _sentence(problem, request.source)
        else:
            job.state = "done"

    def _model(self, name: str) -> LoadedModel:
        """Return an open model; the last ones stay open."""
        if name not in self._models:
            self._models[name] = open_model(catalog()[name].path)
        self._models.move_to_end(name)
        while len(self._models) > OPEN_MODELS:
            self._models.popitem(last=False)
        return self._models[name]


def _progress(job: Job) -> Callable[[int], None]:
    """Return the function that counts the pixels of a job, and ends it when it is canceled."""

    def advance(pixels: int) -> None:
        if job.asked_to_end:
            raise Canceled
        job.done += pixels

    return advance


def _sentence(problem: BaseException, source: Path) -> str:
    """Return what went wrong, without the server's paths."""
    if isinstance(problem, MemoryError):
        return "There is not enough memory for this picture."
    said = str(problem) if isinstance(problem, RepixError) else f"The file cannot be handled: {problem}"
    return said.replace(str(source), "The picture").replace(f"{source.parent}/", "")
