"""Run of a batch: all jobs, as many at a time as its place has room for; a failed file does not stop the others."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic

from repix.batch.eta import Clock, Eta, Running
from repix.batch.jobs import Job, Jobs, is_one_file
from repix.batch.journal import Journal, opened, read_record
from repix.batch.measured_place import MeasuredPlace
from repix.batch.options import BatchOptions
from repix.batch.outcome import Outcome, Progress, Report
from repix.batch.outcomes import Outcomes
from repix.batch.packed_jobs import PackedJobs
from repix.batch.place import Place, PlaceLost, Threads
from repix.batch.record import Record, digest
from repix.batch.remote_journal import opened_remote, read_remote_record
from repix.batch.sizes import Sizes
from repix.batch.work import Work
from repix.batch.worker import Stop, Worker, decide, failed, kept, with_origin
from repix.errors import FileProblem, WrongUse
from repix.remote import AnyPath, RemotePath

PAUSE = 0.5
"""Seconds between two progress reports and checks for an interruption."""
DEFAULT = BatchOptions()
OnProgress = Callable[[Progress], None]
"""Called in the caller's thread whenever a file is finished, and twice a second."""


def silent(_: Progress) -> None:
    """Report nothing."""


def run(jobs: Jobs, work: Work, options: BatchOptions = DEFAULT, on_progress: OnProgress = silent) -> Report:
    """Do all jobs whose results are not up to date, and return the outcome of each.

    In an output folder, the journal tells which results are up to date: same content of the source, same fingerprint of
    the work, and unchanged since. Other existing files are replaced only with `overwrite`. An interruption or a full
    disk ends the run within one tile; the same call continues it.

    >>> import shutil, tempfile
    >>> from pathlib import Path
    >>> from repix.batch import Work, find
    >>> from repix.pictures.fidelity_report import Fidelity
    >>> def copy(source, target, advance):
    ...     shutil.copy(source, target)
    ...     return Fidelity()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     jobs = find([Path(folder, "a.npy")], Path(folder, "out"))
    ...     length = jobs.each[0].source.write_bytes(b"...")
    ...     [run(jobs, Work(copy)).outcomes[0].state for _ in range(2)]
    ['done', 'kept']
    """
    with _journal(jobs) as journal:
        return run_with(journal, jobs, work, options, on_progress)


def run_with(journal: Journal | None, jobs: Jobs, work: Work, options: BatchOptions, on_progress: OnProgress) -> Report:
    """Do the jobs with an open journal."""
    stop = Stop()
    place = options.place or _place(work, min(options.workers, work.most_workers or options.workers), journal)
    worker = Worker(work, journal, options.overwrite, stop, place)
    try:
        report = _Run(jobs, worker, stop, place, Sizes(jobs.each, work.pixels)).through(on_progress)
    finally:
        if isinstance(place, MeasuredPlace):
            place.close()
        worker.tidy()
    return replace(report, choice=place.choice) if isinstance(place, MeasuredPlace) else report


def _place(work: Work, workers: int, journal: Journal | None) -> Place:
    """Return the place of a run on this machine; what a killed process leaves is deleted only where a journal is."""
    if workers == 1 or work.program is None or journal is None:
        return Threads(work.function, workers)
    return MeasuredPlace(work.function, workers, work.program)


def dry_run(jobs: Jobs, work: Work, options: BatchOptions = DEFAULT) -> Report:
    """Return the report that `run` would give, with "new" and "renewed" for files to be made; nothing is written.

    >>> from pathlib import Path
    >>> from repix.batch import Work, find
    >>> nothing = Work(lambda source, target, advance: None)
    >>> dry_run(find([Path("nowhere.png")], Path("out")), nothing).outcomes[0].reason
    'nowhere.png: there is no such file.'
    """
    return Report(tuple(foresee(jobs, work, options)))


def foresee(jobs: Jobs, work: Work, options: BatchOptions = DEFAULT) -> Iterator[Outcome]:
    """Yield the outcomes of `dry_run` one after another."""
    require_other_places(jobs)
    record = Record() if jobs.folder is None else _record(jobs.folder)
    key = digest(work.fingerprint)
    yield from _unread(jobs)
    for job in jobs.each:
        try:
            decision = decide(job, jobs.folder, record, key, options.overwrite, lambda: None)
        except FileProblem as problem:
            yield failed(job.source, job.target, with_origin(job, str(problem)), problem)
            continue
        if decision.status == "kept" and decision.made is not None:
            yield kept(job, decision.made)
        else:
            yield Outcome(job.source, job.target, "new" if decision.status == "new" else "renewed")


