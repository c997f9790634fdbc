"""Journal of an output folder: which results exist, from which sources and with which options they were made.

Each result is first written to the folder `.repix-unfinished`. Then a line about it is appended to the journal and
flushed to disk, and only then the file is moved to its final path. So repix owns exactly the files that the journal
describes; after a crash, results that were not moved are made again.
"""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from repix.batch.lock import lock_folder
from repix.batch.record import Entry, Record, beginning, digest, line
from repix.errors import Unwritable
from repix.pictures.atomic import folder_error, sync_folder, write_error
from repix.pictures.internal_file import open_internal
from repix.remote import AnyPath, RemotePath

NAME = ".repix-journal.jsonl"
UNFINISHED = ".repix-unfinished"


class Log(Protocol):
    """Where a journal keeps its lines: a file that grows, or the segments of a remote store."""

    def append(self, text: bytes, forced: bool) -> None:
        """Append a line, whole or not at all; `forced`: return when a crash cannot lose it."""
        ...

    def require_existing(self) -> None:
        """Refuse to continue if the journal was deleted."""
        ...

    def close(self) -> None:
        """End writing; later additions are refused."""
        ...


class Journal:
    """An open journal; the folder's lock is held."""

    def __init__(self, folder: AnyPath, record: Record, log: Log) -> None:
        self.folder, self.record, self._log = folder, record, log

    def name(self, target: AnyPath) -> str:
        """Return the name of a file in the journal: its path within the folder."""
        return name_within(self.folder, target)

    def key(self, of: Mapping[str, Any]) -> str:
        """Return the digest of a work's fingerprint; the journal gets the fingerprint itself once."""
        key = digest(of)
        if key not in self.record.keys:
            self._log.append(line({"key": key, "of": dict(of)}), forced=True)
            self.record.keys.add(key)
        return key

    def add(self, entry: Entry) -> None:
        """Add the entry of a result before it is moved to its path; returns when the entry is on the disk."""
        self._log.append(line({"made": entry.as_json()}), forced=True)
        self.record.add(entry)

    def refresh(self, entry: Entry) -> None:
        """Add new times and inodes of a source and a result whose contents are unchanged; it may be lost in a crash."""
        self._log.append(line({"seen": entry.as_json()}), forced=False)
        self.record.add(entry)

    def require_existing(self) -> None:
        """Refuse to continue if the journal was deleted."""
        self._log.require_existing()

    def close(self) -> None:
        """End writing; later additions are refused."""
        self._log.close()


class FileLog:
    """Lines of a journal in a file."""

    def __init__(self, path: Path, file: int, length: int) -> None:
        self._path, self._file, self._length = path, file, length
        self._writing = threading.Lock()
        self._open = True

    def require_existing(self) -> None:
        """Refuse to continue if the journal's file was deleted."""
        if not os.fstat(self._file).st_nlink:
            raise Unwritable(f"{self._path} was deleted while repix wrote to the folder.")

    def close(self) -> None:
        """Close the file; later additions are refused."""
        with self._writing:
            self._open = False
            os.close(self._file)

    def append(self, text: bytes, forced: bool) -> None:
        """Append a line, whole or not at all."""
        with self._writing:
            if not self._open:
                raise Unwritable(f"{self._path} is closed.")
            try:
                self.require_existing()
                try:
                    _write(self._file, text)
                    if forced:
                        os.fsync(self._file)
                except BaseException:
                    os.ftruncate(self._file, self._length)
                    raise
                self._length += len(text)
            except OSError as problem:
                raise write_error(self._path, problem) from None


@contextmanager
def opened(folder: Path, targets: Iterable[Path] = ()) -> Iterator[Journal]:
    """Open the journal of a folder, and create it if it is missing; unfinished files of a killed run are deleted.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, opened(Path(folder, "results")) as journal:
    ...     journal.record.made
    {}
    """
    is_new = _made_folder(folder)
    try:
        with lock_folder(folder), cleared(folder, targets):
            journal = _open(folder)
            try:
                yield journal
            finally:
                journal.close()
                if not journal.record.made:
                    (folder / NAME).unlink(missing_ok=True)
    finally:
        if is_new:
            with suppress(OSError):  # it holds results
                folder.rmdir()


@contextmanager
def cleared(folder: Path, targets: Iterable[Path]) -> Iterator[None]:
    """Delete the folders of unfinished files before and after the block; the caller holds the folder's lock."""
    folders = {unfinished_folder(folder, parent) for parent in {target.parent for target in targets}} | {
        folder / UNFINISHED
    }
    try:
        _require_no_links(folders)
        _clear(folders)
        yield
    finally:
        _clear(folders)


def read_record(folder: Path) -> Record:
    """Return the record in the journal of a folder, empty without a journal; nothing is written or locked."""
    try:
        with os.fdopen(open_internal(folder / NAME, os.O_RDONLY), "rb") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return Record()
    except (OSError, ValueError) as problem:  # a ValueError: no path has a NUL in it
        raise write_error(folder / NAME, problem) from None
    return Record.read(text, folder / NAME)[0]


def name_within(folder: AnyPath, target: AnyPath) -> str:
    """Return the path of a file within the folder of its journal, with forward slashes."""
    if isinstance(folder, RemotePath):
        return target.relative_to(folder).as_posix() if isinstance(target, RemotePath) else str(target)
    return Path(str(target)).relative_to(folder).as_posix()


def unfinished_folder(folder: Path, parent: Path) -> Path:
    """Return the folder of unfinished results for `parent`: on the same file system, so that moving is a rename."""
    with suppress(OSError):
        if parent.stat().st_dev != folder.stat().st_dev:
            return parent / UNFINISHED
    return folder / UNFINISHED


def _made_folder(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_dir():
            return False
        raise Unwritable(f"The folder {folder} cannot be created: a file of that name exists.") from None
    except OSError as problem:
        raise folder_error(folder, problem) from None
    return True


def _open(folder: Path) -> Journal:
    """Open the journal at the end of its last whole line, after reading it."""
    path = folder / NAME
    try:
        file = open_internal(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    except OSError as problem:
        raise write_error(path, problem) from None
    try:
        with open(file, "rb", closefd=False) as reading:
            text = reading.read()
        record, whole = Record.read(text, path)
        os.ftruncate(file, whole)
        if not whole:
            _write(file, beginning())
            os.fsync(file)
            sync_folder(folder)
        return Journal(folder, record, FileLog(path, file, whole or len(beginning())))
    except OSError as problem:
        os.close(file)
        raise write_error(path, problem) from None
    except BaseException:
        os.close(file)
        raise


def _require_no_links(folders: Iterable[Path]) -> None:
    for one in folders:
        if one.is_symlink():
            raise Unwritable(
                f"{one} is a link; repix needs a folder there for unfinished files. Remove it, or name another folder."
            )


def _write(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _clear(folders: Iterable[Path]) -> None:
    for one in folders:
        shutil.rmtree(one, ignore_errors=True)
