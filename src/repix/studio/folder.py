"""The folder of --folder: the only way from a name in a request to a file."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from repix.errors import RepixError
from repix.printable import printable

LONGEST, LONGEST_PART = 1024, 255
"""The most bytes of a name, and of each of its parts."""
BACKSLASH = "\\"


class NotServed(RepixError):
    """A request that the server refuses with a sentence, which has no path of the server."""

    def __init__(self, sentence: str, status: int = 404) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class ServedFolder:
    """A folder whose files requests may name; hidden files and everything outside are refused.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     ServedFolder(Path(place)).inside("../etc/passwd")
    Traceback (most recent call last):
    repix.studio.folder.NotServed: A name may not have the part '..'; give one below the studio's folder.
    """

    path: Path

    @property
    def name(self) -> str:
        """Its name, without where it is."""
        return printable(self.path.resolve().name)

    @property
    def root(self) -> Path:
        """Its path, without symbolic links; raise NotServed if it is gone."""
        try:
            found = self.path.resolve(strict=True)
        except (OSError, RuntimeError):
            found = self.path
        if not found.is_dir():
            raise NotServed("The folder of the studio is gone; start the studio again with another --folder.")
        return found

    def inside(self, name: str, exists: bool = True) -> Path:
        """Return the path of a name in a request.

        Args:
            name: names of folders and a file, with `/` between them, relative to this folder.
            exists: refuse names of nothing.

        Raises:
            NotServed: the name is not of this folder, or it is hidden.
        """
        _require_plain(name)
        root = self.root
        try:
            found = (root / name).resolve(strict=exists)
        except (OSError, RuntimeError, ValueError):  # a RuntimeError: links in a circle
            raise _missing() from None
        if not found.is_relative_to(root) or any(part.startswith(".") for part in found.relative_to(root).parts):
            raise _missing()
        return found

    def read(self, name: str, most: int) -> bytes:
        """Return the content of a file of at most `most` bytes.

        Raises:
            NotServed: there is no such file, or it is larger.
        """
        with self._opened(name) as (file, size):
            if size > most:
                raise NotServed(f"The file has more than the {most:,} bytes that are read here.", 413)
            return file.read(most)

    def end(self, name: str, most: int) -> str:
        """Return the last `most` bytes of a text, from the beginning of a line; empty if there is no such file."""
        try:
            with self._opened(name) as (file, size):
                file.seek(max(0, size - most))
                text = file.read(most).decode("utf-8", "replace")
        except NotServed:
            return ""
        return text if size <= most else text.partition("\n")[2]

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[BinaryIO, int]]:
        """Open a regular file, and give its size; a link that appears now is not followed, a pipe not waited for."""
        path = self.inside(name)
        flags = os.O_RDONLY | sum(getattr(os, one, 0) for one in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))
        try:
            with os.fdopen(os.open(path, flags), "rb") as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):
                    raise _missing()
                yield file, about.st_size
        except OSError:
            raise _missing() from None

    def spoken(self, text: str) -> str:
        """Return a text without the path of this folder."""
        for path in {str(self.path.resolve()), str(self.path.absolute()), str(self.path)} - {"/", "."}:
            text = text.replace(f"{path}/", "").replace(path, "--folder")
        return text

    def relative(self, path: object) -> str | None:
        """Return the name of a path below this folder; None if it is elsewhere.

        >>> ServedFolder(Path("/data")).relative("/data/photos"), ServedFolder(Path("/data")).relative("/etc")
        ('photos', None)
        """
        if not isinstance(path, str) or "\0" in path:
            return None
        full = Path(os.path.normpath(path))
        return next(
            (full.relative_to(one).as_posix() for one in (self.path.resolve(), self.path) if full.is_relative_to(one)),
            None,
        )


def _require_plain(name: str) -> None:
    """Refuse names that are no plain, relative path of visible files."""
    if not name or name.startswith("/") or BACKSLASH in name or (os.name == "nt" and ":" in name):
        raise NotServed("A name must be relative to the studio's folder, with / between its parts.", 400)
    if not name.isprintable():  # half of a surrogate pair, too
        raise NotServed("A name may not have control characters.", 400)
    parts = name.split("/")
    for part in parts:
        if part in ("", ".", "..") or part.startswith("."):
            raise NotServed(f"A name may not have the part '{part[:40]}'; give one below the studio's folder.", 400)
    if len(name.encode()) > LONGEST or any(len(part.encode()) > LONGEST_PART for part in parts):
        raise NotServed(f"A name has at most {LONGEST} bytes, and each of its parts {LONGEST_PART}.", 400)


def is_plain(part: str) -> bool:
    r"""Return True if a request can name a file or folder of this name.

    >>> is_plain("run 1"), is_plain(".lock"), is_plain("a\nb")
    (True, False, False)
    """
    return part.isprintable() and BACKSLASH not in part and not part.startswith(".")


def _missing() -> NotServed:
    return NotServed("There is no such file in the studio's folder.")
