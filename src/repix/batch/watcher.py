"""Watched folders: new and changed files are converted until the user stops the command.

The folders are scanned at intervals. A file that is still being written waits: a job starts when two scans in a row
found the same size and time of its files. A file that failed is tried again after it changes. By the journal, the same
command continues later.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

from repix.batch.jobs import Job, Jobs
from repix.batch.journal import cleared, opened
from repix.batch.options import BatchOptions
from repix.batch.outcome import Outcome, Progress, Report
from repix.batch.runner import DEFAULT, require_other_places, run_with, silent
from repix.batch.work import Work
from repix.batch.worker import failed
from repix.errors import RepixError, WrongUse
from repix.remote import AnyPath, RemotePath

INTERVAL = 2.0
"""Seconds between two scans."""
State = tuple[tuple[int, int, int] | None, ...]
"""Size, time and inode of each file of a job; None for a missing one."""


def ignore(_: Report) -> None:
    """Do nothing with a report."""


@dataclass(frozen=True)
class Observer:
    """Callbacks of `watch`, in the caller's thread."""

    on_progress: Callable[[Progress], None] = silent
    on_report: Callable[[Report], None] = ignore
    """Called after each scan that led to jobs or problems."""


def watch(
    find: Callable[[], Jobs],
    work: Work,
    options: BatchOptions = DEFAULT,
    observer: Observer | None = None,
    wait: Callable[[float], None] = sleep,
) -> Report:
    """Do the jobs that `find` returns, scan again after each `wait`, and return the last outcome of each file.

    KeyboardInterrupt ends it: during a wait the report is that of a complete run, during a conversion that of an
    interrupted one. A full disk ends it too.

    >>> import shutil, tempfile
    >>> from repix.batch import Work, find
    >>> from repix.pictures.fidelity_report import Fidelity
    >>> def copy(source, target, advance):
    ...     shutil.copy(source, target)
    ...     return Fidelity()
    >>> looks = iter([None])
    >>> def wait(seconds):
    ...     if next(looks, "over") == "over":
    ...         raise KeyboardInterrupt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     length = Path(folder, "a.npy").write_bytes(b"...")
    ...     report = watch(lambda: find([Path(folder)], Path(folder, "out")), Work(copy), wait=wait)
    >>> report.outcomes[0].state, report.exit_code
    ('done', 0)
    """
    jobs = find()
    if jobs.folder is None:
        raise WrongUse("--watch needs an output folder for its journal; name one with -o FOLDER.")
    if isinstance(jobs.folder, RemotePath):
        raise WrongUse(f"--watch writes into folders of this machine; -o {jobs.folder} is a URL.")
    require_other_places(jobs)
    folder = jobs.folder
    with opened(folder) as journal:

        def do(ready: Jobs) -> Report:
            with cleared(folder, [job.target for job in ready.each if isinstance(job.target, Path)]):
                return run_with(journal, ready, work, options, told.on_progress)

        told = observer or Observer()
        return _Watch(find, do, told, wait).until_interrupted(jobs)


class _Watch:
    """The scans and their outcomes."""

    def __init__(
        self,
        find: Callable[[], Jobs],
        do: Callable[[Jobs], Report],
        observer: Observer,
        wait: Callable[[float], None],
    ) -> None:
        self._find, self._do, self._observer, self._wait = find, do, observer, wait
        self._seen: dict[Job, State] = {}
        """State of each job's files at the last scan."""
        self._tried: dict[Job, State] = {}
        """The same when the job was last started."""
        self._problems: tuple[tuple[AnyPath, str], ...] = ()
        """Folders that could not be read at the last scan."""
        self._outcomes: dict[AnyPath, Outcome] = {}

    def until_interrupted(self, jobs: Jobs | None) -> Report:
        began = monotonic()
        try:
            while True:
                report = None if jobs is None else self._handle(jobs)
                if report is not None and (report.interrupted or report.stopped):
                    return self._all(began, report.stopped, report.interrupted)
                self._wait(INTERVAL)
                jobs = self._found()
        except KeyboardInterrupt:
            return self._all(began)

    def _handle(self, jobs: Jobs) -> Report | None:
        """Do the ready jobs, and return their report; None if there are none."""
        unread = jobs.unread if jobs.unread != self._problems else ()
        self._problems = jobs.unread
        ready = replace(jobs, each=tuple(self._ready(jobs.each)), unread=unread)
        return self._noted(self._do(ready)) if ready.each or unread else None

    def _ready(self, jobs: Iterable[Job]) -> list[Job]:
        """Return the jobs whose files did not change since the last scan, and were not tried in this state."""
        now = {job: _state(job) for job in jobs}
        ready = [job for job, state in now.items() if self._seen.get(job) == state != self._tried.get(job)]
        self._seen = now
        self._tried = {job: state for job, state in self._tried.items() if job in now}
        self._tried.update((job, now[job]) for job in ready)
        return ready

    def _found(self) -> Jobs | None:
        """Return the jobs; None if they are refused, such as two results of the same path (reported once)."""
        try:
            jobs = self._find()
            require_other_places(jobs)
        except RepixError as problem:
            problems: tuple[tuple[AnyPath, str], ...] = ((Path(), str(problem)),)
            if problems != self._problems:
                self._problems = problems
                self._observer.on_report(Report((failed(Path(), None, str(problem), problem),)))
            return None
        return jobs

    def _noted(self, report: Report) -> Report:
        self._outcomes |= {one.source: one for one in report.outcomes}
        self._observer.on_report(report)
        return report

    def _all(self, began: float, stopped: str = "", interrupted: bool = False) -> Report:
        return Report(tuple(self._outcomes.values()), monotonic() - began, stopped, interrupted)


def _state(job: Job) -> State:
    return tuple(_status(path) for path in (job.source, *job.others))


def _status(path: AnyPath) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
