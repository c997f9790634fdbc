"""Worker: decides if a result must be made, and makes it so that a crash at any moment does no harm."""

import os
import secrets
import shutil
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from repix.batch.any_path import absolute, exists, state
from repix.batch.fingerprint import Fingerprint, file_status, fingerprint, require_unchanged
from repix.batch.jobs import Job
from repix.batch.journal import Journal, name_within, unfinished_folder
from repix.batch.outcome import Outcome
from repix.batch.place import Check, Made, Order, Place, PlaceLost
from repix.batch.ranged_file import RangedFile
from repix.batch.record import Entry, Record, ResultStatus, digest, listed_status
from repix.batch.transfer import Transfer, publish
from repix.batch.work import Advance, Work
from repix.errors import DiskFull, FileProblem, RepixError, Unreachable, Unwritable
from repix.pictures.atomic import (
    atomic_file,
    check_replaceable,
    folder_error,
    move_into_place,
    track,
    untrack,
    write_error,
)
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.sources import FileSource
from repix.remote import AnyPath, RemotePath
from repix.volumes.formats import stem, whole_suffix

Size = Callable[[FileSource], int | None]
"""Returns the pixel count of a job's source, at its local path or in ranges."""
NOTHING: tuple[int | None, Fidelity] = (None, Fidelity())
"""Pixels and notes of a side output in the journal."""


class Stop:
    """Stop request of a run, with its reason."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.why = ""

    def ask(self, why: str) -> None:
        """Request a stop: no new job starts, running ones end at their next check. The first reason is kept."""
        if not self._asked.is_set():
            self.why = why
            self._asked.set()

    def check(self) -> None:
        """Raise KeyboardInterrupt, which no library catches, if a stop was requested."""
        if self._asked.is_set():
            raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision about a job: the status of its result, and what it is based on."""

    status: ResultStatus
    made: Entry | None = None
    """Entry of the existing result, if repix made it."""
    source: Fingerprint | None = None
    """None if the source was not read: without a journal, or because no result exists."""
    key: str = ""
    """Digest of everything that the result depends on besides its source."""


def decide(job: Job, folder: AnyPath | None, record: Record, key: str, overwrite: bool, check: Check) -> Decision:
    """Return the status of a job's result and side outputs; files that may not be replaced are refused.

    `key` is the digest of the work's fingerprint. Without a folder there is no journal, and every existing file is
    foreign.
    """
    found = listed_status(job.source) or file_status(job.source)
    if folder is None:
        for path in (job.target, *job.side_outputs):
            _check_replaceable(path, overwrite)
        return Decision("foreign" if exists(job.target) else "new")
    key = _key_of(job, key, record, check)
    paths = (job.target, *job.side_outputs)
    if not any(_is_there(folder, record, path) for path in paths):
        return Decision("new", None, record.known(job.source, found), key)
    source = record.fingerprint_of(job.source, found, check)
    statuses = []
    for path in paths:
        name = name_within(folder, path)
        status, made = record.status_of(name, path, source, key)
        if status == "foreign" and not overwrite:
            said = "was changed after repix wrote it" if name in record.made else "is not in the journal of its folder"
            raise Unwritable(f"{path} {said}; use --overwrite to replace it, or name another folder.")
        statuses.append((status, made))
    status, made = statuses[0]
    if status == "kept" and any(one != "kept" for one, _ in statuses):
        status = "renewed"
    return Decision(status, made, source, key)


def _is_there(folder: AnyPath, record: Record, path: AnyPath) -> bool:
    """Return True for an existing result; in a remote folder, when it was listed (publishing looks again)."""
    return exists(path) if record.listed is None else name_within(folder, path) in record.listed


def _check_replaceable(path: AnyPath, overwrite: bool) -> None:
    if isinstance(path, Path):
        check_replaceable(path, overwrite)
    elif not overwrite and exists(path):
        raise Unwritable(f"{path} exists already; use --overwrite to replace it, or name another file.")


