"""Scratch folder: temporary files of a process, which the next one deletes if this one is killed."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from repix.errors import RepixError
from repix.pictures.internal_file import lock_file, open_internal

LOCK = ".lock"


class Scratch:
    """A new folder among the system's temporary ones, with a lock beside it while the process lives.

    >>> scratch = Scratch("repix-example-")
    >>> scratch.folder.is_dir()
    True
    >>> scratch.close()
    >>> scratch.folder.exists()
    False
    """

    def __init__(self, prefix: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock = self.folder.with_name(self.folder.name + LOCK)
        self._held = open_internal(self._lock, os.O_RDWR | os.O_CREAT)
        lock_file(self._held)

    def close(self) -> None:
        """Delete all files."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        os.close(self._held)


def remove_left_behind(prefix: str) -> None:
    """Delete the folders of processes that ended without doing so; those of running ones are locked.

    >>> remove_left_behind("repix-unused-example-")
    """
    for lock in Path(tempfile.gettempdir()).glob(f"{prefix}*{LOCK}"):
        with suppress(OSError, RepixError):  # of a running process, or of another user
            held = open_internal(lock, os.O_RDWR)
            try:
                lock_file(held)
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink()
            finally:
                os.close(held)
