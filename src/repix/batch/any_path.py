"""Questions about a path that may be remote."""

import os

from repix.remote import AnyPath, RemotePath


def exists(path: AnyPath) -> bool:
    """Return True if something is at a path, also a link that leads nowhere.

    >>> from pathlib import Path
    >>> exists(Path("nowhere.png"))
    False
    """
    if isinstance(path, RemotePath):
        return path.exists()
    try:
        return os.path.lexists(path)
    except ValueError:  # no path has a NUL in it
        return False


def is_folder(path: AnyPath) -> bool:
    """Return True for a folder."""
    return path.is_dir() if isinstance(path, RemotePath) else os.path.isdir(path)  # noqa: PTH112 (Path's may raise)


def absolute(path: AnyPath) -> str:
    """Return the whole path, or the URL, as text; links stay as they are."""
    return str(path) if isinstance(path, RemotePath) else os.path.abspath(path)  # noqa: PTH100


def state(path: AnyPath) -> tuple[int, ...]:
    """Return inode, size and time of the file at a path; empty if there is none."""
    try:
        found = path.lstat()
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns
