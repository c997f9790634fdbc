"""One file of many: whether its result is to be made, and how it is made so that a crash at any moment is no harm."""

import os
import secrets
import shutil
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from repix.conversion.many.jobs import Job
from repix.conversion.many.journal import Journal, shed
from repix.conversion.many.outcome import Outcome
from repix.conversion.many.record import Made, Record, Verdict
from repix.conversion.many.stamp import Stamp, look, require_unchanged, stamp
from repix.errors import DiskFull, FileProblem, RepixError, Unwritable
from repix.pictures.atomic import atomic_file, check_free, folder_error, move_into_place, write_error
from repix.pictures.fidelity_report import Fidelity
from repix.pictures.temporary_files import track, untrack

Check = Callable[[], None]
"""To be called often; raises a KeyboardInterrupt when the run is to stop."""


class Advance(Protocol):
    """To be called with no pixels when converting begins, and then between tiles with those just converted.

    Raises a KeyboardInterrupt when the run is to stop.
    """

    def __call__(self, pixels: int = 0) -> None:
        """So many pixels more."""


Work = Callable[[Path, Path, Advance], Fidelity]
"""Makes a file of a source. The path it is given is not yet the result's, but ends in the same suffix and is free.

What the job has beside its target is written beside that path in the same way, and comes to stand beside the result.
"""


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


def judged(
    job: Job, folder: Path | None, record: Record, key: str, overwrite: bool, check: Check
) -> tuple[Verdict, Made | None, Stamp | None]:
    """What stands where the result should go, and beside it, ours or not; refuses what may not be replaced.

    Without a folder there is no journal, and every file that is there is somebody else's.
    """
    found = look(job.source)
    if folder is None:
        for path in (job.target, *job.beside):
            check_free(path, overwrite)
        return ("foreign" if os.path.lexists(job.target) else "new"), None, None
    source = record.stamp_of(job.source, found, check)
    verdicts = []
    for path in (job.target, *job.beside):
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
        return "renewed", made, source
    return verdict, made, source


def kept(job: Job, made: Made) -> Outcome:
    """The outcome of a job whose result is there, as it was when it was made."""
    fidelity = Fidelity(converted=made.converted, lost=made.lost)
    return Outcome(job.source, job.target, "kept", pixels=made.pixels, fidelity=fidelity)


