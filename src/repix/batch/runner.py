"""A run: every file through the same work, several at a time; a bad one is noted and the others go on."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from time import monotonic

from repix.batch.eta import Clock, Eta, Running
from repix.batch.jobs import Job, Jobs
from repix.batch.journal import Journal, opened, read_record
from repix.batch.outcome import Outcome, Progress, Report
from repix.batch.record import Record, digest
from repix.batch.sizes import Sizes
from repix.batch.work import BatchOptions, Work
from repix.batch.worker import Stop, Worker, decide, failed, kept
from repix.errors import FileProblem, WrongUse

PAUSE = 0.5
"""Seconds after which the main thread reports progress and looks for an interruption while it waits."""
DEFAULT = BatchOptions()
OnProgress = Callable[[Progress], None]
"""Called in the caller's thread whenever a file is finished, and twice a second in between."""


def silent(_: Progress) -> None:
    """Report nothing."""


def run(jobs: Jobs, work: Work, options: BatchOptions = DEFAULT, on_progress: OnProgress = silent) -> Report:
    """Do all the jobs that are not done yet, and report on each.

    Where the results go to a folder, its journal says what is done: made of the same content by a work of the same
    fingerprint, and still as it was written. Anything else that stands in the way of a result is replaced only with
    `overwrite`. An interruption, or a full disk, ends the run within a tile; the same call goes on.

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
    """Do the jobs with a journal that is open already."""
    stop = Stop()
    worker = Worker(work, journal, options.overwrite, stop)
    sizes = Sizes({number: job.source for number, job in enumerate(jobs.each)}, work.pixels)
    workers = min(options.workers, work.most_workers or options.workers)
    try:
        return _Run(jobs, worker, stop, workers, sizes).through(on_progress)
    finally:
        worker.tidy()


def dry_run(jobs: Jobs, work: Work, options: BatchOptions = DEFAULT) -> Report:
    """Return what `run` would do: files it would make are "new" or "renewed"; nothing is written.

    >>> from pathlib import Path
    >>> from repix.batch import Work, find
    >>> nothing = Work(lambda source, target, advance: None)
    >>> dry_run(find([Path("nowhere.png")], Path("out")), nothing).outcomes[0].reason
    'nowhere.png: there is no such file.'
    """
    require_other_places(jobs)
    record = Record() if jobs.folder is None else read_record(jobs.folder)
    key = digest(work.fingerprint)

    def foreseen(job: Job) -> Outcome:
        try:
            decision = decide(job, jobs.folder, record, key, options.overwrite, lambda: None)
        except FileProblem as problem:
            return failed(job.source, job.target, str(problem), problem)
        if decision.verdict == "kept" and decision.made is not None:
            return kept(job, decision.made)
        return Outcome(job.source, job.target, "new" if decision.verdict == "new" else "renewed")

    return Report((*_unread(jobs), *map(foreseen, jobs.each)))


class _Run:
    """A run on its way."""

    def __init__(self, jobs: Jobs, worker: Worker, stop: Stop, workers: int, sizes: Sizes) -> None:
        self._jobs, self._worker, self._stop, self._workers = jobs, worker, stop, workers
        self._on_progress: OnProgress = silent
        self._began = monotonic()
        self._working = self._done = monotonic()
        """When the first file began, and when pixels were last converted, or a file that does not tell of them."""
        self._running: dict[int, _Begun] = {}
        self._first: set[int] = set()
        """The jobs with which the workers began."""
        self._outcomes = {number: Outcome(job.source, job.target, "left") for number, job in enumerate(jobs.each)}
        self._finished, self._failed, self._converted = 0, 0, 0
        self._eta = Eta(workers)
        self._sizes = sizes

    def through(self, on_progress: OnProgress) -> Report:
        """Do all jobs, in worker threads."""
        self._on_progress, interrupted = on_progress, False
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="repix")
        futures: dict[Future[Outcome], int] = {}
        try:
            waiting = [number for number, job in enumerate(self._jobs.each) if not self._is_kept(number, job)]
            self._working = self._done = monotonic()
            if waiting:
                self._sizes.begin()
            for number in waiting:
                futures[pool.submit(self._one, number)] = number
            for future in _as_they_end(futures):
                if future is None:
                    self._on_progress(self._progress())
                else:
                    self._finish(futures[future], _outcome(future))
        except KeyboardInterrupt:
            interrupted = True
            self._stop.ask("It was interrupted; the same command goes on where it stopped.")
        except BaseException:
            self._stop.ask("It met an error.")
            raise
        finally:
            pool.shutdown(cancel_futures=True)
            self._sizes.end()
        for future, number in futures.items():  # what was on its way when the interruption came, and got through
            if not future.cancelled():
                self._outcomes[number] = _outcome(future) or self._outcomes[number]
        outcomes = (*_unread(self._jobs), *self._outcomes.values())
        return Report(outcomes, monotonic() - self._began, self._stop.why, interrupted)

    def _is_kept(self, number: int, job: Job) -> bool:
        outcome = self._worker.kept(job)
        self._finish(number, outcome)
        return outcome is not None

    def _one(self, number: int) -> Outcome:
        """One job, in a worker's thread."""
        if len(self._first) < self._workers:
            self._first.add(number)
        now = monotonic()
        begun = self._running[number] = _Begun(now, now, now)

        def advance(pixels: int = 0) -> None:
            self._stop.check()
            begun.last = monotonic()
            if pixels:
                begun.converted += pixels
                self._done = begun.last
            else:
                begun.working = begun.last

        try:
            outcome = self._worker.one(self._jobs.each[number], lambda: self._sizes.of(number), advance)
        finally:
            del self._running[number]
        if outcome.state == "done" and not begun.converted:
            self._done = monotonic()
        return replace(outcome, seconds=monotonic() - begun.at)

    def _finish(self, number: int, outcome: Outcome | None) -> None:
        """Take note of an outcome, and tell how far the run is."""
        if outcome is None:
            return
        self._outcomes[number] = outcome
        self._sizes.drop(number)
        self._finished += 1
        self._failed += outcome.state == "failed"
        if outcome.state == "done":
            self._converted += outcome.pixels or 0
            self._eta.add(outcome.pixels or 0, outcome.seconds, warming=number in self._first)
        self._on_progress(self._progress(outcome))

    def _progress(self, last: Outcome | None = None) -> Progress:
        now = monotonic()
        running = [one.seen(now, self._sizes.known(number)) for number, one in self._running.copy().items()]
        count, pixels = self._sizes.waiting()
        waiting = max(pixels - sum(one.pixels for one in running), 0.0)
        clock = Clock(now - self._working, self._done - self._working)
        return Progress(
            last,
            files=len(self._outcomes),
            finished=self._finished,
            failed=self._failed,
            pixels=self._converted + round(pixels),
            converted=self._converted + sum(one.converted for one in running),
            seconds=now - self._began,
            left=self._eta.left(clock, max(count - len(running), 0), waiting, running),
        )