class _Run:
    """A run in progress."""

    def __init__(self, jobs: Jobs, worker: Worker, stop: Stop, place: Place, sizes: Sizes) -> None:
        self._jobs, self._worker, self._stop, self._place = jobs, worker, stop, place
        self._on_progress: OnProgress = silent
        self._began = monotonic()
        self._working = self._done = monotonic()
        """Start of the first file; time of the last progress: converted pixels, or a finished file."""
        self._running: dict[int, _RunningJob] = {}
        self._first: set[int] = set()
        """Numbers of the first job of each worker."""
        self._outcomes = Outcomes(jobs.each)
        self._finished, self._failed, self._converted = 0, 0, 0
        self._eta = Eta(place.most)
        self._sizes = sizes

    def through(self, on_progress: OnProgress) -> Report:
        """Do all jobs, and return the report."""
        self._on_progress, interrupted = on_progress, False
        pool = ThreadPoolExecutor(self._place.most, thread_name_prefix="repix")
        running: dict[Future[Outcome], int] = {}
        try:
            waiting = deque(number for number, job in enumerate(self._jobs.each) if not self._is_kept(number, job))
            self._working = self._done = monotonic()
            if isinstance(self._place, MeasuredPlace):
                self._place.files = len(waiting)
            if waiting:
                self._sizes.begin()
            self._work_off(waiting, running, pool)
        except KeyboardInterrupt:
            interrupted = True
            self._stop.ask("Interrupted; run the same command again to continue.")
        except PlaceLost as problem:
            self._stop.ask(str(problem))
        except BaseException:
            self._stop.ask("An error occurred.")
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            self._sizes.end()
        for future, number in running.items():  # jobs that ended after the interruption
            outcome = None if future.cancelled() else _outcome(future)
            if outcome is not None:
                self._outcomes.put(number, outcome)
        unread = _unread(self._jobs)
        is_packed = isinstance(self._jobs.each, PackedJobs) and not unread
        outcomes = self._outcomes if is_packed else (*unread, *self._outcomes)
        return Report(outcomes, monotonic() - self._began, self._stop.why, interrupted)

    def _work_off(self, waiting: deque[int], running: dict[Future[Outcome], int], pool: ThreadPoolExecutor) -> None:
        """Start a waiting job whenever there is room, until none waits or runs.

        Waiting has a time limit because a blocking wait ignores Ctrl-C on some systems, and because room may grow.
        """
        ended: SimpleQueue[Future[Outcome]] = SimpleQueue()
        while (waiting and not self._stop.why) or running:
            room = self._place.room()
            self._eta.workers = max(room, 1)
            while waiting and not self._stop.why and len(running) < room:
                number = waiting.popleft()
                future = pool.submit(self._one, number)
                running[future] = number
                future.add_done_callback(ended.put)
            try:
                future = ended.get(timeout=PAUSE)
            except Empty:
                self._on_progress(self._progress())
            else:
                self._finish(running.pop(future), _outcome(future))

    def _is_kept(self, number: int, job: Job) -> bool:
        outcome = self._worker.kept(job)
        self._finish(number, outcome)
        return outcome is not None

    def _one(self, number: int) -> Outcome:
        """Do one job in a worker thread, and return its outcome."""
        if len(self._first) < self._eta.workers:
            self._first.add(number)
        now = monotonic()
        begun = self._running[number] = _RunningJob(now, now, now)

        def advance(pixels: int = 0) -> None:
            self._stop.check()
            begun.last = monotonic()
            if pixels:
                begun.converted += pixels
                self._done = begun.last
            else:
                begun.working = begun.last

        try:
            outcome = self._worker.one(self._jobs.each[number], partial(self._sizes.of, number), advance)
        finally:
            del self._running[number]
        if outcome.state == "done" and not begun.converted:
            self._done = monotonic()
        return replace(outcome, seconds=monotonic() - begun.at)

    def _finish(self, number: int, outcome: Outcome | None) -> None:
        """Store an outcome and report the progress."""
        if outcome is None:
            return
        self._outcomes.put(number, outcome)
        self._finished += 1
        self._sizes.drop(number)
        self._failed += outcome.state == "failed"
        if outcome.state == "done":
            self._converted += outcome.pixels or 0
            self._eta.add(outcome.pixels or 0, outcome.seconds, warming=number in self._first)
        self._on_progress(self._progress(outcome))

    def _progress(self, last: Outcome | None = None) -> Progress:
        now = monotonic()
        running = [one.progress(now, self._sizes.known(number)) for number, one in self._running.copy().items()]
        count, pixels = self._sizes.waiting()
        waiting = max(pixels - sum(one.pixels for one in running), 0.0)
        clock = Clock(now - self._working, self._done - self._working)
        return Progress(
            last,
            files=len(self._jobs.each),
            finished=self._finished,
            failed=self._failed,
            pixels=self._converted + round(pixels),
            converted=self._converted + sum(one.converted for one in running),
            seconds=now - self._began,
            left=self._eta.left(clock, max(count - len(running), 0), waiting, running),
        )


@dataclass
class _RunningJob:
    """A job that a worker does now."""

    at: float
    """Start time."""
    working: float
    """Start time of the conversion; before it, the job may have waited for memory."""
    last: float
    """Time of the last progress."""
    converted: int = 0
    """Number of converted pixels."""

    def progress(self, now: float, pixels: int) -> Running:
        """Return its progress for the estimate of the time left; `pixels` is the total."""
        return Running(pixels, now - self.at, self.converted, Clock(now - self.working, self.last - self.working))


def _outcome(future: Future[Outcome]) -> Outcome | None:
    """Return the outcome of a job; None if it was stopped."""
    try:
        return future.result()
    except KeyboardInterrupt:
        return None


@contextmanager
def _journal(jobs: Jobs) -> Iterator[Journal | None]:
    """Open the journal of the output folder; None if there is no such folder."""
    require_other_places(jobs)
    if jobs.folder is None:
        yield None
        return
    if isinstance(jobs.folder, RemotePath):
        with opened_remote(jobs.folder) as journal:
            yield journal
        return
    with opened(jobs.folder, (job.target for job in jobs.each if isinstance(job.target, Path))) as journal:
        yield journal


def _record(folder: AnyPath) -> Record:
    return read_remote_record(folder) if isinstance(folder, RemotePath) else read_record(folder)


def require_other_places(jobs: Jobs) -> None:
    """Refuse results that replace their sources: the next run would convert them again."""
    for job in jobs.each if jobs.folder is not None and not jobs.are_apart else ():
        if is_one_file(job.source, job.target):
            raise WrongUse(
                f"{job.source} would be replaced by its result, and the same command would convert that again; name "
                "another folder, or add --suffix."
            )


def _unread(jobs: Jobs) -> list[Outcome]:
    return [Outcome(folder, None, "failed", why) for folder, why in jobs.unread]
