"""A store in a folder of this machine, for tests: other processes see it, and its requests can be counted."""

import hashlib
import os
import secrets
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from repix.remote import RemotePath, Status
from repix.remote.objects import tag_number


class FolderStore:
    """Keys are paths below the folder; the entity tag is the content's hash."""

    root = "test://"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.requests: Counter[str] = Counter()
        self._counting = threading.Lock()

    def path(self, key: str) -> RemotePath:
        return RemotePath(self.root, key, self)

    def status(self, key: str) -> Status:
        self._count("status")
        file = self._folder / key
        if not file.is_file():
            raise FileNotFoundError(key)
        return _status(file)

    def is_folder(self, key: str) -> bool:
        self._count("is_folder")
        return (self._folder / key).is_dir()

    def listing(self, key: str, recursive: bool) -> Iterator[tuple[str, Status]]:
        self._count("listing")
        found = (self._folder / key).rglob("*") if recursive else (self._folder / key).glob("*")
        for file in sorted(found):
            if file.is_file():
                yield file.relative_to(self._folder).as_posix(), _status(file)

    def fetch(self, key: str, path: Path) -> None:
        self._count("fetch")
        shutil.copyfile(self._folder / key, path)

    def read(self, key: str) -> bytes:
        self._count("read")
        return (self._folder / key).read_bytes()

    def read_range(self, key: str, start: int, stop: int) -> bytes:
        self._count("read_range")
        with (self._folder / key).open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def create(self, key: str, content: bytes) -> bool:
        self._count("create")
        return self._linked(key, content)

    def publish(self, path: Path, key: str, overwrite: bool) -> None:
        self._count("publish")
        if overwrite:
            self.remove(key)
        if not self._linked(key, path.read_bytes()):
            raise FileExistsError(key)

    def remove(self, *keys: str) -> None:
        for key in keys:
            self._count("remove")
            (self._folder / key).unlink(missing_ok=True)

    def close(self) -> None:
        pass

    def _linked(self, key: str, content: bytes) -> bool:
        """Whether the content stands under a key that was free; other processes see all of it or nothing."""
        file = self._folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._folder.with_name(f"{self._folder.name}-{secrets.token_hex(8)}")
        temporary.write_bytes(content)
        try:
            os.link(temporary, file)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        return True

    def _count(self, request: str) -> None:
        with self._counting:
            self.requests[request] += 1
            self.counted(self.requests.total())

    def counted(self, total: int) -> None:
        """Called with the number of requests so far."""


def _status(file: Path) -> Status:
    content = file.read_bytes()
    return Status(len(content), file.stat().st_mtime_ns, tag_number(hashlib.sha256(content).hexdigest()))
