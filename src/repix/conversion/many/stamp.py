"""Stamps: how a file looked and what was in it, so that nobody has to read it again to know that it has not changed."""

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
"""Bytes read at a time, and between two questions whether to go on."""
TICK = 2 * 10**9
"""Nanoseconds that two changes of a file can lie apart and still have one time; two seconds on FAT."""


@dataclass(frozen=True)
class Stamp:
    """A file as it was once."""

    size: int
    time: int | None
    """Nanoseconds of its last change; None where it changed so lately that it could change again unseen."""
    inode: int
    sha256: str

    def looks_like(self, found: os.stat_result) -> bool:
        """Whether a file has surely not changed since, by its looks alone."""
        return (self.size, self.time, self.inode) == (found.st_size, found.st_mtime_ns, found.st_ino)

    def as_json(self) -> dict[str, Any]:
        """What `read` takes."""
        return {"size": self.size, "time": self.time, "inode": self.inode, "sha256": self.sha256}

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """The stamp that `as_json` gave; a ValueError for anything else."""
        found = cls(**given)
        numbers = (found.size, found.inode, 0 if found.time is None else found.time)
        if not all(type(number) is int for number in numbers) or len(bytes.fromhex(found.sha256)) != 32:
            raise ValueError
        return found


def look(path: Path) -> os.stat_result:
    """How an ordinary file looks; a sentence for anything else.

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
        what = "a folder; name the files in it" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
        raise Unreadable(f"{path} is {what}.")
    return found


def stamp(path: Path, check: Callable[[], None] = lambda: None, *, settled: bool = False) -> Stamp:
    """The stamp of a file, read through. `settled`: nobody changes it any more, so its time may be trusted.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = Path(folder, "a").write_bytes(b"abc")
    ...     stamp(Path(folder, "a")).sha256[:8]
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
    return Stamp(before.st_size, before.st_mtime_ns if rests else None, before.st_ino, content.hexdigest())


def require_unchanged(path: Path, before: os.stat_result) -> None:
    """Refuse a file that has changed meanwhile."""
    after = look(path)
    if any(getattr(after, part) != getattr(before, part) for part in ("st_size", "st_mtime_ns", "st_ino")):
        raise Unreadable(f"{path} has changed while it was read; try again when it rests.")