def _key_of(job: Job, key: str, record: Record, check: Check) -> str:
    """Return the digest of everything that a result depends on besides its source: the work and the other sources."""
    if not job.others:
        return key
    others = [record.fingerprint_of(path, file_status(path), check).sha256 for path in job.others]
    return digest({"work": key, "others": others})


def kept(job: Job, made: Entry) -> Outcome:
    """Return the outcome of a job whose result is up to date."""
    fidelity = Fidelity(converted=made.converted, lost=made.lost)
    return Outcome(job.source, job.target, "kept", pixels=made.pixels, fidelity=fidelity)


def with_origin(job: Job, why: str) -> str:
    """Return the reason of a failure, after the line of the list that names the job, if one does."""
    return f"{job.origin}: {why}" if job.origin else why


def failed(source: AnyPath, target: AnyPath | None, reason: str, problem: RepixError) -> Outcome:
    """Return the outcome of a job that failed; the error itself is not kept, as its traceback references pictures."""
    return Outcome(source, target, "failed", reason, sentence=str(problem), exit_code=problem.exit_code)


class Worker:
    """Makes the results of a run, in any number of threads."""

    def __init__(self, work: Work, journal: Journal | None, overwrite: bool, stop: Stop, place: Place) -> None:
        self._work, self._journal, self._overwrite, self._stop, self._place = work, journal, overwrite, stop, place
        self._folder = None if journal is None else journal.folder
        self._key = "" if journal is None else journal.key(work.fingerprint)
        self._made_folders: set[Path] = set()
        self._transfer = Transfer(ranged=work.ranged is not None)

    def kept(self, job: Job) -> Outcome | None:
        """Return the outcome of a job if size, time and inode prove its result up to date; otherwise None."""
        if self._journal is None or job.others:
            return None
        journal = self._journal
        found = [
            journal.record.unchanged(journal.name(path), path, job.source, self._key)
            for path in (job.target, *job.side_outputs)
        ]
        return None if found[0] is None or None in found else kept(job, found[0])

    def one(self, job: Job, size: Size, advance: Advance) -> Outcome:
        """Make one result and return its outcome; raises KeyboardInterrupt if the run stops."""
        try:
            return self._one(job, size, advance)
        except (PlaceLost, Unreachable) as problem:
            self._stop.ask(str(problem))
            raise KeyboardInterrupt from None
        except RepixError as problem:
            if isinstance(problem, DiskFull):
                self._stop.ask("Free disk space and run the same command again; it continues where it stopped.")
            why = str(problem) if isinstance(problem, FileProblem) else f"{job.source}: {problem}"
            return failed(job.source, job.target, with_origin(job, why), problem)
        except MemoryError:
            why, trace = f"{job.source} is too large for the memory of this machine.", ""
        except Exception as bug:  # noqa: BLE001 (a bug with one file does not stop the others; the traceback is reported)
            why = f"{job.source} caused an error in repix, please report it: {type(bug).__name__}: {bug}"
            trace = traceback.format_exc()
        return Outcome(job.source, job.target, "failed", with_origin(job, why), traceback=trace)

    def tidy(self) -> None:
        """Delete copies of remote files, and folders that were created for results that failed."""
        self._transfer.close()
        for folder in sorted(self._made_folders, key=lambda one: len(one.parts), reverse=True):
            with suppress(OSError):  # it is not empty
                folder.rmdir()

    def _one(self, job: Job, size: Size, advance: Advance) -> Outcome:
        self._stop.check()
        if self._journal is not None:
            self._trusted(self._journal.require_existing)
        record = Record() if self._journal is None else self._journal.record
        before = {path: _state_before(path, self._folder, record) for path in (job.target, *job.side_outputs)}
        inputs_before = {path: file_status(path) for path in (job.source, *job.others) if isinstance(path, Path)}
        decision = decide(job, self._folder, record, self._key, self._overwrite, self._stop.check)
        if decision.status == "kept" and decision.made is not None and decision.source is not None:
            return self._kept(job, decision.made, decision.source)
        with self._transfer.opened(job.source, self._stop.check) as (source, known):
            pixels = size(source.data if isinstance(source, RangedFile) else source)
            if isinstance(job.target, Path):
                self._make_folder(job.target.parent)
            unfinished = self._unfinished(job)
            on_the_way = (unfinished, *(_unfinished_side_output(unfinished, job, path) for path in job.side_outputs))
            track(*on_the_way)
            try:
                if isinstance(source, RangedFile):
                    made = self._made_in_ranges(job, source, on_the_way, advance)
                else:
                    order = Order(source, on_the_way, known or decision.source, self._journal is not None)
                    made = self._made(job, order, advance)
                for path, status in inputs_before.items():
                    require_unchanged(path, status)
                for target, was in before.items():
                    if was is not None and state(target) != was:
                        raise Unwritable(f"{target} was changed by another program meanwhile; it was not replaced.")
                decision = replace(decision, source=made.source)
                outputs = dict(zip(on_the_way, made.results, strict=False))  # there are none without a journal
                for target, one in zip(job.side_outputs, on_the_way[1:], strict=True):
                    entry = self._note(job, target, outputs.get(one), decision)
                    self._place_side_output(one, target)
                    self._note_published(entry, target)
                entry = self._note(job, job.target, outputs.get(unfinished), decision, (pixels, made.fidelity))
                self._place_result(unfinished, job.target, overwrite=decision.status != "new")
                self._note_published(entry, job.target)
            finally:
                for one in on_the_way:
                    with suppress(OSError):
                        one.unlink()
                untrack(*on_the_way)
        return Outcome(job.source, job.target, "done", pixels=pixels, fidelity=made.fidelity)

    def _made(self, job: Job, order: Order, advance: Advance) -> Made:
        """Make the result at its temporary path; errors name it by its final path."""
        with _final_names(job, order.source, order.results[0]):
            made = self._place.make(order, advance, self._stop.check)
        self._stop.check()
        return made

    def _made_in_ranges(self, job: Job, source: RangedFile, results: tuple[Path, ...], advance: Advance) -> Made:
        """Make the result of a picture that is read meanwhile, in this thread, whatever the place is."""
        assert self._work.ranged is not None  # noqa: S101 (else it would be fetched)
        with _final_names(job, job.source, results[0]):
            fidelity = self._work.ranged(source.data, results[0], advance)
        self._stop.check()
        if self._journal is None:
            source.require_unchanged()
            return Made(fidelity)
        made = tuple(fingerprint(one, self._stop.check, settled=True) for one in results)
        return Made(fidelity, source.fingerprint(), made)

    def _kept(self, job: Job, made: Entry, source: Fingerprint) -> Outcome:
        """Return the outcome of an up-to-date result; changed times are noted for the next run."""
        now = replace(made, source=absolute(job.source), input=source, output=_seen(made.output, job.target))
        if now != made and self._journal is not None:
            self._trusted(self._journal.refresh, now)
        return kept(job, made)

    def _place_result(self, unfinished: Path, target: AnyPath, overwrite: bool) -> None:
        """Move a result to its path."""
        if isinstance(target, RemotePath):
            publish(unfinished, target, overwrite)
        elif self._work.temporary:
            unfinished.replace(target)
        else:
            move_into_place(unfinished, target, overwrite)

    def _place_side_output(self, unfinished: Path, path: AnyPath) -> None:
        """Move a side output to its path; `decide` has checked that this is allowed."""
        overwrite = self._overwrite or self._journal is not None
        if isinstance(path, RemotePath):
            publish(unfinished, path, overwrite)
            return
        if unfinished.stat().st_dev == path.parent.stat().st_dev:
            move_into_place(unfinished, path, overwrite)
            return
        with (
            unfinished.open("rb") as made,
            atomic_file(path, overwrite) as file,
        ):  # the target is a link to another disk
            shutil.copyfileobj(made, file)

    def _note(
        self,
        job: Job,
        target: AnyPath,
        output: Fingerprint | None,
        decision: Decision,
        made: tuple[int | None, Fidelity] = NOTHING,
    ) -> Entry | None:
        """Add a file's entry to the journal, and return it; `made` is its pixel count and fidelity."""
        if self._journal is None or decision.source is None or output is None:
            return None
        if isinstance(target, RemotePath):
            output = replace(output, time=None, inode=0)  # the store's are known after publishing
        (pixels, fidelity), name, origin = made, self._journal.name(target), absolute(job.source)
        notes = (fidelity.converted, fidelity.lost)
        entry = Entry(name, origin, decision.source, decision.key, output, pixels, *notes)
        self._trusted(self._journal.add, entry)
        return entry

    def _note_published(self, entry: Entry | None, target: AnyPath) -> None:
        """Note the store's time and entity tag of a published file; if they are lost, the next run reads the file."""
        if entry is None or self._journal is None or isinstance(target, Path):
            return
        with suppress(FileProblem):
            now = _seen(entry.output, target)
            self._trusted(self._journal.refresh, replace(entry, output=now))

    def _trusted(self, asked: Callable[..., None], *given: Entry) -> None:
        """Call a method of the journal; if the journal cannot be written, the run stops."""
        try:
            asked(*given)
        except Unwritable as problem:
            self._stop.ask(f"{problem} The finished results are kept; solve this and run the same command again.")
            raise

    def _unfinished(self, job: Job) -> Path:
        """Return a temporary path for the result, with the same suffix, which selects the format."""
        if isinstance(job.target, RemotePath):
            return self._transfer.new(job.target.name)
        name = f"{secrets.token_hex(8)}.tmp{whole_suffix(job.target.name)}"
        if not isinstance(self._folder, Path):
            return Path(os.path.realpath(job.target)).with_name(f".repix-{name}")
        folder = unfinished_folder(self._folder, job.target.parent)
        try:
            folder.mkdir(exist_ok=True)
        except OSError as problem:
            raise write_error(job.target, problem) from None
        return folder / name

    def _make_folder(self, folder: Path) -> None:
        """Create the folder of a result; outside an output folder its parent must exist."""
        if folder.is_dir():
            return
        deep = self._folder is not None
        missing = [one for one in (folder, *folder.parents) if not one.exists()] if deep else [folder]
        try:
            folder.mkdir(parents=deep, exist_ok=True)
        except OSError as problem:
            raise folder_error(folder, problem) from None
        self._made_folders.update(missing)


