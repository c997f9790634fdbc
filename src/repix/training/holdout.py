"""Held-out examples: one half validates the network during training, the other half measures the finished model."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repix.data import Encoding, Findings, Item
from repix.data.cache import content_key
from repix.data.stack_splits import overlap, part_of
from repix.errors import Unreadable, WrongUse
from repix.evaluation import Example, Examples
from repix.pictures import Picture
from repix.tasks import Task
from repix.volumes.stack import slices_in, volume_of

MOST_COMPARED = 32
"""Whole pictures that the finished model is measured on."""
VALIDATED_PIXELS = 1_500_000
"""A validation uses pictures with about this many pixels in all, to be fast."""


def comparison_items(findings: Findings) -> Sequence[Item]:
    """Return the held-out items that measure the finished model."""
    return _spread(findings.split.halves[0], MOST_COMPARED)


def validation_items(findings: Findings, task: Task) -> Sequence[Item]:
    """Return the held-out items of validations, which choose the best weights."""
    pixels = findings.largest[0] * findings.largest[1] * task.scale**2
    if findings.split.of_volumes:
        items = _spread(findings.split.halves[1], MOST_COMPARED)
        most = max(1, VALIDATED_PIXELS // max(pixels * len(items), 1))
        return [part_of(item, 0, min(most, slices_in(item.picture))) for item in items]
    return _spread(findings.split.halves[1], min(MOST_COMPARED, max(4, VALIDATED_PIXELS // max(pixels, 1))))


def validation_pixels(findings: Findings, task: Task, side: int | None) -> int:
    """Return the pixels of all sources of a validation; `side` is the one size that the network takes, if so."""
    total = 0
    for item in validation_items(findings, task):
        height, width = findings.sizes[volume_of(item.picture)]
        made = task.scale if item.partner is None else 1  # the task makes the source from the picture
        pixels = side**2 if side is not None else (height // made) * (width // made)
        total += pixels * slices_in(item.picture)
    return total


def _spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Return at most this many items, evenly spaced."""
    return items[:: -(-len(items) // most) or 1]


@dataclass(frozen=True, eq=False)
class Holdout:
    """The examples that a training holds out."""

    comparison: Examples
    """They measure the finished model."""
    validation: Examples
    """They choose the best weights; they are held in memory."""
    fingerprints: dict[Item, str]
    """A hash of the files of each held-out item."""

    @classmethod
    def of(cls, findings: Findings, folder: Path, task: Task, side: int | None) -> "Holdout":
        """Return the held-out examples of a folder; those for validation are read now."""
        comparison = examples(folder, comparison_items(findings), task, side, findings)
        validation = examples(folder, validation_items(findings, task), task, side, findings)
        held = dict.fromkeys((*findings.split.validation, *comparison.items))  # of volumes, other slices
        prints = {item: _fingerprint(folder, item) for item in held}
        return cls(comparison, validation.loaded(), prints)

    @property
    def independent(self) -> bool:
        """True if the pictures of the comparison had no part in choosing the weights."""
        return not any(overlap(one, other) for one in self.comparison.items for other in self.validation.items)

    @property
    def fingerprint(self) -> str:
        """One hash of all held-out files."""
        joined = "".join(sorted(self.fingerprints.values())).encode()
        return hashlib.blake2b(joined, digest_size=16).hexdigest()

    def unchanged(self) -> Sequence[Item]:
        """Return the items of the comparison whose files have not changed since the training began."""
        root = self.comparison.root
        return [item for item in self.comparison.items if _fingerprint(root, item) == self.fingerprints[item]]


def examples(folder: Path, items: Sequence[Item], task: Task, side: int | None, findings: Findings) -> Examples:
    """Return the examples of these items; center crops where the network takes one size only.

    Held-out pictures are few, so their noise levels and other random parameters are stratified.
    """
    if side is None:
        return Examples(folder, items, task, encoding=findings.encoding, stratified=True)
    return CenterCrops(folder, items, task, side, encoding=findings.encoding, stratified=True)


def _fingerprint(root: Path, item: Item) -> str:
    """Return a hash of an item's files; empty if they cannot be read."""
    try:
        return content_key(root, [item])
    except Unreadable:
        return ""


class CenterCrops(Examples):
    """Examples for a network of one size: the center crop of each."""

    def __init__(
        self,
        root: Path,
        items: Sequence[Item],
        task: Task,
        side: int,
        encoding: Encoding | None = None,
        stratified: bool = False,
    ) -> None:
        super().__init__(root, items, task, encoding=encoding, stratified=stratified)
        self.side = side

    def __getitem__(self, index: Any) -> Any:
        """Return the center crop of an example, or the examples of a slice."""
        example = super().__getitem__(index)
        if not isinstance(example, Example):
            return example
        return Example(example.name, center_crop(example.source, self.side), center_crop(example.target, self.side))


def center_crop(picture: Picture, side: int) -> Picture:
    """Return the square in the center of a picture."""
    height, width = picture.size
    if min(height, width) < side:
        raise WrongUse(f"It is {width}×{height}, smaller than the {side}×{side} that this network takes.")
    top, left = (height - side) // 2, (width - side) // 2
    return replace(picture, pixels=picture.pixels[top : top + side, left : left + side])
