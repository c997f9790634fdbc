"""What is trained on, what is kept out to judge by, what is never touched: recorded as lists of files."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repix.data.folders import Dataset, Item, find
from repix.errors import WrongUse
from repix.printable import shown

MOST_KEPT_OUT = 100
"""Where nothing is said, a tenth is kept out, but no more than this."""
TO_PART = 4
"""So many examples at least are parted into those that measure and those that choose."""
PIECES = 8
"""Of neighbours; every second one measures. With fewer, a kind of picture could come to one half only."""


@dataclass(frozen=True)
class Split:
    """Which items are for what, and by which rule; travels as JSON or TOML.

    >>> Split.from_json(Split("all", (Item("a.png"),)).to_json()).train
    (Item(picture='a.png', partner=None),)
    """

    rule: str
    train: tuple[Item, ...]
    validation: tuple[Item, ...] = ()
    test: tuple[Item, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Lists of lists of texts."""
        lists = {name: [list(item.files) for item in items] for name, items in self.parts.items()}
        return {"rule": self.rule, **lists}

    @classmethod
    def from_json(cls, record: object) -> "Split":
        """The split of a record; what is no such record is refused."""
        if not isinstance(record, Mapping) or set(record) != {"rule", "train", "validation", "test"}:
            raise WrongUse(f"The record of a split is {shown(record)}; it was not made by repix.")
        return cls(record["rule"], *(_items(record[name], name) for name in ("train", "validation", "test")))

    @property
    def parts(self) -> dict[str, tuple[Item, ...]]:
        """The items by the name of their part."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def halves(self) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
        """Of what is kept out: what the finished model is measured on, and what chooses its weights.

        Neighbours stay together, as they may be frames of one film or pictures of one kind. A few do both.

        >>> items = tuple(Item(f"{number}.png") for number in range(20))
        >>> [[item.picture[:-4] for item in half] for half in Split("all", (), items[:5]).halves]
        [['0', '2', '4'], ['1', '3']]
        >>> " ".join(item.picture[:-4] for item in Split("all", (), items).halves[0])
        '0 1 2 5 6 7 10 11 12 15 16 17'
        """
        kept = self.validation
        if len(kept) < TO_PART:
            return kept, kept
        pieces = min(PIECES, len(kept))
        measuring, choosing = (
            tuple(item for place, item in enumerate(kept) if place * pieces // len(kept) % 2 == odd) for odd in (0, 1)
        )
        return measuring, choosing


def split(dataset: Dataset, keep_out: int | Path | str | None = None) -> Split:
    """The official split where there is one; else, or where `keep_out` asks for it, so many items are kept out.

    Which ones depends on their names alone, so that it is the same on every machine, and files that are added later
    move few others. A folder as `keep_out` is taken whole, and its files may be anywhere.
    """
    parts = {name: part.items for name, part in dataset.parts.items()}
    train, test = parts.get("train", ()), parts.get("test", ())
    if isinstance(keep_out, Path | str):
        return Split(f"kept out: the folder {Path(keep_out).name}", train, _elsewhere(dataset, keep_out), test)
    if keep_out is None and "validation" in parts:
        return Split("official", train, parts["validation"], test)
    there = train + parts.get("validation", ())
    count = min(len(there) // 10, MOST_KEPT_OUT) if keep_out is None else _count(keep_out, len(there))
    kept = sorted(there, key=_lot)[:count]
    rest = tuple(item for item in there if item not in set(kept))
    return Split(f"kept out: {count} of {len(there)}, drawn by their names", rest, tuple(sorted(kept, key=_path)), test)


def _elsewhere(dataset: Dataset, folder: Path | str) -> tuple[Item, ...]:
    """All items of another folder, as seen from this one's root."""
    other = find(folder)
    if other.kind != dataset.kind:
        raise WrongUse(f"{folder} holds {other.kind} and {dataset.root} {dataset.kind}; keep out a folder of its kind.")
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


def _count(wanted: object, there: int) -> int:
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
        raise WrongUse(f"keep_out is {wanted!r}; it must be a whole number of at least 0, or a folder.")
    if wanted >= max(there, 1):
        raise WrongUse(f"keep_out is {wanted} and there are {there} examples; at least one must be left to train on.")
    return wanted


def _lot(item: Item) -> bytes:
    return hashlib.sha256(Path(item.picture).stem.encode(errors="surrogateescape")).digest()


def _path(item: Item) -> str:
    return item.picture


def _items(lists: object, name: str) -> tuple[Item, ...]:
    if not isinstance(lists, list) or not all(_is_item(files) for files in lists):
        raise WrongUse(f"The record of a split holds under {name} something else than lists of one or two files.")
    return tuple(Item(*files) for files in lists)


def _is_item(files: object) -> bool:
    return isinstance(files, list) and len(files) in (1, 2) and all(isinstance(file, str) for file in files)
