"""One file of a batch: whether its result must be made, and making it so that a crash at any moment does no harm."""

import os
import secrets
import shutil
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from repix.batch.fingerprint import Fingerprint, fingerprint, look, require_unchanged
from repix.batch.jobs import Job
from repix.batch.journal import Journal, shed
from repix.batch.outcome import Outcome
from repix.batch.record import Made, Record, Verdict, digest
from repix.batch.work import Advance, Work
from repix.errors import DiskFull, FileProblem, RepixError, Unwritable
from repix.pictures.atomic import atomic_file, check_free, folder_error, move_into_place, write_error
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.temporary_files import track, untrack

Check = Callable[[], None]
"""To be called often; raises a KeyboardInterrupt when the run is to stop."""
NOTHING: tuple[int | None, Fidelity] = (None, Fidelity())
"""What the journal says of a side output: neither pixels nor notes of its own."""


class Stop:
    """Whether a run is to stop, and why."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.why = ""

    def ask(self, why: str) -> None:
        """From now on nothing new begins, and what has begun ends at its next check; the first reason counts."""
        if not self._asked.is_set():
            self.why = why
            self._asked.set()

    def check(self) -> None:
        """Raise a KeyboardInterrupt, which no library takes for an error of its own, if the run is to stop."""
        if self._asked.is_set():
            raise KeyboardInterrupt


@dataclass(frozen=True)
class Decision:
    """What is to be done for a job, and what that follows from."""

    verdict: Verdict
    made: Made | None = None
    """The result that stands there, where it is ours."""
    source: Fingerprint | None = None
    """None without a journal."""
    key: str = ""
    """The digest of all that the result depends on besides its source."""


def decide(job: Job, folder: Path | None, record: Record, key: str, overwrite: bool, check: Check) -> Decision:
    """Return what stands where the result and its side outputs should go; refuse what may not be replaced.

    `key` is the digest of the work's fingerprint. Without a folder there is no journal, and every file that is there
    counts as foreign.
    """
    found = look(job.source)
    if folder is None:
        for path in (job.target, *job.side_outputs):
            check_free(path, overwrite)
        return Decision("foreign" if os.path.lexists(job.target) else "new")
    source = record.fingerprint_of(job.source, found, check)
    key = _key_of(job, key, record, check)
    verdicts = []
    for path in (job.target, *job.side_outputs):
        name = path.relative_to(folder).as_posix()
        verdict, made = record.judge(name, path, source, key)
        if verdict == "foreign" and not overwrite:
            said = (
                "was changed after repix wrote it" if name in record.made else "is no file that the journal here knows"
            )
            raise Unwritable(f"{path} {said}; use --overwrite to replace it, or name another folder.")
        verdicts.append((verdict, made))
    verdict, made = verdicts[0]
    if verdict == "kept" and any(one != "kept" for one, _ in verdicts):
        verdict = "renewed"
    return Decision(verdict, made, source, key)


def _key_of(job: Job, key: str, record: Record, check: Check) -> str:
    """Return the digest of all that a job's result depends on besides its source: the work, and its other files."""
    if not job.others:
        return key
    others = [record.fingerprint_of(path, look(path), check).sha256 for path in job.others]
    return digest({"work": key, "others": others})


def kept(job: Job, made: Made) -> Outcome:
    """Return the outcome of a job whose result is there, as it was when it was made."""
    fidelity = Fidelity(converted=made.converted, lost=made.lost)
    return Outcome(job.source, job.target, "kept", pixels=made.pixels, fidelity=fidelity)


def failed(source: Path, target: Path | None, reason: str, problem: RepixError) -> Outcome:
    """Return the outcome of a job that failed; the error itself is not kept, because its traceback holds pictures."""
    return Outcome(source, target, "failed", reason, sentence=str(problem), exit_code=problem.exit_code)


