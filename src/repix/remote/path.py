"""Path of a remote file: what a batch asks of a path, without the rest of `pathlib`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from repix.remote.store import Status, Store


@dataclass(frozen=True, slots=True)
class RemotePath:
    """A file or folder in a store.

    >>> from repix.remote.stores import Stores
    >>> path = Stores().located("memory://photos/2024/a.png")
    >>> str(path), path.name, path.suffix, str(path.parent)
    ('memory://photos/2024/a.png', 'a.png', '.png', 'memory://photos/2024')
    """

    root: str
    """The beginning of the store's URLs: "s3://"."""
    key: str
    store: Store = field(compare=False, repr=False)
    listed: Status | None = field(default=None, compare=False, repr=False)
    """Status of the file when its folder was listed."""

    def __str__(self) -> str:
        return self.root + self.key

    @property
    def name(self) -> str:
        """Last part of the key."""
        return PurePosixPath(self.key).name

    @property
    def suffix(self) -> str:
        """Suffix of the name."""
        return PurePosixPath(self.key).suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder."""
        return self._at(self.key.rpartition("/")[0])

    def with_name(self, name: str) -> "RemotePath":
        """Return another file in the same folder."""
        return self.parent / name

    def __truediv__(self, below: str) -> "RemotePath":
        return self._at(f"{self.key}/{below}" if self.key else below)

    def relative_to(self, folder: "RemotePath") -> PurePosixPath:
        """Return the path within a folder; raises ValueError if it is not inside."""
        if self.root != folder.root:
            raise ValueError
        return PurePosixPath(self.key).relative_to(folder.key)

    def is_within(self, folder: object) -> bool:
        """Return True for a path in a folder, and for the folder itself."""
        if not isinstance(folder, RemotePath) or folder.root != self.root:
            return False
        return self.key == folder.key or self.key.startswith(f"{folder.key}/")

    def stat(self) -> Status:
        """Return the status of the file; raises FileNotFoundError."""
        return self.store.status(self.key)

    def lstat(self) -> Status:
        """Return the status of the file: links are followed by the server."""
        return self.store.status(self.key)

    def exists(self) -> bool:
        """Return True for an existing file."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Return True for a folder, or the beginning of other keys."""
        return self.store.is_folder(self.key)

    def files(self, recursive: bool) -> Iterator["RemotePath"]:
        """Yield the files of the folder, in any order, with their status."""
        for key, status in self.store.listing(self.key, recursive):
            yield RemotePath(self.root, key, self.store, status)

    def _at(self, key: str) -> "RemotePath":
        return RemotePath(self.root, key, self.store)


AnyPath = Path | RemotePath
"""A path on this machine, or in a remote store."""
