"""Examples: whole pictures as a task has them, a source and its target, the same ones every time they are asked for."""

import hashlib
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Self, overload

import numpy as np

from repix.data.folders import Item
from repix.degradations import apply_steps, read_steps
from repix.errors import FileProblem, RepixError, WrongUse
from repix.masks import IGNORED, Encoding
from repix.pictures import Picture, read
from repix.tasks import Task


@dataclass(frozen=True, eq=False)
class Example:
    """One picture to convert, and what should come out."""

    name: str
    """The picture's file, as seen from the examples' root."""
    source: Picture
    target: Picture


class Examples(Sequence[Example]):
    """The examples that items give for a task; a file is read when its example is asked for, and kept if `loaded`.

    An item without a partner is a good picture, of which the task makes a pair. Its noise depends on the seed and the
    file's name without folders and suffix, and on nothing else: it is the same in any set, order or session.

    `encoding` says how masks are written; without it they are read as pictures. `degrade` are the steps of a chain, as
    `repix degrade` has them: each source is then its target spoiled by them, whatever the task would have done.
    """

    def __init__(
        self,
        root: Path | str,
        items: Sequence[Item],
        task: Task,
        seed: int = 0,
        encoding: Encoding | None = None,
        degrade: Sequence[str] = (),
    ) -> None:
        if seed < 0:
            raise WrongUse(f"seed is {seed!r}; it must be a whole number of at least 0.")
        alone = next((item.picture for item in items if item.partner is None), None)
        if alone is not None and task.make_pair is None:
            raise WrongUse(f"{alone} has no partner, and {task.name} cannot make one; it needs pictures with masks.")
        paired = next((item.partner for item in items if item.partner is not None), None)
        if paired is not None and degrade:
            raise WrongUse(
                f"The sources are given, one of them for {paired}; they cannot be made by degrading as well."
            )
        self.root, self.items, self.task, self.seed, self.encoding = Path(root), tuple(items), task, seed, encoding
        self.degrade = tuple(degrade)
        self._steps = read_steps(degrade) if degrade else ()
        self._loaded: tuple[Example, ...] | None = None

    def loaded(self) -> Self:
        """The same examples, read now and kept in memory: whatever becomes of the files changes nothing."""
        made = copy(self)
        made._loaded = tuple(Examples.__getitem__(self, index) for index in range(len(self)))
        return made

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "Examples": ...
    def __getitem__(self, index: int | slice) -> "Example | Examples":
        """One example, or the examples of a part of the items."""
        if isinstance(index, slice):
            part = copy(self)
            part.items = self.items[index]
            part._loaded = None if self._loaded is None else self._loaded[index]
            return part
        if self._loaded is not None:
            return self._loaded[index]
        item = self.items[index]
        try:
            return Example(item.picture, *self._pair(item))
        except FileProblem:
            raise
        except RepixError as problem:
            raise FileProblem(f"{self.root / item.picture}: {problem}") from None

    def _pair(self, item: Item) -> tuple[Picture, Picture]:
        picture = read(self.root / item.picture)
        if item.partner is not None:
            partner = self.root / item.partner
            return picture, read(partner) if self.encoding is None else _mask(self.encoding, partner)
        if self.task.make_pair is None:
            raise WrongUse("there is no partner.")
        source, target = self.task.make_pair(picture, _generator(self.seed, item))
        if self._steps:
            source = apply_steps(target, _generator(self.seed, item), self._steps)
        return source, target


def class_pixels(masks: Iterable[Path], task: Task, encoding: Encoding | None = None) -> tuple[int, ...]:
    """How many pixels each of a task's classes has in mask files, without those that are ignored."""
    counts = np.zeros(task.channels[1], np.int64)
    for file in masks:
        ids = task.encode_target(read(file) if encoding is None else _mask(encoding, file))
        counts += np.bincount(ids[ids != IGNORED], minlength=len(counts))
    return tuple(counts.tolist())


def _generator(seed: int, item: Item) -> np.random.Generator:
    digest = hashlib.sha256(Path(item.picture).stem.encode(errors="surrogateescape")).digest()
    return np.random.default_rng((seed, int.from_bytes(digest[:16])))


def _mask(encoding: Encoding, file: Path) -> Picture:
    """A mask as the task's result would be drawn: levels, or colors where the file has a palette."""
    return Picture(encoding.to_pixels(encoding.read(file)))