@contextmanager
def _final_names(job: Job, source: AnyPath, result: Path) -> Iterator[None]:
    """Convert errors about temporary paths to errors about the files of a job."""
    try:
        yield
    except FileProblem as problem:
        own, later = _without_suffix(result), _without_suffix(job.target)  # side outputs too
        raise type(problem)(str(problem).replace(str(source), str(job.source)).replace(own, later)) from None
    except OSError as problem:
        raise write_error(str(job.target), problem) from None


def _unfinished_side_output(unfinished: Path, job: Job, path: AnyPath) -> Path:
    """Return the temporary path of a side output."""
    return unfinished.with_name(f"{stem(unfinished)}{path.name.removeprefix(stem(Path(job.target.name)))}")


def _without_suffix(path: AnyPath) -> str:
    return str(path.with_name(stem(Path(path.name))))


def _state_before(path: AnyPath, folder: AnyPath | None, record: Record) -> tuple[int, ...] | None:
    """Return the state of a result's path; None for one that a remote folder did not list: publishing looks again."""
    if folder is not None and record.listed is not None and name_within(folder, path) not in record.listed:
        return None
    return state(path)


def _seen(known: Fingerprint, path: AnyPath) -> Fingerprint:
    """Return the fingerprint with the file's present time and inode; the content is the same."""
    found = file_status(path)
    return replace(known, time=found.st_mtime_ns, inode=found.st_ino)
