"""Mean Dice coefficient (F1) of the classes in two label maps, background included."""

from collections.abc import Mapping

from repix.metrics import Protocol
from repix.metrics._overlap import Classes, Ignored, Overlap
from repix.metrics._pair import Labels
from repix.parameters import checked


class Dice(Overlap):
    """Of each class, twice the pixels where result and truth agree over all of the truth's and all of the result's."""

    @property
    def parts(self) -> Mapping[str, float]:
        """The share of each class."""
        agreed, in_truth, in_result = self.counts
        return {f"class {c}": float(2 * agreed[c] / (in_truth[c] + in_result[c])) for c in self.occurring}

    @property
    def value(self) -> float:
        """The mean over the classes."""
        return sum(self.parts.values()) / len(self.parts)


@checked
def dice(result: Labels, truth: Labels, classes: Classes = None, ignore_label: Ignored = None) -> float:
    """Mean over the classes that occur in result or truth of 2·agreed / (truth's + result's pixels).

    >>> import numpy as np
    >>> round(dice(np.array([[0, 1, 1, 1]]), np.array([[0, 0, 1, 255]]), ignore_label=255), 4)
    0.6667
    """
    return Dice.count(result, truth, classes, ignore_label).value


PROTOCOL = Protocol(dice, labels=True, tally=Dice.count, read_tally=Dice.read)
