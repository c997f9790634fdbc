"""Pixel accuracy: fraction of correctly labeled pixels."""

from collections.abc import Mapping

from repix.metrics import Metric
from repix.metrics._overlap import Classes, Ignored, Overlap
from repix.metrics._pair import Labels
from repix.parameters import checked


class PixelAccuracy(Overlap):
    """Tally of pixel accuracy, overall and per class of the truth."""

    @property
    def parts(self) -> Mapping[str, float]:
        """The accuracy of each class of the truth."""
        agreed, in_truth, _ = self.counts
        return {f"class {c}": float(agreed[c] / in_truth[c]) for c in self.occurring if in_truth[c]}

    @property
    def value(self) -> float:
        """The accuracy over all pixels."""
        return float(self.counts[0].sum() / self.counts[1].sum())


@checked
def pixel_accuracy(result: Labels, truth: Labels, classes: Classes = None, ignore_index: Ignored = None) -> float:
    """Return the fraction of pixels with the correct class, among those that are not ignored.

    Args:
        result: predicted label map H×W.
        truth: true label map H×W.
        classes: number of classes; by default the classes that occur.
        ignore_index: label of the truth whose pixels are ignored.

    Raises:
        WrongUse: a label is out of range, or all pixels are ignored.

    >>> import numpy as np
    >>> round(pixel_accuracy(np.array([[0, 1, 1, 1]]), np.array([[0, 0, 1, 255]]), ignore_index=255), 4)
    0.6667
    """
    return PixelAccuracy.count(result, truth, classes, ignore_index).value


METRIC = Metric(pixel_accuracy, labels=True, tally=PixelAccuracy.count, read_tally=PixelAccuracy.read)
