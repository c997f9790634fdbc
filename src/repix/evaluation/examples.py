"""Examples: pairs of source and target for a task, reproducible from the seed."""

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
from repix.evaluation.stratified import StratifiedGenerator, Stratum
from repix.masks import IGNORED, Encoding
from repix.pictures import Picture, read
from repix.tasks import Task
from repix.volumes.stack import Stack, read_picture, slice_range, slices_in


@dataclass(frozen=True, eq=False)
class Example:
    """A source and its target."""

    name: str
    """The picture's path, relative to the examples' root."""
    source: Picture
    target: Picture


class Examples(Sequence[Example]):
    """Lazy sequence of examples; a file is read on access, or once by `loaded`.

    From an item without a partner, the task makes a pair. Its noise depends only on the seed and the file's stem: it is
    the same in any set, order or session.

    `encoding` is the encoding of masks; without it they are read as pictures. `degrade` are the steps of a chain of
    `repix degrade`, which makes each source from its target instead of the task.

    If `stratified`, random parameters such as noise levels are drawn so that these items together cover their ranges
    evenly. The noise then depends on the set of items, too, but not on their order.
    """

    def __init__(
        self,
        root: Path | str,
        items: Sequence[Item],
        task: Task,
        seed: int = 0,
        encoding: Encoding | None = None,
        degrade: Sequence[str] = (),
        stratified: bool = False,
    ) -> None:
        if seed < 0:
            raise WrongUse(f"seed is {seed!r}; it must be a whole number of at least 0.")
        alone = next((item.picture for item in items if item.partner is None), None)
        if alone is not None and task.make_pair is None:
            raise WrongUse(f"{alone} has no partner, and {task.name} cannot make one; it needs pairs of files.")
        paired = next((item.partner for item in items if item.partner is not None), None)
        if paired is not None and degrade:
            raise WrongUse(
                f"{paired} has a source file already; leave out the degradation, or use a folder without pairs."
            )
        self.root, self.items, self.task, self.seed, self.encoding = Path(root), tuple(items), task, seed, encoding
        self.degrade = tuple(degrade)
        self._steps = read_steps(degrade) if degrade else ()
        together = sorted(item.picture for item in self.items) if stratified else ()
        self._strata = {name: Stratum(number, len(together), seed) for number, name in enumerate(together)}
        self._loaded: tuple[Example, ...] | None = None

    def loaded(self) -> Self:
        """Return the same examples, read now and kept in memory."""
        made = copy(self)
        made._loaded = tuple(Examples.__getitem__(self, index) for index in range(len(self)))
        return made

    def __len__(self) -> int:
        return len(self.items)

    @property
    def unit(self) -> str:
        """An example in words: a picture, or a volume."""
        return "volume" if any(slice_range(item.picture) is not None for item in self.items) else "picture"

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> "Examples": ...
    def __getitem__(self, index: int | slice) -> "Example | Examples":
        """Return an example, or the examples of a slice."""
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
        picture = read_picture(self.root / item.picture)
        if item.partner is not None:
            partner = self.root / item.partner
            return picture, read(partner) if self.encoding is None else _mask(self.encoding, partner)
        if self.task.make_pair is None:
            raise WrongUse("there is no partner.")
        source, target = self.task.make_pair(picture, self._generator(item))
        if self._steps:
            source = apply_steps(target, self._generator(item), self._steps)
        return source, target

    def _generator(self, item: Item) -> np.random.Generator:
        """Return the generator of random choices for an item."""
        generator, stratum = generator_for(self.seed, item.picture), self._strata.get(item.picture)
        return generator if stratum is None else StratifiedGenerator(generator.bit_generator, stratum)


def class_pixels(masks: Iterable[Path], task: Task, encoding: Encoding | None = None) -> tuple[int, ...]:
    """Return the number of pixels of each class in mask files, without ignored pixels."""
    counts = np.zeros(task.channels[1], np.int64)
    for file in masks:
        ids = task.encode_target(read(file) if encoding is None else _mask(encoding, file))
        counts += np.bincount(ids[ids != IGNORED], minlength=len(counts))
    return tuple(counts.tolist())


def generator_for(seed: int, picture: str) -> np.random.Generator:
    """Return the generator of random choices for a picture; it depends on the seed and the file's stem only."""
    digest = hashlib.sha256(Path(picture).stem.encode(errors="surrogateescape")).digest()
    return np.random.default_rng((seed, int.from_bytes(digest[:16])))


def _mask(encoding: Encoding, file: Path) -> Picture:
    """Return a mask as the task would write it: levels, or colors for a mask with a palette."""
    pixels, slices = encoding.to_pixels(encoding.read(file)), slices_in(str(file))
    return Picture(pixels) if slice_range(str(file)) is None else Stack(pixels, slices=slices)
