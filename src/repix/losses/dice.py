"""Dice loss of classes: one minus the overlap of probabilities and truth."""

from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import require_classes
from repix.masks import IGNORED
from repix.registry import library

if TYPE_CHECKING:
    from torch import Tensor


def dice(scores: "Tensor", labels: "Tensor") -> "Tensor":
    """Return 1 - the mean, over the classes in the truth, of 2·intersection / (predicted + true).

    Args:
        scores: the logits of a network, N×C×H×W.
        labels: class numbers N×H×W; pixels with 255 are ignored.

    Returns:
        A scalar tensor from 0 to 1.

    Raises:
        WrongShape: the shapes of scores and labels do not fit together.

    >>> import torch
    >>> round(dice(torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2)).item(), 3)
    0.333
    """
    require_classes(scores, labels)
    functional = library("torch.nn.functional")
    counted = labels != IGNORED
    truth = functional.one_hot((labels * counted).long(), scores.shape[1]).movedim(-1, 1) * counted.unsqueeze(1)
    probabilities = scores.float().softmax(1) * counted.unsqueeze(1)
    agreed = (probabilities * truth).sum((0, 2, 3))
    both = (probabilities + truth).sum((0, 2, 3))
    occurs = truth.sum((0, 2, 3)) > 0
    overlap: Tensor = (2 * agreed / both.clamp(min=1e-12) * occurs).sum() / occurs.sum().clamp(min=1)
    return 1 - overlap


LOSS = Loss(dice, target="classes", lowest=None)
