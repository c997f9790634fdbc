"""Fingerprints: the size, time and hash of a file, so that it need not be read again to know that it is unchanged."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from repix.errors import Unreadable
from repix.pictures.atomic import read_error

PIECE = 2**22
"""Bytes read at a time, and between two checks for an interruption."""
TICK = 2 * 10**9
"""Nanoseconds within which two changes of a file may get the same time; two seconds on FAT."""


@dataclass(frozen=True)
class Fingerprint:
    """A file at one moment."""

    size: int
    time: int | None
    """Nanoseconds of its last change; None where that was so recent that another change could have the same time."""
    inode: int
    sha256: str

    def looks_like(self, found: os.stat_result) -> bool:
        """Return whether a file is certainly unchanged, by size, time and inode alone."""
        return (self.size, self.time, self.inode) == (found.st_size, found.st_mtime_ns, found.st_ino)

    def as_json(self) -> dict[str, Any]:
        """Return what `read` takes."""
        return {"size": self.size, "time": self.time, "inode": self.inode, "sha256": self.sha256}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the fingerprint that `as_json` gave; raises ValueError for anything else."""
        found = cls(**given)
        numbers = (found.size, found.inode, 0 if found.time is None else found.time)
        if not all(type(number) is int for number in numbers) or len(bytes.fromhex(found.sha256)) != 32:
            raise ValueError
        return found


def look(path: Path) -> os.stat_result:
    """Return the status of an ordinary file; anything else is refused.

    >>> look(Path("nowhere.png"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise Unreadable(f"{path} is a link to {path.readlink()}, which does not exist.") from None
        raise Unreadable(f"{path}: there is no such file.") from None
    except (OSError, ValueError) as problem:
        raise read_error(path, problem) from None
    if not stat.S_ISREG(found.st_mode):
        what = "a folder; name the files in it" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise Unreadable(f"{path} is {what}.")
    return found


def fingerprint(path: Path, check: Callable[[], None] = lambda: None, *, settled: bool = False) -> Fingerprint:
    """Return the fingerprint of a file, which is read through. `settled`: it no longer changes, so its time is certain.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = Path(folder, "a").write_bytes(b"abc")
    ...     fingerprint(Path(folder, "a")).sha256[:8]
    'ba7816bf'
    """
    before = look(path)
    content = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                content.update(piece)
                check()
    except OSError as problem:
        raise read_error(path, problem) from None
    require_unchanged(path, before)
    rests = settled or before.st_mtime_ns + TICK < time.time_ns()
    return Fingerprint(before.st_size, before.st_mtime_ns if rests else None, before.st_ino, content.hexdigest())


def require_unchanged(path: Path, before: os.stat_result) -> None:
    """Refuse a file that has changed in the meantime."""
    after = look(path)
    if any(getattr(after, part) != getattr(before, part) for part in ("st_size", "st_mtime_ns", "st_ino")):
        raise Unreadable(f"{path} has changed while it was read; try again when it rests.")
