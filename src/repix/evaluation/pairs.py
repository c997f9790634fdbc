"""Pairs of files: a result and its ground truth, matched by name, and their arrays for the metrics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from repix.batch.jobs import pictures_in
from repix.errors import FileProblem, Unreadable, WrongUse
from repix.masks import read_mask
from repix.pictures import Picture, read
from repix.pictures.formats import READ_SUFFIXES


@dataclass(frozen=True)
class Pair:
    """A result and its truth, or only one of them if the metrics need no more."""

    result: Path | None
    truth: Path | None
    name: str = field(default="", compare=False)
    """Their common name: the path in their folders, without the suffix."""

    def __str__(self) -> str:
        return " against ".join(map(str, self.files.values()))

    @property
    def files(self) -> dict[str, Path]:
        """The files, by what they are: `result`, `truth`."""
        both = {"result": self.result, "truth": self.truth}
        return {name: file for name, file in both.items() if file is not None}


@dataclass(frozen=True)
class PairArrays:
    """Arrays of a pair."""

    arrays: dict[str, Any]
    """By parameter name: `result` and `truth`."""
    notes: tuple[tuple[str, str], ...] = ()
    """Notes about the files, each with its path."""


def find_pairs(paths: Sequence[Path], recursive: bool = False) -> tuple[list[Pair], list[Path]]:
    """Return the pairs of two files or two folders, matched by name without suffix, and the unmatched files.

    >>> find_pairs([Path("nowhere"), Path("truth.png")])
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere: there is no such file or folder.
    """
    _require_there(paths)
    folders = [path.is_dir() for path in paths]
    if len(set(folders)) > 1:
        folder, file = paths if folders[0] else reversed(paths)
        raise WrongUse(f"{folder} is a folder and {file} is a file; give two files, or two folders.")
    if not folders[0]:
        return [Pair(paths[0] if len(paths) == 2 else None, paths[-1], paths[-1].stem)], []
    truths = _by_stem(paths[-1], recursive)
    if len(paths) == 1:
        return [Pair(None, truth, name) for name, truth in truths.items()], []
    results = _by_stem(paths[0], recursive)
    pairs = [Pair(results[name], truths[name], name) for name in results if name in truths]
    alone = [file for name, file in results.items() if name not in truths]
    return pairs, alone + [file for name, file in truths.items() if name not in results]


def find_results(paths: Sequence[Path], recursive: bool = False) -> list[Pair]:
    """Return results without truths: the files that are named, and the pictures in the folders.

    A name is the path in its folder without the suffix; if two are equal, all are the paths that were given.

    >>> find_results([Path("nowhere")])
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere: there is no such file or folder.
    """
    _require_there(paths)
    found: dict[Path, str] = {}
    for path in paths:
        inside = _by_stem(path, recursive) if path.is_dir() else {path.stem: path}
        found |= {file: name for name, file in inside.items()}
    if len(set(found.values())) < len(found):
        found = {file: "/".join(part for part in file.parts if part not in (file.anchor, "..")) for file in found}
    if len(set(found.values())) < len(found):
        raise WrongUse("Two of the files have the same path but for '..'; measure them one after the other.")
    return [Pair(file, None, name) for file, name in found.items()]


def read_pair(pair: Pair, labels: bool) -> PairArrays:
    """Return the arrays of a pair: colors, or the classes of label maps."""
    files = pair.files
    pictures = {name: read(file) for name, file in files.items()}
    notes = []
    for name, picture in pictures.items():
        if picture.has_alpha:
            raise FileProblem(f"{files[name]} has an alpha channel, which metrics do not support; remove it first.")
        converted = () if labels else picture.notes  # notes about colors do not matter for label maps
        lost = (f"lost on reading: {what}" for what in picture.lost)
        notes += [(note, str(files[name])) for note in (*converted, *lost)]
    _require_one_size(pair, *pictures.values())
    if labels:
        return PairArrays({name: _labels(one, files[name]) for name, one in pictures.items()}, tuple(notes))
    depths = [picture.depth for picture in pictures.values()]
    if len(set(depths)) > 1:
        notes.append((f"the bit depths are {' and '.join(depths)}; both are scaled to white = 1.", str(pair)))
    return PairArrays({name: one.colors().astype(np.float64) for name, one in pictures.items()}, tuple(notes))


def _require_there(paths: Sequence[Path]) -> None:
    """Refuse paths without a file or folder."""
    for path in paths:
        if not path.exists():
            raise Unreadable(f"{path}: there is no such file or folder.")


def _by_stem(folder: Path, recursive: bool) -> dict[str, Path]:
    """Return the pictures of a folder by their path in it without the suffix, in alphabetical order."""
    found: dict[str, Path] = {}
    for file, place in pictures_in(folder, recursive):
        name = place.rpartition(".")[0]
        if name in found:
            raise WrongUse(f"{found[name]} and {file} differ only in their suffix; keep one of them in the folder.")
        found[name] = file
    if not found:
        raise Unreadable(f"{folder} contains no pictures (files with the suffixes {', '.join(sorted(READ_SUFFIXES))}).")
    return found


def _require_one_size(pair: Pair, *pictures: Picture) -> None:
    """Refuse pictures of different sizes."""
    sizes = [f"{height}×{width}" for height, width in (picture.size for picture in pictures)]
    if len(set(sizes)) > 1:
        raise FileProblem(f"{pair}: the sizes are {' and '.join(sizes)} (height × width); they must be equal.")


def _labels(picture: Picture, file: Path) -> Any:
    """Return the class ids of a label map: its levels, or its palette indices."""
    if picture.depth != "float":
        mask = read_mask(file)
        if mask.kind != "colors":
            return mask.pixels
    kind = "contains floats" if picture.is_gray else "is a color picture"
    raise FileProblem(
        f"{file} {kind}; a label map is a gray 8- or 16-bit file, or a PNG with a palette, whose levels or indices are "
        "class ids."
    )
