"""Lock of a remote output folder: a file that is created only where none is.

A store that replaces a file although it was told not to is refused: there two runs could not be kept apart. The lock of
a run that has ended on this machine is taken over; a second file makes sure that only one run does so at a time.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from repix.batch.lock import NAME, Holder, locked_error
from repix.errors import RepixError, Unwritable
from repix.pictures.atomic import write_error
from repix.remote import RemotePath

GUARD = ".repix-lock-takeover"


@contextmanager
def lock_remote(folder: RemotePath) -> Iterator[None]:
    """Hold the lock of a folder; if another run holds it, the error names that run."""
    path, us = folder / NAME, Holder.here()
    content = json.dumps(asdict(us)).encode()
    try:
        if not _created(path, content):
            _take_over(path, content, us)
        elif _created(path, content):
            raise Unwritable(
                f"{path.root} replaces files that exist, although it was asked not to (If-None-Match), so repix cannot "
                "keep two runs apart there; write to another store."
            )
    except OSError as problem:
        raise write_error(str(path), problem) from None
    try:
        yield
    finally:
        with suppress(OSError, RepixError):
            if path.store.read(path.key) == content:
                path.store.remove(path.key)


def _take_over(path: RemotePath, content: bytes, us: Holder) -> None:
    """Replace the lock of a run that has ended."""
    found = path.store.read(path.key)
    holder = Holder.read(found)
    if holder is None:
        raise Unwritable(
            f"{path} has no valid content; if no other repix writes to {path.parent}, delete it and try again."
        )
    if not holder.is_over(us):
        raise locked_error(path, holder, us)
    guard = path.with_name(GUARD)
    if not _created(guard, content):
        raise Unwritable(f"Another repix takes {path} over now; if that goes on for long, delete {guard}.")
    try:
        if path.store.read(path.key) == found:
            path.store.remove(path.key)
        if not _created(path, content):
            raise Unwritable(f"{path.parent} is being written to by another repix, which began just now.")
    finally:
        guard.store.remove(guard.key)


def _created(path: RemotePath, content: bytes) -> bool:
    return path.store.create(path.key, content)