class Worker:
    """Makes the results of a run, in any number of threads."""

    def __init__(self, work: Work, journal: Journal | None, overwrite: bool, stop: Stop) -> None:
        self._work, self._journal, self._overwrite, self._stop = work, journal, overwrite, stop
        self._folder = None if journal is None else journal.folder
        self._key = "" if journal is None else journal.key(work.fingerprint)
        self._made_folders: set[Path] = set()

    def kept(self, job: Job) -> Outcome | None:
        """Return the outcome of a job that is certainly done, by size and time of its files alone."""
        if self._journal is None or job.others:
            return None
        journal = self._journal
        found = [
            journal.record.kept_by_looks(journal.name(path), path, job.source, self._key)
            for path in (job.target, *job.side_outputs)
        ]
        return None if found[0] is None or None in found else kept(job, found[0])

    def one(self, job: Job, size: Callable[[], int | None], advance: Advance) -> Outcome:
        """Make one result, or say why not; raises KeyboardInterrupt when the run stops. `size` gives the pixels."""
        try:
            return self._one(job, size, advance)
        except RepixError as problem:
            if isinstance(problem, DiskFull):
                self._stop.ask("Make room and run the same command again: it goes on where it stopped.")
            why = str(problem) if isinstance(problem, FileProblem) else f"{job.source}: {problem}"
            return failed(job.source, job.target, why, problem)
        except MemoryError:
            why, trace = f"{job.source} is too large to be converted in this machine's memory.", ""
        except Exception as bug:  # noqa: BLE001 (a bug with one file does not stop the others; it is told in full)
            why = f"{job.source} met an error in repix itself, please report it: {type(bug).__name__}: {bug}"
            trace = traceback.format_exc()
        return Outcome(job.source, job.target, "failed", why, traceback=trace)

    def tidy(self) -> None:
        """Take away the folders that were made for results which then failed."""
        for folder in sorted(self._made_folders, key=lambda one: len(one.parts), reverse=True):
            with suppress(OSError):  # something is in it
                folder.rmdir()

    def _one(self, job: Job, size: Callable[[], int | None], advance: Advance) -> Outcome:
        self._stop.check()
        if self._journal is not None:
            self._trusted(self._journal.require_there)
        before = [_looks(path) for path in (job.target, *job.side_outputs)]
        inputs_before = {path: look(path) for path in (job.source, *job.others)}
        record = Record() if self._journal is None else self._journal.record
        decision = decide(job, self._folder, record, self._key, self._overwrite, self._stop.check)
        if decision.verdict == "kept" and decision.made is not None and decision.source is not None:
            return self._kept(job, decision.made, decision.source)
        pixels = size()
        self._make_folder(job.target.parent)
        unfinished = self._unfinished(job)
        on_the_way = (unfinished, *(_unfinished_side_output(unfinished, job, path) for path in job.side_outputs))
        track(*on_the_way)
        try:
            fidelity = self._worked(job, unfinished, advance)
            for path, status in inputs_before.items():
                require_unchanged(path, status)
            for path, looks in zip((job.target, *job.side_outputs), before, strict=True):
                if _looks(path) != looks:
                    raise Unwritable(f"{path} was changed while repix made it; what stands there was left alone.")
            for path in job.side_outputs:
                self._place_side_output(job, _unfinished_side_output(unfinished, job, path), path, decision)
            self._note(job, job.target, unfinished, decision, (pixels, fidelity))
            if self._work.temporary:
                unfinished.replace(job.target)
            else:
                move_into_place(unfinished, job.target, overwrite=decision.verdict != "new")
        finally:
            for one in on_the_way:
                with suppress(OSError):
                    one.unlink()
            untrack(*on_the_way)
        return Outcome(job.source, job.target, "done", pixels=pixels, fidelity=fidelity)

    def _worked(self, job: Job, unfinished: Path, advance: Advance) -> Fidelity:
        """Do the work; its errors name the result as it will be called."""
        try:
            fidelity = self._work.function(job.source, unfinished, advance)
        except FileProblem as problem:
            own, later = (str(path.with_name(path.stem)) for path in (unfinished, job.target))  # and what is beside
            raise type(problem)(str(problem).replace(own, later)) from None
        except OSError as problem:
            raise write_error(job.target, problem) from None
        self._stop.check()  # asked within a library's callback, the answer may have been lost
        return fidelity

    def _kept(self, job: Job, made: Made, source: Fingerprint) -> Outcome:
        """Nothing to do; where the files look otherwise than noted, the next run shall not have to read them again."""
        now = replace(made, source=_absolute(job.source), input=source, output=_seen(made.output, job.target))
        if now != made and self._journal is not None:
            self._trusted(self._journal.seen, now)
        return kept(job, made)

    def _place_side_output(self, job: Job, unfinished: Path, path: Path, decision: Decision) -> None:
        """A side output takes its name; before the work it was seen that it may."""
        self._note(job, path, unfinished, decision)
        overwrite = self._overwrite or self._journal is not None
        if unfinished.stat().st_dev == path.parent.stat().st_dev:
            move_into_place(unfinished, path, overwrite)
            return
        with (
            unfinished.open("rb") as made,
            atomic_file(path, overwrite) as file,
        ):  # the target is a link to another disk
            shutil.copyfileobj(made, file)

    def _note(
        self, job: Job, target: Path, unfinished: Path, decision: Decision, made: tuple[int | None, Fidelity] = NOTHING
    ) -> None:
        """Add the line to the journal that makes a file ours; `made` is the pixels and their report."""
        if self._journal is None or decision.source is None:
            return
        output = fingerprint(unfinished, self._stop.check, settled=True)
        (pixels, fidelity), name, origin = made, self._journal.name(target), _absolute(job.source)
        notes = (fidelity.converted, fidelity.lost)
        self._trusted(self._journal.made, Made(name, origin, decision.source, decision.key, output, pixels, *notes))

    def _trusted(self, asked: Callable[..., None], *given: Made) -> None:
        """Something asked of the journal; without one to trust, nothing more is to be made."""
        try:
            asked(*given)
        except Unwritable as problem:
            self._stop.ask(f"{problem} The results so far are kept; run the same command again when that is mended.")
            raise

    def _unfinished(self, job: Job) -> Path:
        """A free path for the result until it takes its name, with the same suffix, because that names the format."""
        name = f"{secrets.token_hex(8)}.tmp{job.target.suffix}"
        if self._folder is None:
            return Path(os.path.realpath(job.target)).with_name(f".repix-{name}")
        folder = shed(self._folder, job.target.parent)
        try:
            folder.mkdir(exist_ok=True)
        except OSError as problem:
            raise write_error(job.target, problem) from None
        return folder / name

    def _make_folder(self, folder: Path) -> None:
        """The folder of a result; below the folder of all results it may lie deep, elsewhere its parent must exist."""
        if folder.is_dir():
            return
        deep = self._folder is not None
        missing = [one for one in (folder, *folder.parents) if not one.exists()] if deep else [folder]
        try:
            folder.mkdir(parents=deep, exist_ok=True)
        except OSError as problem:
            raise folder_error(folder, problem) from None
        self._made_folders.update(missing)


def _unfinished_side_output(unfinished: Path, job: Job, path: Path) -> Path:
    """What comes to stand beside the result, as long as that has not its name."""
    return unfinished.with_name(f"{unfinished.stem}{path.name.removeprefix(job.target.stem)}")


def _looks(path: Path) -> tuple[int, ...]:
    """Enough of what stands at a path to see that it is another; empty where there is nothing."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _seen(known: Fingerprint, path: Path) -> Fingerprint:
    """Return the fingerprint with the file's present time and inode; its content was compared."""
    found = look(path)
    return replace(known, time=found.st_mtime_ns, inode=found.st_ino)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (links stay as they are)
