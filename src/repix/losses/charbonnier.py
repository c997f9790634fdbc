"""Charbonnier loss: the absolute error, smooth at zero."""

from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import difference

if TYPE_CHECKING:
    from torch import Tensor

EPSILON = 1e-3
"""Well above it the loss is linear, below it is quadratic."""


def charbonnier(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return the mean of √(difference² + ε²) - ε, with ε = 0.001.

    Args:
        prediction: the result of a network, of any shape.
        target: the truth, of the same shape.

    Returns:
        A scalar tensor, 0 if both are equal.

    Raises:
        WrongShape: the shapes differ.

    >>> import torch
    >>> round(charbonnier(torch.tensor([0.5, 0.0]), torch.tensor([0.0, 0.0])).item(), 4)
    0.2495
    """
    return (difference(prediction, target).square() + EPSILON**2).sqrt().mean() - EPSILON


LOSS = Loss(charbonnier)
