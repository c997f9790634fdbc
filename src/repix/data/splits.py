"""Splits into training, validation and test examples, recorded as lists of files."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repix.data.folders import Dataset, Item
from repix.data.layouts import find
from repix.data.stack_splits import divided, halves_of_stacks, is_one_stack
from repix.errors import WrongUse
from repix.printable import shown
from repix.volumes.stack import slice_range, slices_in

MOST_HELD_OUT = 100
"""Largest default number of held-out examples, which is a tenth of all."""
TO_DIVIDE = 4
"""Number of held-out examples from which they are divided for evaluation and model selection."""
PIECES = 8
"""Number of runs of consecutive examples, of which every second one is for evaluation."""
LONGEST = 9
"""Most digits of a number of examples."""


@dataclass(frozen=True)
class Split:
    """The items of each split, and the rule by which they were split; stored as JSON or TOML.

    >>> Split.from_json(Split("all", (Item("a.png"),)).to_json()).train
    (Item(picture='a.png', partner=None),)
    """

    rule: str
    train: tuple[Item, ...]
    validation: tuple[Item, ...] = ()
    test: tuple[Item, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the split as a dictionary for JSON or TOML."""
        lists = {name: [list(item.files) for item in items] for name, items in self.parts.items()}
        return {"rule": self.rule, **lists}

    @classmethod
    def from_json(cls, record: object) -> "Split":
        """Return the split of a dictionary made by `to_json`.

        Raises:
            WrongUse: the dictionary has another form.
        """
        if not isinstance(record, Mapping) or set(record) != {"rule", "train", "validation", "test"}:
            raise WrongUse(f"The record of a split is {shown(record)}; it was not written by repix.")
        return cls(record["rule"], *(_items(record[name], name) for name in ("train", "validation", "test")))

    @property
    def parts(self) -> dict[str, tuple[Item, ...]]:
        """The items by split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def of_volumes(self) -> bool:
        """True if the items are slices of volumes."""
        return any(slice_range(item.picture) is not None for items in self.parts.values() for item in items)

    @property
    def slices(self) -> dict[str, int]:
        """Number of slices, or of pictures, by split."""
        return {name: sum(slices_in(item.picture) for item in items) for name, items in self.parts.items()}

    @property
    def held_out(self) -> int:
        """The number that holds out these validation items: of examples, or of the slices of the only volume."""
        if is_one_stack(self.train + self.validation):
            return self.slices["validation"]
        return len(self.validation)

    @property
    def halves(self) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
        """The validation items, divided into those for the final evaluation and those for selecting the best weights.

        Consecutive items stay together, because they may be frames of one video. Fewer than four items serve for both.
        Each volume is divided: its first slices select, the others are for the evaluation.

        >>> items = tuple(Item(f"{number}.png") for number in range(20))
        >>> [[item.picture[:-4] for item in half] for half in Split("all", (), items[:5]).halves]
        [['0', '2', '4'], ['1', '3']]
        >>> " ".join(item.picture[:-4] for item in Split("all", (), items).halves[0])
        '0 1 2 5 6 7 10 11 12 15 16 17'
        """
        held = self.validation
        if self.of_volumes:
            return halves_of_stacks(held)
        if len(held) < TO_DIVIDE:
            return held, held
        pieces = min(PIECES, len(held))
        evaluation, selection = (
            tuple(item for place, item in enumerate(held) if place * pieces // len(held) % 2 == odd) for odd in (0, 1)
        )
        return evaluation, selection


def read_holdout(text: str | None) -> int | str | None:
    """Return a holdout from a text: a number of examples, or a folder (also for more than nine digits).

    >>> read_holdout("12"), read_holdout("others"), read_holdout(None)
    (12, 'others', None)
    """
    return int(text) if text is not None and text.isdecimal() and len(text) <= LONGEST else text


def split(dataset: Dataset, holdout: int | Path | str | None = None) -> Split:
    """Split a dataset into training, validation and test items.

    Items are drawn by a hash of their names: the same on every machine, and files that are added later move few others.

    Args:
        dataset: the dataset.
        holdout: number of validation items, or a folder whose items are all used; by default the layout's validation
            split, or a tenth of the items. Of a single volume, it is the number of its last slices.

    Raises:
        WrongUse: no item is left for training, or the folder has another kind of items.
    """
    parts = {name: part.items for name, part in dataset.parts.items()}
    train, test = parts.get("train", ()), parts.get("test", ())
    if isinstance(holdout, Path | str):
        return Split(f"held out: the folder {Path(holdout).name}", train, _elsewhere(dataset, holdout), test)
    if holdout is None and "validation" in parts:
        return Split("official", train, parts["validation"], test)
    there = train + parts.get("validation", ())
    if is_one_stack(there):
        return Split(*divided(there[0], holdout), test)
    count = _count(_usual(dataset, len(there)) if holdout is None else holdout, len(there), dataset.volumes)
    kept = sorted(there, key=_lot)[:count]
    rest = tuple(item for item in there if item not in set(kept))
    return Split(
        f"held out: {count} of {len(there)}, drawn by hashed names", rest, tuple(sorted(kept, key=_path)), test
    )


def _elsewhere(dataset: Dataset, folder: Path | str) -> tuple[Item, ...]:
    """Return all items of another folder, with paths relative to this dataset's root."""
    other = find(folder, dataset.volumes)
    if other.kind != dataset.kind:
        raise WrongUse(
            f"{folder} contains {other.kind}, but {dataset.root} contains {dataset.kind}; hold out a folder of the "
            "same kind."
        )
    up = Path(os.path.relpath(other.root, dataset.root))
    return tuple(
        replace(
            item,
            picture=(up / item.picture).as_posix(),
            partner=None if item.partner is None else (up / item.partner).as_posix(),
        )
        for part in other.parts.values()
        for item in part.items
    )


def _usual(dataset: Dataset, there: int) -> int:
    """Return the default number of held-out items; of several volumes, at least one."""
    return min(max(there // 10, int(dataset.volumes and there > 1)), MOST_HELD_OUT)


def _count(wanted: object, there: int, volumes: bool) -> int:
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
        raise WrongUse(f"holdout is {wanted!r}; it must be a whole number of at least 0, or a folder.")
    if wanted >= max(there, 1):
        unit = "volume" if volumes else "example"
        found = f"is one {unit}" if there == 1 else f"are {there} {unit}s"
        raise WrongUse(f"holdout is {wanted} and there {found}; at least one must be left to train on.")
    return wanted


def _lot(item: Item) -> bytes:
    return hashlib.sha256(Path(item.picture).stem.encode(errors="surrogateescape")).digest()


def _path(item: Item) -> str:
    return item.picture


def _items(lists: object, name: str) -> tuple[Item, ...]:
    if not isinstance(lists, list) or not all(_is_item(files) for files in lists):
        raise WrongUse(f"{name} in the record of a split must be a list of lists of one or two file names.")

    return tuple(Item(*files) for files in lists)


def _is_item(files: object) -> bool:
    return isinstance(files, list) and len(files) in (1, 2) and all(isinstance(file, str) for file in files)
