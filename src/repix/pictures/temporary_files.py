"""Unfinished files and folders, to be removed when the process must end at once."""

import shutil
from contextlib import suppress
from pathlib import Path

_TRACKED: set[Path] = set()


def track(*paths: Path) -> None:
    """Register unfinished files for `remove_tracked`; in normal operation their writers remove them."""
    _TRACKED.update(paths)


def untrack(*paths: Path) -> None:
    """Unregister files that are finished or removed."""
    _TRACKED.difference_update(paths)


def remove_tracked() -> None:
    """Remove all registered files and folders.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "half")
    ...     _ = path.write_bytes(b"half")
    ...     track(path)
    ...     remove_tracked()
    ...     path.exists()
    False
    """
    for path in tuple(_TRACKED):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        untrack(path)
