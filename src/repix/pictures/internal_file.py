"""Opening the files that repix keeps for itself in a folder: ordinary ones, never what a link or a pipe leads to."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from repix.errors import Unwritable

_UNFOLLOWED = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
"""What makes of a link an error, of a pipe nothing to wait for, and of Windows a system like others."""


def open_internal(path: Path, flags: int) -> int:
    """A descriptor of an ordinary file; anything else of that name is refused before it is touched.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "journal").symlink_to("/etc/hostname")
    ...     open_internal(Path(folder, "journal"), os.O_RDWR)
    Traceback (most recent call last):
    repix.errors.Unwritable: ...journal is a link, and repix keeps a file of its own there; ...
    """
    require_internal(path)
    descriptor = os.open(path, flags | _UNFOLLOWED, 0o666)
    try:
        _require_ordinary(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def require_internal(path: Path) -> None:
    """Refuse a link, a folder or a pipe where a file of repix's own belongs; that nothing is there is well."""
    with suppress(FileNotFoundError, NotADirectoryError):
        _require_ordinary(path, path.lstat().st_mode)


def _require_ordinary(path: Path, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    what = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
    raise Unwritable(f"{path} is {what}, and repix keeps a file of its own there; remove it, or name another folder.")
