"""Mean Dice coefficient (F1) over the classes of two label maps, background included."""

from collections.abc import Mapping

from repix.metrics import Metric
from repix.metrics._overlap import Classes, Ignored, Overlap
from repix.metrics._pair import Labels
from repix.parameters import checked


class Dice(Overlap):
    """Tally of the Dice coefficient: 2·correct / (pixels of the truth + pixels of the result) per class."""

    @property
    def parts(self) -> Mapping[str, float]:
        """The Dice coefficient of each class."""
        agreed, in_truth, in_result = self.counts
        return {f"class {c}": float(2 * agreed[c] / (in_truth[c] + in_result[c])) for c in self.occurring}

    @property
    def value(self) -> float:
        """The mean over the classes."""
        return sum(self.parts.values()) / len(self.parts)


@checked
def dice(result: Labels, truth: Labels, classes: Classes = None, ignore_index: Ignored = None) -> float:
    """Return the mean Dice coefficient over the classes that occur in result or truth.

    Args:
        result: predicted label map H×W.
        truth: true label map H×W.
        classes: number of classes; by default the classes that occur.
        ignore_index: label of the truth whose pixels are ignored.

    Raises:
        WrongUse: a label is out of range, or all pixels are ignored.

    >>> import numpy as np
    >>> round(dice(np.array([[0, 1, 1, 1]]), np.array([[0, 0, 1, 255]]), ignore_index=255), 4)
    0.6667
    """
    return Dice.count(result, truth, classes, ignore_index).value


METRIC = Metric(dice, labels=True, tally=Dice.count, read_tally=Dice.read)