class Making:
    """Makes the results of a run, in any number of threads."""

    def __init__(
        self, work: Work, journal: Journal | None, key: Mapping[str, Any], overwrite: bool, stop: Stop
    ) -> None:
        self._work, self._journal, self._overwrite, self._stop = work, journal, overwrite, stop
        self._folder = None if journal is None else journal.folder
        self._key = "" if journal is None else journal.key(key)
        self._made_folders: set[Path] = set()

    def kept(self, job: Job) -> Outcome | None:
        """The outcome of a job that is surely done, judged by the looks of its files."""
        if self._journal is None:
            return None
        journal = self._journal
        found = [
            journal.record.kept_by_looks(journal.name(path), path, job.source, self._key)
            for path in (job.target, *job.beside)
        ]
        return None if found[0] is None or None in found else kept(job, found[0])

    def one(self, job: Job, size: Callable[[], int | None], advance: Advance) -> Outcome:
        """Make one result, or say why not; a KeyboardInterrupt where the run is to stop. `size` gives the pixels."""
        try:
            return self._one(job, size, advance)
        except DiskFull as problem:
            self._stop.ask("Make room and run the same command again: it goes on where it stopped.")
            why, trace = str(problem), ""
        except FileProblem as problem:
            why, trace = str(problem), ""
        except RepixError as problem:
            why, trace = f"{job.source}: {problem}", ""
        except MemoryError:
            why, trace = f"{job.source} is too large to be converted in this machine's memory.", ""
        except Exception as bug:  # noqa: BLE001 (one file's bug is not the others' problem; it is told in full)
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
        before = [_looks(path) for path in (job.target, *job.beside)]
        source_before = look(job.source)
        record = Record() if self._journal is None else self._journal.record
        verdict, made, source = judged(job, self._folder, record, self._key, self._overwrite, self._stop.check)
        if verdict == "kept" and made is not None and source is not None:
            return self._kept(job, made, source)
        pixels = size()
        self._make_folder(job.target.parent)
        unfinished = self._unfinished(job)
        on_the_way = (unfinished, *(_unfinished_beside(unfinished, job, path) for path in job.beside))
        track(*on_the_way)
        try:
            fidelity = self._worked(job, unfinished, advance)
            require_unchanged(job.source, source_before)
            for path, looks in zip((job.target, *job.beside), before, strict=True):
                if _looks(path) != looks:
                    raise Unwritable(f"{path} was changed while repix made it; what stands there was left alone.")
            for path in job.beside:
                self._place_beside(job, _unfinished_beside(unfinished, job, path), path, source)
            if source is not None:
                self._note(job, job.target, unfinished, source, pixels, fidelity)
            move_into_place(unfinished, job.target, overwrite=verdict != "new")
        finally:
            for one in on_the_way:
                with suppress(OSError):
                    one.unlink()
            untrack(*on_the_way)
        return Outcome(job.source, job.target, "done", pixels=pixels, fidelity=fidelity)

    def _worked(self, job: Job, unfinished: Path, advance: Advance) -> Fidelity:
        """The work done; its errors speak of the result by the name that it will have."""
        try:
            fidelity = self._work(job.source, unfinished, advance)
        except FileProblem as problem:
            own, later = (str(path.with_name(path.stem)) for path in (unfinished, job.target))  # and what is beside
            raise type(problem)(str(problem).replace(own, later)) from None
        except OSError as problem:
            raise write_error(job.target, problem) from None
        self._stop.check()  # asked within a library's callback, the answer may have been lost
        return fidelity

    def _kept(self, job: Job, made: Made, source: Stamp) -> Outcome:
        """Nothing to do; where the files look otherwise than noted, the next run shall not have to read them again."""
        now = replace(made, source=_absolute(job.source), input=source, output=_seen(made.output, job.target))
        if now != made and self._journal is not None:
            self._trusted(self._journal.seen, now)
        return kept(job, made)

    def _place_beside(self, job: Job, unfinished: Path, path: Path, source: Stamp | None) -> None:
        """Something beside the result takes its name; before the work it was seen that it may."""
        if source is not None:
            self._note(job, path, unfinished, source, None, Fidelity())
        overwrite = self._overwrite or source is not None
        if unfinished.stat().st_dev == path.parent.stat().st_dev:
            move_into_place(unfinished, path, overwrite)
            return
        with (
            unfinished.open("rb") as made,
            atomic_file(path, overwrite) as file,
        ):  # the target is a link to another disk
            shutil.copyfileobj(made, file)

    def _note(
        self, job: Job, target: Path, unfinished: Path, source: Stamp, pixels: int | None, fidelity: Fidelity
    ) -> None:
        """The line in the journal that makes a file ours."""
        journal = self._journal
        if journal is None:
            return
        output = stamp(unfinished, self._stop.check, settled=True)
        name, origin = journal.name(target), _absolute(job.source)
        made = Made(name, origin, source, self._key, output, pixels, fidelity.converted, fidelity.lost)
        self._trusted(journal.made, made)

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


def _unfinished_beside(unfinished: Path, job: Job, path: Path) -> Path:
    """What comes to stand beside the result, as long as that has not its name."""
    return unfinished.with_name(f"{unfinished.stem}{path.name.removeprefix(job.target.stem)}")


def _looks(path: Path) -> tuple[int, ...]:
    """Enough of what stands at a path to see that it is another; empty where there is nothing."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _seen(known: Stamp, path: Path) -> Stamp:
    """The stamp of a file with its present looks; its content was compared."""
    found = look(path)
    return replace(known, time=found.st_mtime_ns, inode=found.st_ino)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (links stay as they are)
