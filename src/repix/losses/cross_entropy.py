"""Cross-entropy of classes, with a weight for each class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import require_classes
from repix.masks import IGNORED
from repix.registry import library

if TYPE_CHECKING:
    from torch import Tensor


def cross_entropy(scores: "Tensor", labels: "Tensor", weights: Sequence[float] = ()) -> "Tensor":
    """Return the mean over the pixels of -log(probability of the true class).

    Args:
        scores: the logits of a network, N×C×H×W.
        labels: class numbers N×H×W; pixels with 255 are ignored.
        weights: a weight for each class; left out, 1 for all.

    Returns:
        A scalar tensor; 0 if all pixels are ignored.

    Raises:
        WrongShape: the shapes of scores and labels do not fit together.

    >>> import torch
    >>> round(cross_entropy(torch.zeros(1, 4, 2, 2), torch.zeros(1, 2, 2)).item(), 3)
    1.386
    """
    require_classes(scores, labels)
    functional = library("torch.nn.functional")
    weight = scores.new_tensor(weights or [1.0] * scores.shape[1]).float()
    labels = labels.long()
    total = functional.cross_entropy(scores.float(), labels, weight, ignore_index=IGNORED, reduction="sum")
    counted: Tensor = weight[labels[labels != IGNORED]].sum()
    loss: Tensor = total / counted.clamp(min=1e-12)
    return loss


LOSS = Loss(cross_entropy, target="classes", lowest=None)
