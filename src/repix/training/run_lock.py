"""Lock of a run folder: one training at a time writes to it; the file names the process."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from repix.batch.lock import Holder
from repix.errors import Unwritable
from repix.pictures.atomic import write_error
from repix.pictures.internal_file import is_file_locked, lock_file, open_internal

SECONDS = 0.5
"""Time in which a lock is tried again: a program that looks if the folder is locked holds it for a moment."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock within a `with` block; the system releases it if the process is killed."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(open_internal(path, os.O_RDWR | os.O_CREAT), "r+b")
    except (OSError, ValueError) as problem:  # a ValueError: the path contains a NUL
        raise write_error(folder, problem) from None
    with file:
        try:
            _lock_soon(file)
        except OSError:
            raise Unwritable(
                f"Another training writes to {folder}; wait for it to end, or name another folder."
            ) from None
        try:
            _sign(file)
            yield
        finally:
            with suppress(OSError):
                path.unlink()


def is_locked(path: Path) -> bool:
    """Return True if a process holds the lock; one that was killed leaves the file, but not the lock.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, held(Path(folder, ".lock")):
    ...     is_locked(Path(folder, ".lock")), writer(Path(folder, ".lock")) == os.getpid()
    (True, True)
    """
    found = _content(path)
    if found is None:
        return False
    holder = Holder.read(found)
    return holder is None or not holder.is_over(Holder.here())  # data workers keep the lock some seconds longer


def writer(path: Path) -> int | None:
    """Return the id of the process that holds the lock; None if there is none on this machine."""
    holder, here = Holder.read(_content(path) or b""), Holder.here()
    is_here = holder is not None and holder.is_visible_to(here) and not holder.is_over(here)
    return holder.pid if holder is not None and is_here else None


def _content(path: Path) -> bytes | None:
    """Return the content of a lock that is held; None if it is not."""
    with suppress(OSError, Unwritable), os.fdopen(open_internal(path, os.O_RDONLY), "rb") as file:
        return file.read(4096) if is_file_locked(file.fileno()) else None
    return None


def _lock_soon(file: BinaryIO) -> None:
    """Lock an open file; raise an OSError if another process keeps it locked."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return lock_file(file.fileno())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(SECONDS / 20)


def _sign(file: BinaryIO) -> None:
    """Write this process into the lock, so that the studio can stop it; a full disk prevents no training."""
    with suppress(OSError):  # without the file's buffer, which would be written again when it is closed
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), json.dumps(asdict(Holder.here())).encode())
