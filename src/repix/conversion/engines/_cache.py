"""Compiled models, kept in the user's cache folder as one file each: a checksum, and what the library exported.

Nothing depends on the cache. Where it cannot be read or written, or a file in it is damaged, the model is compiled as
if there were none, and nobody is told. The checksum keeps damaged files away from the library's parser; it does not
keep away people, so a folder that others may write to is not used.
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
"""The environment variable that turns the cache off, where it is `off`."""
FORMAT = 1
"""Raised whenever the same model would be stored in another way."""
SUFFIX = ".compiled"
MOST_BYTES = 500_000_000
"""All files together; the ones that were not used for the longest time go first."""
DAY = 86400
UNUSED_FOR, ABANDONED_AFTER = 30 * DAY, DAY
"""Seconds after which a compiled model nobody opened, and an unfinished file, are cleared away."""


def cache_path(*depends_on: object) -> Path | None:
    """Return the file for a model that was compiled under these circumstances, as JSON has them; None: without a cache."""
    try:
        folder = user_cache_folder() / "engines"
    except RuntimeError:  # nobody's home
        return None
    if os.environ.get(SWITCH, "").lower() == "off" or not _is_ours(folder):
        return None
    key = json.dumps([FORMAT, *depends_on], sort_keys=True)
    return folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + SUFFIX)


def load(cache_path: Path | None) -> bytes | None:
    """Return what was kept there; None where there is nothing, or nothing whole."""
    if cache_path is None:
        return None
    try:
        content = cache_path.read_bytes()
        os.utime(cache_path)
    except (OSError, MemoryError):
        return None
    checksum, kept = content[:32], content[32:]
    return kept if hashlib.sha256(kept).digest() == checksum else None


def store(cache_path: Path | None, export: Callable[[], bytes]) -> None:
    """Keep what a library exports, if that is possible, and clear away what is too much."""
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
    """Return whether nobody but the user can write there; a folder that is not there yet is going to be the user's."""
    if os.name == "nt":  # the user's own folder is; there are no such bits to look at
        return True
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _sweep(folder: Path) -> None:
    """Clear away what is old, unfinished or too much; only what bears our names."""
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
            with suppress(OSError):  # another process has cleared it away
                entries.append((entry, entry.stat()))
    return sorted(entries, key=lambda one: one[1].st_mtime, reverse=True)
