"""Overlap of two label maps per class, for the segmentation metrics."""

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
"""Largest class id."""

Counts = NDArray[np.integer[Any]]

Classes = Annotated[int | None, "number of classes, with ids from 0; default: the classes that occur", Bounds(1)]
Ignored = Annotated[int | None, "label of the truth whose pixels are ignored"]


@dataclass(frozen=True, eq=False)
class Overlap(ABC):
    """Pixel counts per class, 3×classes: correct pixels, pixels of the truth, pixels of the result.

    The counts of several pairs can be added; the value is then that of all their pixels together.
    """

    counts: Counts

    @classmethod
    def count(cls, result: Labels, truth: Labels, classes: Classes = None, ignore_index: Ignored = None) -> Self:
        """Count the pixels of two label maps.

        Args:
            result: predicted label map H×W.
            truth: true label map H×W.
            classes: number of classes; by default the classes that occur.
            ignore_index: pixels with this label in the truth are ignored; in the result it counts as wrong.

        Raises:
            WrongUse: a label is out of range, or all pixels are ignored.
        """
        result, truth = label_maps(result, truth)
        kept = truth != ignore_index
        if not kept.any():
            raise WrongUse(
                f"every pixel of the truth has the ignored label {ignore_index}; no pixel is left to compare."
            )
        found, wanted = result[kept].astype(np.int64), truth[kept].astype(np.int64)
        agreed = found[found == wanted]
        found = found[found != ignore_index]
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
        """Ids of the classes that occur in the truth or in the result."""
        return np.flatnonzero(self.counts[1] + self.counts[2])

    @property
    @abstractmethod
    def value(self) -> float:
        """The metric's value."""

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, float]:
        """The value of each class that occurs."""


def _largest(labels: Counts, name: str, classes: int | None) -> int:
    """Return the largest label, after checking that all labels are in range."""
    if labels.size == 0:
        return 0
    smallest, largest = int(labels.min()), int(labels.max())
    last = LARGEST if classes is None else classes - 1
    if smallest < 0 or largest > last:
        raise WrongUse(
            f"{name} has the label {smallest if smallest < 0 else largest}; labels must be from 0 to {last}"
            f"{'' if classes is None else f' for {classes} classes'}, or the ignored label."
        )
    return largest
