"""Cache of compiled models in the user's cache folder: one file each, a checksum and the library's export.

Nothing depends on the cache. Where it cannot be read or written, or a file in it is damaged, the model is compiled
again without a message. The checksum keeps damaged files away from the library's parser. It does not protect against
other users, so a folder that others may write to is not used.
"""

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from repix.errors import Unwritable
from repix.pictures.atomic import atomic_file
from repix.user_cache import user_cache_folder

SWITCH = "REPIX_ENGINE_CACHE"
"""The environment variable that turns the cache off if its value is `off`."""
FORMAT = 1
"""The version of the file format."""
SUFFIX = ".compiled"
MOST_BYTES = 500_000_000
"""The limit of all files together; the least recently used are deleted first."""
DAY = 86400
UNUSED_FOR, ABANDONED_AFTER = 30 * DAY, DAY
"""Seconds after which an unused compiled model and an unfinished file are deleted."""


def cache_path(*depends_on: object) -> Path | None:
    """Return the cache file of a model whose compilation depends on these JSON values; None if there is no cache."""
    try:
        folder = user_cache_folder() / "engines"
    except RuntimeError:  # there is no home directory
        return None
    if os.environ.get(SWITCH, "").lower() == "off" or not _is_ours(folder):
        return None
    key = json.dumps([FORMAT, *depends_on], sort_keys=True)
    return folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + SUFFIX)


def load(cache_path: Path | None) -> bytes | None:
    """Return the content of a cache file; None if it is missing or damaged."""
    if cache_path is None:
        return None
    try:
        content = cache_path.read_bytes()
        os.utime(cache_path)
    except (OSError, MemoryError):
        return None
    checksum, compiled = content[:32], content[32:]
    return compiled if hashlib.sha256(compiled).digest() == checksum else None


def store(cache_path: Path | None, export: Callable[[], bytes]) -> None:
    """Write a library's export into a cache file, if possible, and delete old files."""
    if cache_path is None:
        return
    with suppress(OSError, RuntimeError, MemoryError, Unwritable):
        cache_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = export()
        if len(content) > MOST_BYTES:
            return
        with atomic_file(cache_path, overwrite=True) as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        _sweep(cache_path.parent)


def _is_ours(folder: Path) -> bool:
    """Return whether only the user can write to a folder; a folder that does not exist will be the user's."""
    if os.name == "nt":  # the cache folder is the user's own, and there are no permission bits to check
        return True
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _sweep(folder: Path) -> None:
    """Delete old, unfinished and surplus files; only those with names of this cache."""
    now, total = time.time(), 0
    for entry, found in _newest_first(folder):
        unfinished = entry.suffix != SUFFIX
        total += 0 if unfinished else found.st_size
        age = now - found.st_mtime
        if age > (ABANDONED_AFTER if unfinished else UNUSED_FOR) or (not unfinished and total > MOST_BYTES):
            with suppress(OSError):
                entry.unlink()


def _newest_first(folder: Path) -> Sequence[tuple[Path, os.stat_result]]:
    entries = []
    for entry in folder.iterdir():
        if entry.suffix == SUFFIX or (entry.name.startswith(".repix-") and entry.suffix == ".tmp"):
            with suppress(OSError):  # another process has deleted it
                entries.append((entry, entry.stat()))
    return sorted(entries, key=lambda one: one[1].st_mtime, reverse=True)
