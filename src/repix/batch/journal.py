"""The journal of a folder of results: what was made there, of what and how, so that the same command can go on.

Every result is made in `.repix-unfinished`, then a line about it is added to the journal and forced to the disk, and
only then it takes its name. So a file that a line describes is repix's own, and any other file is somebody else's; a
result without its name is made again. Nothing else has to be known after a crash.
"""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from repix.batch.lock import only_run
from repix.batch.record import Made, Record, beginning, digest, line
from repix.errors import Unwritable
from repix.pictures.atomic import folder_error, sync_folder, write_error
from repix.pictures.internal_file import open_internal

NAME = ".repix-journal.jsonl"
UNFINISHED = ".repix-unfinished"


class Journal:
    """The journal of a folder in which nobody else works."""

    def __init__(self, folder: Path, record: Record, file: int, length: int) -> None:
        self.folder, self.record = folder, record
        self._path, self._file, self._length = folder / NAME, file, length
        self._writing = threading.Lock()
        self._open = True

    def name(self, target: Path) -> str:
        """What the journal calls a file of its folder."""
        return target.relative_to(self.folder).as_posix()

    def key(self, of: Mapping[str, Any]) -> str:
        """The digest of a model's hash and options; what it stands for is noted once."""
        key = digest(of)
        if key not in self.record.keys:
            self._add(line({"key": key, "of": dict(of)}))
            self.record.keys.add(key)
        return key

    def made(self, one: Made) -> None:
        """Note a result that is about to take its name, and return when that is on the disk."""
        self._add(line({"made": one.as_json()}))
        self.record.add(one)

    def seen(self, one: Made) -> None:
        """Note that source and result are as they were though they look otherwise; nothing is lost without that."""
        self._add(line({"seen": one.as_json()}), forced=False)
        self.record.add(one)

    def require_there(self) -> None:
        """Refuse to go on when somebody has taken the journal away, and the folder with it perhaps."""
        if not os.fstat(self._file).st_nlink:
            raise Unwritable(f"{self._path} was deleted while repix wrote to the folder.")

    def close(self) -> None:
        """Add nothing more; whoever still tries is refused."""
        with self._writing:
            self._open = False
            os.close(self._file)

    def _add(self, text: bytes, forced: bool = True) -> None:
        """A line, whole or not at all."""
        with self._writing:
            if not self._open:
                raise Unwritable(f"{self._path} is closed.")
            try:
                self.require_there()
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
    """Open the journal of a folder, made where it is missing; what a killed run left unfinished is cleared away.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, opened(Path(folder, "results")) as journal:
    ...     journal.record.made
    {}
    """
    is_new = _made_folder(folder)
    try:
        with only_run(folder), cleared(folder, targets):
            journal = _open(folder)
            try:
                yield journal
            finally:
                journal.close()
                if not journal.record.made:
                    (folder / NAME).unlink(missing_ok=True)
    finally:
        if is_new:
            with suppress(OSError):  # something is in it: as it should be
                folder.rmdir()


@contextmanager
def cleared(folder: Path, targets: Iterable[Path]) -> Iterator[None]:
    """Clear the places where these results are made, before and after; only for who holds the folder's lock."""
    sheds = {shed(folder, parent) for parent in {target.parent for target in targets}} | {folder / UNFINISHED}
    try:
        _require_no_links(sheds)
        _clear(sheds)
        yield
    finally:
        _clear(sheds)


def read_record(folder: Path) -> Record:
    """What the journal of a folder says, if it has one; nothing is written or locked."""
    try:
        with os.fdopen(open_internal(folder / NAME, os.O_RDONLY), "rb") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return Record()
    except (OSError, ValueError) as problem:  # a ValueError: no path has a NUL in it
        raise write_error(folder / NAME, problem) from None
    return Record.read(text, folder / NAME)[0]


def shed(folder: Path, parent: Path) -> Path:
    """Where results for a folder below are made before they take their names: on the same disk, for a mere rename."""
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
    """Read the journal, and open it at the end of its last whole line."""
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
        return Journal(folder, record, file, whole or len(beginning()))
    except OSError as problem:
        os.close(file)
        raise write_error(path, problem) from None
    except BaseException:
        os.close(file)
        raise


def _require_no_links(sheds: Iterable[Path]) -> None:
    for one in sheds:
        if one.is_symlink():
            raise Unwritable(
                f"{one} is a link, and repix makes its results there first; remove it, or name another folder."
            )


def _write(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _clear(sheds: Iterable[Path]) -> None:
    for one in sheds:
        shutil.rmtree(one, ignore_errors=True)
