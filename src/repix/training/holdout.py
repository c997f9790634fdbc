"""Held-out examples: some choose the weights while a network learns, the others measure the finished model."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from repix.data import Findings, Item
from repix.data.cache import content_key
from repix.errors import Unreadable
from repix.evaluation import Examples
from repix.tasks import Task
from repix.training.center_crop import CenterCrops

MOST_COMPARED = 32
"""Whole pictures that the finished model is measured on."""
VALIDATED_PIXELS = 1_500_000
"""A validation takes as many pictures as have about so many pixels, so that it takes little time."""


def comparison_items(findings: Findings) -> Sequence[Item]:
    """Return the held-out items that measure the finished model."""
    return _spread(findings.split.halves[0], MOST_COMPARED)


def validation_items(findings: Findings, task: Task) -> Sequence[Item]:
    """Return the held-out items that choose the weights."""
    pixels = findings.largest[0] * findings.largest[1] * task.scale**2
    return _spread(findings.split.halves[1], min(MOST_COMPARED, max(4, VALIDATED_PIXELS // max(pixels, 1))))


def validation_pixels(findings: Findings, task: Task, side: int | None) -> int:
    """Return the pixels of all sources of a validation; of one size where the network has one."""
    total = 0
    for item in validation_items(findings, task):
        height, width = findings.sizes[item.picture]
        made = task.scale if item.partner is None else 1  # the task makes the source from the picture
        total += side**2 if side is not None else (height // made) * (width // made)
    return total


def _spread(items: Sequence[Item], most: int) -> Sequence[Item]:
    """At most so many items, from all over."""
    return items[:: -(-len(items) // most) or 1]


@dataclass(frozen=True, eq=False)
class Holdout:
    """The examples that a training holds out."""

    comparison: Examples
    """They measure the finished model."""
    validation: Examples
    """They choose the weights; they are in memory."""
    fingerprints: dict[Item, str]
    """What the files of each held-out item were, as a hash."""

    @classmethod
    def of(cls, findings: Findings, folder: Path, task: Task, side: int | None) -> "Holdout":
        """Return the held-out examples of a folder; those for validation are read now."""
        comparison = examples(folder, comparison_items(findings), task, side, findings)
        validation = examples(folder, validation_items(findings, task), task, side, findings)
        prints = {item: _fingerprint(folder, item) for item in findings.split.validation}
        return cls(comparison, validation.loaded(), prints)

    @property
    def independent(self) -> bool:
        """Whether those that measure had no part in choosing the weights."""
        return not set(self.comparison.items) & set(self.validation.items)

    @property
    def fingerprint(self) -> str:
        """One hash of all held-out files."""
        joined = "".join(sorted(self.fingerprints.values())).encode()
        return hashlib.blake2b(joined, digest_size=16).hexdigest()

    def unchanged(self) -> Sequence[Item]:
        """Return the items to measure on whose files are what they were when the training began."""
        root = self.comparison.root
        return [item for item in self.comparison.items if _fingerprint(root, item) == self.fingerprints[item]]


def examples(folder: Path, items: Sequence[Item], task: Task, side: int | None, findings: Findings) -> Examples:
    """Return the examples of these items; center crops where the network takes one size only."""
    if side is None:
        return Examples(folder, items, task, encoding=findings.encoding)
    return CenterCrops(folder, items, task, side, encoding=findings.encoding)


def _fingerprint(root: Path, item: Item) -> str:
    """A hash of an item's files; empty where they cannot be read."""
    try:
        return content_key(root, [item])
    except Unreadable:
        return ""
