"""Share of the pixels whose class is right."""

from collections.abc import Mapping

from repix.metrics import Protocol
from repix.metrics._overlap import Classes, Ignored, Overlap
from repix.metrics._pair import Labels
from repix.parameters import checked


class PixelAccuracy(Overlap):
    """All agreeing pixels over all of the truth's; behind it, the share of each of the truth's classes."""

    @property
    def parts(self) -> Mapping[str, float]:
        """The share of each class."""
        agreed, in_truth, _ = self.counts
        return {f"class {c}": float(agreed[c] / in_truth[c]) for c in self.occurring if in_truth[c]}

    @property
    def value(self) -> float:
        """The share of all pixels."""
        return float(self.counts[0].sum() / self.counts[1].sum())


@checked
def pixel_accuracy(result: Labels, truth: Labels, classes: Classes = None, ignore_label: Ignored = None) -> float:
    """The pixels that have the truth's class, over all pixels that are not ignored.

    >>> import numpy as np
    >>> round(pixel_accuracy(np.array([[0, 1, 1, 1]]), np.array([[0, 0, 1, 255]]), ignore_label=255), 4)
    0.6667
    """
    return PixelAccuracy.count(result, truth, classes, ignore_label).value


PROTOCOL = Protocol(pixel_accuracy, labels=True, tally=PixelAccuracy.count, read_tally=PixelAccuracy.read)
