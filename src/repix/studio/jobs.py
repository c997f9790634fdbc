"""Jobs: work that waits in a bounded line and runs one after the other.

Small work that a person waits for, such as a preview, goes first: between two tiles of the running job, in its thread.
"""

import logging
import shutil
import threading
import time
import uuid
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from repix.conversion.budget import Budget
from repix.errors import RepixError
from repix.studio.helper_process import HelperProcess
from repix.studio.line import Line, LineFull
from repix.studio.problems import defect, sentence
from repix.studio.progress import Canceled, Progress
from repix.studio.pyramid import Pyramid
from repix.studio.settings import StudioSettings
from repix.studio.tiles import Side, Tiles
from repix.studio.work import OpenModels, Work, Workplace

State = Literal["waiting", "running", "done", "failed", "canceled"]
LOG = logging.getLogger(__name__)
ENDED = ("done", "failed", "canceled")


class Busy(RepixError):
    """The line, or the room for files, is full."""


@dataclass(eq=False)
class Job:
    """Work with its state."""

    work: Work
    client: str = ""
    """The address that sent it."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    progress: Progress = field(default_factory=Progress)
    error: str = ""
    notes: list[str] = field(default_factory=list)
    bytes: int = 0
    """Of its files."""
    tiles: Tiles = field(default_factory=Tiles)

    def to_dict(self) -> dict[str, Any]:
        """Return the job for JSON."""
        return {
            "id": self.id,
            "state": self.state,
            "progress": 1.0 if self.state == "done" else round(self.progress.share, 4),
            "seconds_left": self.progress.seconds_left if self.state == "running" else None,
            "name": self.work.name,
            "error": self.error,
            "notes": self.notes,
            **self.work.to_dict(),
        }


class Jobs:
    """The line, and the thread that works."""

    def __init__(self, settings: StudioSettings) -> None:
        self._settings = settings
        self._line = Line[Job](settings.waiting)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self.ended: Counter[tuple[str, State]] = Counter()
        """The number of jobs that ended, by kind and state."""
        self.seconds: dict[str, float] = {}
        """The time that jobs took, by kind."""
        self._models, self._helper = OpenModels(), HelperProcess()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="repix-studio", daemon=True)
        self._thread.start()

    def add(self, work: Work, client: str = "", first: bool = False) -> Job:
        """Put work into the line; raise Busy if there is no room for it.

        Args:
            work: what is to be done.
            client: the address that sent it.
            first: whether it goes before others, also before the rest of the job that runs.
        """
        progress = Progress() if first else Progress(between=self._run_first)
        job = Job(work, client, bytes=_bytes(work.folder), progress=progress)
        self._require_room(job)
        with self._lock:
            self._jobs[job.id] = job
        try:
            self._line.put(job, first)
        except LineFull:
            with self._lock:
                del self._jobs[job.id]
            raise Busy(f"{self._settings.waiting} jobs are waiting already; try again later.") from None
        return job

    def hold(self, work: Work, client: str = "") -> Job:
        """Keep work that need not wait, as done; raise Busy if there is no room for its files."""
        job = Job(work, client, state="done", bytes=_bytes(work.folder))
        self._require_room(job)
        with self._lock:
            self._jobs[job.id] = job
        return job

    def pyramid(self, job: Job, side: Side) -> Pyramid:
        """Return the levels of a job's source or result, made at the first call; they count as its files."""
        room = self._settings.storage - sum(one.bytes for one in self.all())
        made = job.tiles.of(side, job.work.uploads[0].path if side == "before" else job.work.result, room)
        job.bytes = _bytes(job.work.folder)
        return made

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
        job.progress.is_canceled = True
        if job.state in ("waiting", *ENDED):
            job.state = "canceled" if job.state == "waiting" else job.state
            self._forget(job)

    def close(self) -> None:
        """End the thread after the tile that it computes."""
        self._ending.set()
        for job in self.all():
            job.progress.is_canceled = True
        self._line.close()
        self._thread.join()
        self._helper.close()

    def _require_room(self, new: Job) -> None:
        """Refuse a client that has too much waiting; forget old results while there is no room for the job's files."""
        waiting = [one for one in self.all() if one.state == "waiting" and one.client == new.client]
        if len(waiting) >= self._settings.waiting_per_client:
            raise Busy(f"{len(waiting)} of your jobs are waiting already; try again later.")
        self._forget_old(new.bytes)
        if new.bytes + sum(one.bytes for one in self.all()) > self._settings.storage:
            raise Busy("The files of the jobs that are waiting fill the room there is; try again later.")

    def _forget_old(self, needed: int = 0) -> None:
        """Forget the oldest ended jobs while there are too many, or their files too large."""
        jobs = self.all()
        ended = [one for one in jobs if one.state in ENDED]
        stored = needed + sum(one.bytes for one in jobs)
        while ended and (len(ended) > self._settings.results or stored > self._settings.storage):
            oldest = ended.pop(0)
            stored -= oldest.bytes
            self._forget(oldest)

    def _forget(self, job: Job) -> None:
        with self._lock:
            self._jobs.pop(job.id, None)
        shutil.rmtree(job.work.folder, ignore_errors=True)

    def _work(self) -> None:
        while (job := self._line.take()) is not None:
            self._do(job)

    def _run_first(self) -> None:
        """Run what goes before the rest of the job that runs."""
        while (job := self._line.take_first()) is not None:
            self._do(job)

    def _do(self, job: Job) -> None:
        """Run a job that was not canceled meanwhile, and count it."""
        if job.progress.is_canceled:
            return
        started, kind = time.monotonic(), job.work.to_dict()["kind"]
        self._run(job)
        with self._lock:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.monotonic() - started
            self.ended[kind, job.state] += 1
        self._forget_old()

    def _run(self, job: Job) -> None:
        job.state = "running"
        try:
            budget = Budget.read(self._settings.memory, None)
            job.notes = job.work.run(Workplace(self._models, self._helper, budget, job.progress))
        except Canceled:
            job.state = "canceled"
            self._forget(job)
        except (RepixError, MemoryError, OSError) as problem:
            job.state, job.error = "failed", _without_paths(sentence(problem), job.work)
        except Exception as problem:  # a defect, here or in a library: the other jobs go on
            LOG.exception("A job of the kind %s failed", job.work.to_dict()["kind"])
            job.state, job.error = "failed", defect(problem)
        else:
            job.bytes = _bytes(job.work.folder)
            job.state = "done"


def _bytes(folder: Path) -> int:
    """Return the size of the files of a job."""
    return sum(one.stat().st_size for one in folder.iterdir())


def _without_paths(said: str, work: Work) -> str:
    """Return a sentence without the server's paths, with the names that the user knows."""
    for upload in work.uploads:
        said = upload.without_path(said)
    return said.replace(f"{work.folder}/", "").replace(work.result.name, work.name)
