"""How far two maps of classes overlap, class by class, which the segmentation protocols share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongUse
from repix.metrics._pair import Labels, label_maps
from repix.parameters import Bounds

LARGEST = 65535
"""The largest class number: that of a 16-bit file."""

Counts = NDArray[np.integer[Any]]

Classes = Annotated[int | None, "how many classes there are, numbered from 0; left out: those that occur", Bounds(1)]
Ignored = Annotated[int | None, "the label of the truth whose pixels are left out"]


@dataclass(frozen=True, eq=False)
class Overlap(ABC):
    """Pixels per class, 3×classes: where result and truth agree on it, all of the truth's, all of the result's.

    The counts of several pairs may be added; then the number is that of all their pixels together.
    """

    counts: Counts

    @classmethod
    def count(cls, result: Labels, truth: Labels, classes: Classes = None, ignore_label: Ignored = None) -> Self:
        """Count, leaving out pixels whose truth is `ignore_label`; that label in the result is never right."""
        result, truth = label_maps(result, truth)
        kept = truth != ignore_label
        if not kept.any():
            raise WrongUse(f"every pixel of the truth has the ignored label {ignore_label}; nothing is left.")
        found, wanted = result[kept].astype(np.int64), truth[kept].astype(np.int64)
        agreed = found[found == wanted]
        found = found[found != ignore_label]
        length = 1 + max(_largest(found, "result", classes), _largest(wanted, "truth", classes))
        return cls(np.stack([np.bincount(labels, minlength=length) for labels in (agreed, wanted, found)]))

    def __add__(self, other: Self) -> Self:
        length = max(self.counts.shape[1], other.counts.shape[1])
        both = (np.pad(counts, ((0, 0), (0, length - counts.shape[1]))) for counts in (self.counts, other.counts))
        return type(self)(sum(both, np.zeros((3, length), np.int64)))

    def as_json(self) -> Mapping[str, Any]:
        """Return what `read` takes."""
        return {"counts": self.counts.tolist()}

    @classmethod
    def read(cls, counts: Sequence[Sequence[int]]) -> Self:
        """Return the tally that `as_json` gave."""
        return cls(np.array(counts, np.int64))

    @property
    def occurring(self) -> Counts:
        """The classes that occur in the truth or in the result."""
        return np.flatnonzero(self.counts[1] + self.counts[2])

    @property
    @abstractmethod
    def value(self) -> float:
        """The protocol's number."""

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, float]:
        """The numbers of the classes that occur."""


def _largest(labels: Counts, name: str, classes: int | None) -> int:
    """The largest class number, once all are known to be between 0 and the last class."""
    if labels.size == 0:
        return 0
    smallest, largest = int(labels.min()), int(labels.max())
    last = LARGEST if classes is None else classes - 1
    if smallest < 0 or largest > last:
        raise WrongUse(
            f"{name} has the label {smallest if smallest < 0 else largest}; labels go from 0 to {last}"
            f"{'' if classes is None else f' where there are {classes} classes'}, and one more may be ignored."
        )
    return largest
