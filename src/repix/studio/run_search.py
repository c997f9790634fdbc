"""Search for training runs, comparisons and folders of pictures below the studio's folder."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from repix.pictures.formats import READ_SUFFIXES
from repix.studio.folder import ServedFolder, is_plain

DEEPEST = 5
"""Levels of folders below the studio's folder."""
MOST_FOLDERS, MOST_ENTRIES, PER_RUN = 5_000, 200_000, 9
"""Folders and entries that are looked at, and folders that a run counts for; the rest is left out, and it is said."""


@dataclass
class Found:
    """Names relative to the studio's folder."""

    runs: list[str] = field(default_factory=list)
    grids: list[str] = field(default_factory=list)
    """Folders of `repix compare`."""
    pictures: list[str] = field(default_factory=list)
    """Folders with pictures."""
    is_partial: bool = False
    """True if there was more than could be looked at."""

    @property
    def note(self) -> str:
        """A sentence if there was more."""
        return "The folder is too large to be searched in full; name a smaller --folder." if self.is_partial else ""


def search(folder: ServedFolder) -> Found:
    """Return what is found below a folder. Symbolic links to folders are not followed, hidden ones left out.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     Path(place, "a", "run").mkdir(parents=True)
    ...     written = Path(place, "a", "run", "run.toml").write_text("")
    ...     search(ServedFolder(Path(place))).runs
    ['a/run']
    """
    root, found = folder.root, Found()
    left = [MOST_FOLDERS, MOST_ENTRIES]
    for name, files in _walked(root, left):
        if _is_run(files):
            found.runs.append(name)
            left[0] -= PER_RUN
        elif "grid.json" in files:
            found.grids.append(name)
        elif any(Path(one).suffix.lower() in READ_SUFFIXES for one in files):
            found.pictures.append(name)
    found.is_partial = min(left) < 0
    return found


def _is_run(files: set[str]) -> bool:
    """Return True for the files of a run, or of one that the studio started and that did not begin to train."""
    return "run.toml" in files or {"recipe.toml", "output.txt"} <= files


def _walked(root: Path, left: list[int]) -> Iterator[tuple[str, set[str]]]:
    """Yield folders below `root` with the names of their files, but none in runs, until there were too many."""
    waiting: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while waiting and min(left) >= 0:
        path, parts = waiting.pop()
        files, folders = _entries(path, left)
        left[0] -= 1
        if parts:
            yield "/".join(parts), files
        if not _is_run(files) and len(parts) < DEEPEST:
            waiting += [(path / name, (*parts, name)) for name in sorted(folders, reverse=True)]


def _entries(path: Path, left: list[int]) -> tuple[set[str], set[str]]:
    """Return the names of visible files and folders; a folder that cannot be read is empty."""
    files, folders = set[str](), set[str]()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                left[1] -= 1
                if left[1] < 0:
                    break
                if is_plain(entry.name):
                    (folders if entry.is_dir(follow_symlinks=False) else files).add(entry.name)
    except OSError:
        return set(), set()
    return files, folders
