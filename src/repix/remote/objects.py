"""Object stores through fsspec: files that are written whole, under keys, without folders."""

import hashlib
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from repix.errors import MissingLibrary, RepixError, Unreachable
from repix.registry import library
from repix.remote.store import Status

NETWORK = ("aiobotocore", "aiohttp", "botocore", "gcsfs", "google")
"""Libraries below fsspec; their errors are about the connection, not about repix."""
HIDDEN_PARTS = ("", ".", "..")
"""Parts of a key that no path can have; such keys are not listed."""


def file_system(scheme: str) -> Any:
    """Return fsspec's file system of a scheme, without its cache of listings."""
    fsspec = library("fsspec")
    if scheme == "gs":
        try:
            importlib.import_module("gcsfs")
        except ModuleNotFoundError:
            raise MissingLibrary("gs:// needs gcsfs, which is not installed: `pip install gcsfs`.") from None
    return fsspec.filesystem(scheme, skip_instance_cache=scheme != "memory", use_listings_cache=False)


class ObjectStore:
    """A store of fsspec: `memory://`, and `gs://`, with which it was never tried."""

    def __init__(self, root: str, system: Any) -> None:
        self.root, self._system = root, system

    def status(self, key: str) -> Status:
        """Return the status of an object."""
        with self._problems(key):
            found = self._system.info(key)
        if found["type"] != "file":
            raise FileNotFoundError(f"{self.root}{key}")
        return _status(found)

    def is_folder(self, key: str) -> bool:
        """Return True if keys begin so."""
        with self._problems(key):
            return bool(self._system.isdir(key))

    def listing(self, key: str, recursive: bool) -> Iterator[tuple[str, Status]]:
        """Yield the objects of a folder."""
        with self._problems(key):
            if recursive:
                found = self._system.find(key, detail=True)
            else:
                found = {one["name"]: one for one in self._system.ls(key, detail=True) if one["type"] == "file"}
        for name, one in found.items():
            below = name.lstrip("/")
            if not any(part in HIDDEN_PARTS for part in below.removeprefix(f"{key}/").split("/")):
                yield below, _status(one)

    def fetch(self, key: str, path: Path) -> None:
        """Copy an object to a local path."""
        with self._problems(key):
            self._system.get_file(key, str(path))

    def read(self, key: str) -> bytes:
        """Return the content of an object."""
        with self._problems(key):
            return bytes(self._system.cat_file(key))

    def read_range(self, key: str, start: int, stop: int) -> bytes:
        """Return some bytes of an object."""
        with self._problems(key):
            return bytes(self._system.cat_file(key, start=start, end=stop))

    def create(self, key: str, content: bytes) -> bool:
        """Create an object by a conditional PUT."""
        try:
            with self._problems(key):
                self._system.pipe_file(key, content, mode="create")
        except FileExistsError:
            return False
        return True

    def publish(self, path: Path, key: str, overwrite: bool) -> None:
        """Copy a local file to an object: a PUT or a multipart upload, which appears when it is complete."""
        with self._problems(key):
            self._system.put_file(str(path), key, mode="overwrite" if overwrite else "create")

    def remove(self, *keys: str) -> None:
        """Delete objects, one after another."""
        for key in keys:
            with suppress(FileNotFoundError), self._problems(key):
                self._system.rm_file(key)

    def close(self) -> None:
        """Do nothing: requests are independent."""

    @contextmanager
    def _problems(self, key: str) -> Iterator[None]:
        """Convert the library's exceptions to OSErrors about the file, or to `Unreachable`."""
        try:
            yield
        except (RepixError, FileExistsError):
            raise
        except Exception as problem:  # noqa: BLE001 (each library has errors of its own)
            raise self._explained(problem, key) from None

    def _explained(self, problem: Exception, key: str) -> Exception:
        """Return the error to raise for one of the library's."""
        module = type(problem).__module__.partition(".")[0]
        if isinstance(problem, OSError) or module not in NETWORK:
            return problem
        return Unreachable(f"{self.root}{key} cannot be used: {type(problem).__name__}: {problem}.")


def _status(found: Mapping[str, Any]) -> Status:
    tag = found.get("ETag") or found.get("etag") or ""
    changed = found.get("LastModified") or found.get("updated") or found.get("created")
    if isinstance(changed, str):
        changed = datetime.fromisoformat(changed)
    seconds = changed.timestamp() if isinstance(changed, datetime) else changed or 0.0
    return Status(found["size"], round(seconds * 10**6) * 10**3, tag_number(str(tag)))


def tag_number(tag: str) -> int:
    """Return a number for an entity tag, which differs if the tag does; 0 for none.

    >>> tag_number(""), tag_number('"5d41402a"') == tag_number("5d41402a")
    (0, True)
    """
    bare = tag.strip('"')
    return int.from_bytes(hashlib.sha256(bare.encode()).digest()[:7]) if bare else 0
