"""File fingerprints: size, modification time, inode and hash. An unchanged file is recognized without reading it."""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from repix.errors import Unreadable
from repix.pictures.atomic import read_error, write_error
from repix.remote import AnyPath, RemotePath, Status

PIECE = 2**22
"""Bytes that are read at a time; after each, the run may be interrupted."""
TICK = 2 * 10**9
"""Resolution of modification times in nanoseconds: 2 s on FAT. Changes within it may get the same time."""
FileStatus = os.stat_result | Status
"""Status of a file on this machine, or of a remote one; both have the names of `os.stat_result`."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """State of a file at one moment."""

    size: int
    time: int | None
    """Modification time in ns; None if it is so recent that another change could get the same time."""
    inode: int
    """Of a remote file: a number made of its entity tag, or 0."""
    sha256: str

    def matches(self, status: FileStatus) -> bool:
        """Return True if size, time and inode prove that a file is unchanged."""
        return (self.size, self.time, self.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary that `read` takes."""
        return {"size": self.size, "time": self.time, "inode": self.inode, "sha256": self.sha256}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the fingerprint from the dictionary of `as_json`; raises ValueError for anything else."""
        found = cls(**given)
        numbers = (found.size, found.inode, 0 if found.time is None else found.time)
        if not all(type(number) is int for number in numbers) or len(bytes.fromhex(found.sha256)) != 32:
            raise ValueError
        return found


def file_status(path: AnyPath) -> FileStatus:
    """Return the status of a regular file; anything else is refused.

    >>> file_status(Path("nowhere.png"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        if isinstance(path, Path) and path.is_symlink():
            raise Unreadable(f"{path} is a link to {path.readlink()}, which does not exist.") from None
        raise Unreadable(f"{path}: there is no such file.") from None
    except (OSError, ValueError) as problem:
        raise read_error(str(path), problem) from None
    if not stat.S_ISREG(found.st_mode):
        what = "a folder; name the files in it" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise Unreadable(f"{path} is {what}.")
    return found


def fingerprint(path: AnyPath, check: Callable[[], None] = lambda: None, *, settled: bool = False) -> Fingerprint:
    """Return the fingerprint of a file; the whole file is read. `settled`: its time counts, as it does not change.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = Path(folder, "a").write_bytes(b"abc")
    ...     fingerprint(Path(folder, "a")).sha256[:8]
    'ba7816bf'
    """
    if isinstance(path, RemotePath):
        return _remote_fingerprint(path, check)
    before = file_status(path)
    content = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                content.update(piece)
                check()
    except OSError as problem:
        raise read_error(path, problem) from None
    require_unchanged(path, before)
    is_reliable = settled or before.st_mtime_ns + TICK < time.time_ns()
    return Fingerprint(before.st_size, before.st_mtime_ns if is_reliable else None, before.st_ino, content.hexdigest())


def _remote_fingerprint(path: RemotePath, check: Callable[[], None]) -> Fingerprint:
    """Return the fingerprint of a remote file, which is read in pieces; no copy is kept."""
    before, content = file_status(path), hashlib.sha256()
    for start in range(0, before.st_size, PIECE):
        content.update(read_range(path, before, start, min(start + PIECE, before.st_size)))
        check()
    require_unchanged(path, before)
    return Fingerprint(before.st_size, certain_time(before), before.st_ino, content.hexdigest())


def read_range(path: RemotePath, before: FileStatus, start: int, stop: int) -> bytes:
    """Return the bytes of a remote file from `start` up to `stop`; raises Unreadable if it changed."""
    try:
        found = path.store.read_range(path.key, start, stop)
    except OSError as problem:
        require_unchanged(path, before)  # a shorter file does not have the range
        raise read_error(str(path), problem) from None
    if len(found) != stop - start:
        raise changed(path)
    return found


def fetched(path: RemotePath, local: Path, check: Callable[[], None]) -> Fingerprint:
    """Copy a remote file to a local path, and return the remote file's fingerprint."""
    before = path.listed or file_status(path)
    try:
        path.store.fetch(path.key, local)
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise write_error(local.parent, problem) from None
        raise read_error(str(path), problem) from None
    check()
    if file_status(path) != before:
        if path.listed is not None:  # it may have changed before it was fetched
            return fetched(replace(path, listed=None), local, check)
        raise changed(path)
    content = fingerprint(local, check, settled=True)
    if content.size != before.st_size:
        raise changed(path)
    return replace(content, time=certain_time(before), inode=before.st_ino)


def certain_time(status: Status | os.stat_result) -> int | None:
    """Return the time of a file; None if it is so recent that another change could get the same time."""
    certain = isinstance(status, Status) and status.is_certain
    return status.st_mtime_ns if certain or status.st_mtime_ns + TICK < time.time_ns() else None


def require_unchanged(path: AnyPath, before: FileStatus) -> None:
    """Refuse a file whose status differs from an earlier one."""
    after = file_status(path)
    if any(getattr(after, part) != getattr(before, part) for part in ("st_size", "st_mtime_ns", "st_ino")):
        raise changed(path)


def changed(path: AnyPath) -> Unreadable:
    """Return the error for a file that another program changes."""
    return Unreadable(f"{path} changed while it was read; try again when no program writes to it.")
