"""Absolute error plus the error of the edge strength, which does not depend on an edge's polarity."""

from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import at_least_float32, difference
from repix.registry import library

if TYPE_CHECKING:
    from torch import Tensor

STEEPNESS = 5
"""The weight of the edge strength; for photos, both terms are then about equal."""
SIZES = 4
"""The number of scales at which edge strength is compared, each half of the one before."""
ROUND_OFF = 1e-3
"""Keeps the gradient magnitude smooth at zero."""


def lines(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return the mean absolute error plus that of the edge strength, weighted by the target's edges.

    Edge strength is the gradient magnitude of the channels' mean after smoothing, which removes fine dots. It is also
    compared at a half, a quarter and an eighth of the size, because the areas on the two sides of a line differ. Where
    the target has no edges, edges of the prediction cost nothing.

    Args:
        prediction: the result of a network, N×C×H×W.
        target: the truth, of the same shape.

    Returns:
        A scalar tensor.

    Raises:
        WrongShape: the shapes differ.

    >>> import torch
    >>> step = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]).expand(1, 1, 8, 8)
    >>> round(lines(1 - step, step).item(), 3), round(lines(0 * step + 0.5, step).item(), 3)
    (1.0, 1.102)
    """
    error = difference(prediction, target).abs().mean()
    pool = library("torch.nn.functional").avg_pool2d
    both = [picture.mean(1, keepdim=True) for picture in (at_least_float32(prediction), target)]
    wrong = []
    for _ in range(SIZES):
        own, true = (_steepness(picture) for picture in both)
        wrong.append(((own - true).abs() * true).mean() / true.mean())
        both = [pool(picture, 2, ceil_mode=True) for picture in both]
    return error + STEEPNESS * sum(wrong) / SIZES


def _steepness(picture: "Tensor") -> "Tensor":
    """Return the gradient magnitude, N×1×H×W, after two 3×3 means; borders are replicated."""
    functional = library("torch.nn.functional")
    for _ in range(2):
        picture = functional.avg_pool2d(picture, 3, 1, 1, count_include_pad=False)
    larger = functional.pad(picture, (0, 1, 0, 1), mode="replicate")
    down, right = larger[..., 1:, :-1] - picture, larger[..., :-1, 1:] - picture
    steepness: Tensor = (down.square() + right.square() + ROUND_OFF**2).sqrt()
    return steepness


LOSS = Loss(lines)
