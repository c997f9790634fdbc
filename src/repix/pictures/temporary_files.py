"""Files and folders on their way: what is to go where the process must end at once."""

import shutil
from contextlib import suppress
from pathlib import Path

_ON_THE_WAY: set[Path] = set()


def begun(*paths: Path) -> None:
    """From now on these are to go where the process ends at once; in all other cases their makers see to it."""
    _ON_THE_WAY.update(paths)


def ended(*paths: Path) -> None:
    """These are finished, or gone."""
    _ON_THE_WAY.difference_update(paths)


def remove_tracked() -> None:
    """Remove what is not finished.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "half")
    ...     _ = path.write_bytes(b"half")
    ...     begun(path)
    ...     remove_tracked()
    ...     path.exists()
    False
    """
    for path in tuple(_ON_THE_WAY):
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        ended(path)
