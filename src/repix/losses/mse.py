"""Mean squared error (MSE)."""

from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import difference

if TYPE_CHECKING:
    from torch import Tensor


def mse(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return the mean squared error.

    Args:
        prediction: the result of a network, of any shape.
        target: the truth, of the same shape.

    Returns:
        A scalar tensor.

    Raises:
        WrongShape: the shapes differ.

    >>> import torch
    >>> round(mse(torch.tensor([2.06, -4.36, -0.65]), torch.tensor([11.18, 11.66, 8.97])).item(), 2)
    144.12
    """
    return difference(prediction, target).square().mean()


LOSS = Loss(mse)
