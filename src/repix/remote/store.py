"""Store: what repix asks of a server that keeps files; one implementation for each kind of server."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Status:
    """Status of a remote file, with the names of `os.stat_result`, so that a fingerprint compares with both."""

    st_size: int
    st_mtime_ns: int
    st_ino: int = 0
    """A number made of the entity tag, which changes with the content; 0 for servers that have none."""
    st_mode: int = stat.S_IFREG

    @property
    def is_certain(self) -> bool:
        """True if every change of the content changes the status: there is an entity tag."""
        return self.st_ino != 0


class Store(Protocol):
    """A server that keeps files under keys, such as "bucket/photos/a.png".

    Methods raise FileNotFoundError, PermissionError and other OSErrors about one file, and `Unreachable` if the server
    as a whole cannot be used. They may be called from several threads.
    """

    root: str
    """The beginning of the URLs, without credentials: "s3://"."""

    def status(self, key: str) -> Status:
        """Return the status of a file; a folder counts as missing where folders are only beginnings of keys."""
        ...

    def is_folder(self, key: str) -> bool:
        """Return True for a folder, or the beginning of keys."""
        ...

    def listing(self, key: str, recursive: bool) -> Iterator[tuple[str, Status]]:
        """Yield the files of a folder, in any order."""
        ...

    def fetch(self, key: str, path: Path) -> None:
        """Copy a file to a local path."""
        ...

    def read(self, key: str) -> bytes:
        """Return the content of a small file."""
        ...

    def read_range(self, key: str, start: int, stop: int) -> bytes:
        """Return the bytes of a file from `start` up to `stop`; fewer if it ends before."""
        ...

    def create(self, key: str, content: bytes) -> bool:
        """Create a file with this content, at once; return False if there is one already."""
        ...

    def publish(self, path: Path, key: str, overwrite: bool) -> None:
        """Copy a local file to a key so that others see all of it or nothing.

        Raises:
            FileExistsError: the file exists, and `overwrite` is false.
        """
        ...

    def remove(self, *keys: str) -> None:
        """Delete files; one that is missing is no error."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...
