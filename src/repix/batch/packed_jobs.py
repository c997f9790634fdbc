"""Jobs of a manifest in little memory: their paths are texts in one block, a `Job` exists only while it is used."""

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import overload

from repix.batch.jobs import Job, side_paths
from repix.batch.path_keys import split
from repix.remote import AnyPath, Stores

FOLDERS = 1000
"""Folders of which a path is kept, so that others in them are made faster."""


class PackedJobs(Sequence[Job]):
    """A sequence of jobs that takes about the bytes of their paths, not a kilobyte each.

    >>> jobs = PackedJobs(Path("list.jsonl"))
    >>> jobs.add(3, "in/a.png", "out/a.png")
    >>> len(jobs), jobs[0].target, jobs[0].origin
    (1, PosixPath('out/a.png'), 'list.jsonl, line 3')
    """

    def __init__(self, manifest: Path, side_outputs: tuple[str, ...] = (), stores: Stores | None = None) -> None:
        self._listed_in, self._side_outputs, self._stores = f"{manifest}, line ", side_outputs, stores
        self._text = bytearray()
        self._near: dict[str, Path] = {}
        """A path in each of the last folders."""
        self._ends, self._numbers = array("Q"), array("Q")
        """End of each path in the text, two for each job; number of each job's line."""

    def add(self, number: int, source: str, target: str) -> None:
        """Add the job of a line."""
        for path in (source, target):
            self._text += path.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._text))
        self._numbers.append(number)

    def paths(self, at: int) -> tuple[str, str]:
        """Return the source and the target of a job as texts."""
        start = self._ends[2 * at - 1] if at else 0
        middle, end = self._ends[2 * at], self._ends[2 * at + 1]
        return self._decoded(start, middle), self._decoded(middle, end)

    def line(self, at: int) -> int:
        """Return the number of a job's line in the manifest."""
        return self._numbers[at]

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Job: ...

    @overload
    def __getitem__(self, at: slice) -> list[Job]: ...

    def __getitem__(self, at: int | slice) -> Job | list[Job]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        source, target = self.paths(at)
        made = self._located(target)
        sides = side_paths(made, self._side_outputs) if self._side_outputs else ()
        return Job(self._located(source), made, sides, origin=f"{self._listed_in}{self._numbers[at]}")

    def _located(self, path: str) -> AnyPath:
        if ":" in path:  # it may be a URL
            return Path(path) if self._stores is None else self._stores.located(path)
        folder, name = split(path)
        if name in ("", ".", ".."):
            return Path(path)
        near = self._near.get(folder)
        if near is None:
            if len(self._near) >= FOLDERS:
                self._near.clear()
            near = self._near[folder] = Path(folder, "_")
        return near.with_name(name)  # half of the time of a new path, which counts for millions

    def _decoded(self, start: int, end: int) -> str:
        return self._text[start:end].decode("utf-8", "surrogatepass")
