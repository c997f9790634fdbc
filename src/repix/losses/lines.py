"""Absolute error plus the error of edge strength: a line must be there, whichever side of it is darker."""

from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import at_least_float32, difference
from repix.registry import library

if TYPE_CHECKING:
    from torch import Tensor

STEEPNESS = 5
"""The weight of the edge strength: photos then lose about as much by it as by the colors."""
SIZES = 4
"""How many sizes edge strength is compared at, each half of the one before."""
ROUND_OFF = 1e-3
"""Keeps the gradient's length smooth at zero."""


def lines(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return the mean absolute error plus that of the edge strength, weighted by the target's edges.

    Edge strength is the length of the gradient of the channels' mean after smoothing, because fine dots are steep and
    no line. It is compared at half, a quarter and an eighth of the size too, because what lies on two sides of a line
    differs as a whole. Where the target has no edges, none are asked for.

    Args:
        prediction: what a network gives, N×C×H×W.
        target: what it should give, of the same shape.

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
    """The length of the gradient, N×1×H×W, after two 3×3 means; the picture is extended by its edge pixels."""
    functional = library("torch.nn.functional")
    for _ in range(2):
        picture = functional.avg_pool2d(picture, 3, 1, 1, count_include_pad=False)
    larger = functional.pad(picture, (0, 1, 0, 1), mode="replicate")
    down, right = larger[..., 1:, :-1] - picture, larger[..., :-1, 1:] - picture
    steepness: Tensor = (down.square() + right.square() + ROUND_OFF**2).sqrt()
    return steepness


LOSS = Loss(lines)