@dataclass
class _Begun:
    """A job that is being done."""

    at: float
    """When it began."""
    working: float
    """When converting began; before that it may have waited for memory."""
    last: float
    """When the last of its pixels were converted, or else converting began."""
    converted: int = 0
    """How many pixels of it are converted."""

    def seen(self, now: float, pixels: int) -> Running:
        """How far it is, of so many pixels."""
        return Running(pixels, now - self.at, self.converted, Clock(now - self.working, self.last - self.working))


def _as_they_end(futures: Iterable[Future[Outcome]]) -> Iterator[Future[Outcome] | None]:
    """The futures, each when it is done, and None whenever nothing was done for a while.

    The waiting pauses, because not on every system Ctrl-C would end it.
    """
    ended: SimpleQueue[Future[Outcome]] = SimpleQueue()
    left = 0
    for future in futures:
        future.add_done_callback(ended.put)
        left += 1
    while left:
        try:
            future = ended.get(timeout=PAUSE)
        except Empty:
            yield None
        else:
            yield future
            left -= 1


def _outcome(future: Future[Outcome]) -> Outcome | None:
    """What a job came to; None where it was stopped."""
    try:
        return future.result()
    except KeyboardInterrupt:
        return None


@contextmanager
def _journal(jobs: Jobs) -> Iterator[Journal | None]:
    """The journal of the folder that the results go to, where there is one."""
    require_other_places(jobs)
    if jobs.folder is None:
        yield None
        return
    with opened(jobs.folder, [job.target for job in jobs.each]) as journal:
        yield journal


def require_other_places(jobs: Jobs) -> None:
    """A result in its source's place would be taken for a changed source, and be converted again and again."""
    for job in jobs.each if jobs.folder is not None else ():
        if _is_one_file(job):
            raise WrongUse(
                f"{job.source} would be replaced by its own result, and the same command would convert that again; "
                "name another folder, or add --suffix."
            )


def _is_one_file(job: Job) -> bool:
    try:
        return job.source.samefile(job.target)
    except (OSError, ValueError):  # one of them is not there
        return False


def _unread(jobs: Jobs) -> list[Outcome]:
    return [Outcome(folder, None, "failed", why) for folder, why in jobs.unread]
