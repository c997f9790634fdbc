"""Conflicts between the lines of a manifest: two results of one path, and a result that would replace a source.

For a million lines, the keys of the paths take too much memory. Their 64-bit hashes do not; equal hashes are found by
sorting, and only then the paths themselves are compared.
"""

import os
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repix.batch.jobs import is_one_file, side_paths
from repix.batch.packed_jobs import PackedJobs
from repix.batch.path_keys import PathKeys, folders_above, split
from repix.errors import Unwritable, WrongUse
from repix.remote.stores import is_url


class Conflicts:
    """Finds conflicts between the lines that were included."""

    def __init__(self, manifest: Path, jobs: PackedJobs, side_outputs: tuple[str, ...]) -> None:
        self._manifest, self._jobs, self._side_outputs = manifest, jobs, side_outputs
        self._keys = PathKeys()
        self._sources, self._targets = array("q"), array("q")
        """Hashes of the keys; of the targets, with side outputs, several in a row for each line."""
        self._folders: set[str] = set()
        """Keys of all folders above results."""

    def include(self, number: int, source: str, target: str) -> None:
        """Include a line; one whose result is a folder, or its source under another name, is refused."""
        self._sources.append(hash(self._keys.key(source)))
        for path in self._results(target):
            key = self._keys.key(path)
            self._targets.append(hash(key))
            self._note_folder(split(key)[0])
        if not is_url(target) and self._keys.has_folder(split(target)[0]) and os.path.lexists(target):
            self._require_replaceable(number, source, target)

    def require_none(self) -> None:
        """Refuse the first conflict, with the numbers of its lines."""
        targets, sources = (np.frombuffer(one, np.int64) for one in (self._targets, self._sources))
        for first, second in _equal_pairs(targets):
            if self._target(first) == self._target(second):
                path, other = self._path(second), self._path(first)
                near = "" if path == other else f", or {other}, which is the same file on some file systems"
                lines = f"lines {self._line(first)} and {self._line(second)}"
                raise WrongUse(f"{self._manifest}: {lines} would both be written to {path}{near}; remove one of them.")
        for at in np.flatnonzero(np.isin(targets, sources)).tolist():
            self._require_no_source(at, np.flatnonzero(sources == targets[at]).tolist())
        folders = np.fromiter(map(hash, self._folders), np.int64, len(self._folders))
        for at in np.flatnonzero(np.isin(targets, folders)).tolist():
            if self._target(at) in self._folders:
                raise WrongUse(
                    f"{self._manifest}: line {self._line(at)} would be written to {self._path(at)}, but another line "
                    "needs a folder there."
                )

    def _require_replaceable(self, number: int, source: str, target: str) -> None:
        """Refuse a result whose path is a folder, or a link to its source."""
        if os.path.isdir(target):  # noqa: PTH112
            raise Unwritable(
                f"{self._manifest}, line {number}: {source} would be written to {target}, which is a folder; name "
                "another."
            )
        if is_one_file(Path(source), Path(target)):
            raise WrongUse(
                f"{self._manifest}, line {number}: {source} would be replaced by its result; name another folder."
            )

    def _require_no_source(self, at: int, candidates: list[int]) -> None:
        for source in candidates:
            if self._target(at) == self._keys.key(self._jobs.paths(source)[0]):
                raise WrongUse(
                    f"{self._manifest}: line {self._line(at)} would be written to {self._path(at)}, which is the "
                    f"source of line {self._jobs.line(source)}; name another folder."
                )

    def _note_folder(self, key: str) -> None:
        if key not in self._folders:
            self._folders.add(key)
            self._folders.update(folders_above(key))

    def _results(self, target: str) -> tuple[str, ...]:
        if not self._side_outputs:
            return (target,)
        folder, name = split(target)
        beside = (os.path.join(folder, str(one)) for one in side_paths(Path(name), self._side_outputs))  # noqa: PTH118
        return (target, *beside)

    def _path(self, at: int) -> str:
        """Return the path of a result or side output by its place among the hashes."""
        job, part = divmod(at, 1 + len(self._side_outputs))
        return self._results(self._jobs.paths(job)[1])[part]

    def _target(self, at: int) -> str:
        return self._keys.key(self._path(at))

    def _line(self, at: int) -> int:
        return self._jobs.line(at // (1 + len(self._side_outputs)))


def _equal_pairs(hashes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the places of equal neighbors after sorting, earlier place first.

    >>> list(_equal_pairs(np.array([5, 7, 5])))
    [(0, 2)]
    """
    order = np.argsort(hashes, kind="stable")
    same = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    return zip(order[same].tolist(), order[same + 1].tolist(), strict=True)
