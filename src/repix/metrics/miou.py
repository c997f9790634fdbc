"""Mean intersection over union (mIoU) over the classes of two label maps."""

from collections.abc import Mapping

from repix.metrics import Metric
from repix.metrics._overlap import Classes, Ignored, Overlap
from repix.metrics._pair import Labels
from repix.parameters import checked


class IntersectionOverUnion(Overlap):
    """Tally of intersection over union per class."""

    @property
    def parts(self) -> Mapping[str, float]:
        """The intersection over union of each class."""
        agreed, in_truth, in_result = self.counts
        union = in_truth + in_result - agreed
        return {f"class {c}": float(agreed[c] / union[c]) for c in self.occurring}

    @property
    def value(self) -> float:
        """The mean over the classes."""
        return sum(self.parts.values()) / len(self.parts)


@checked
def miou(result: Labels, truth: Labels, classes: Classes = None, ignore_index: Ignored = None) -> float:
    """Return the mean intersection over union over the classes that occur in result or truth.

    Args:
        result: predicted label map H×W.
        truth: true label map H×W.
        classes: number of classes; by default the classes that occur.
        ignore_index: label of the truth whose pixels are ignored.

    Raises:
        WrongUse: a label is out of range, or all pixels are ignored.

    >>> import numpy as np
    >>> miou(np.array([[0, 1, 1, 1]]), np.array([[0, 0, 1, 255]]), ignore_index=255)
    0.5
    """
    return IntersectionOverUnion.count(result, truth, classes, ignore_index).value


METRIC = Metric(miou, labels=True, tally=IntersectionOverUnion.count, read_tally=IntersectionOverUnion.read)
