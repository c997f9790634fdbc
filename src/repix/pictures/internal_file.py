"""Open and lock repix's internal files (journal, lock, log) safely: regular files only, no links or pipes."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from repix.errors import Unwritable

_UNFOLLOWED = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
"""Flags with which opening a link fails and opening a pipe does not block; O_BINARY is for Windows."""


def open_internal(path: Path, flags: int) -> int:
    """Open a regular file and return its descriptor.

    Args:
        path: the file.
        flags: flags of `os.open`, such as `os.O_RDWR | os.O_CREAT`.

    Raises:
        Unwritable: `path` is a link, a folder or a special file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "journal").symlink_to("/etc/hostname")
    ...     open_internal(Path(folder, "journal"), os.O_RDWR)
    Traceback (most recent call last):
    repix.errors.Unwritable: ...journal is a link, but repix stores an internal file there; ...
    """
    require_internal(path)
    descriptor = os.open(path, flags | _UNFOLLOWED, 0o666)
    try:
        _require_ordinary(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def lock_file(descriptor: int, wait: bool = False) -> None:
    """Lock an open file exclusively, until it is closed or the process ends.

    Args:
        descriptor: the file.
        wait: wait for another process that holds the lock; on Windows, for ten seconds.

    Raises:
        OSError: another process holds the lock.
    """
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def is_file_locked(descriptor: int) -> bool:
    """Return True if another process holds the lock of an open file; it is held for a moment to find out.

    Several processes may ask at the same time.
    """
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return True
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def require_internal(path: Path) -> None:
    """Check that a path is a regular file or does not exist.

    Raises:
        Unwritable: it is a link, a folder or a special file.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        _require_ordinary(path, path.lstat().st_mode)


def _require_ordinary(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise Unwritable(f"{path} is {what}, but repix stores an internal file there; remove it, or name another folder.")
