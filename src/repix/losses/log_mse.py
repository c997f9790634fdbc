"""Logarithm of the mean squared error: every picture has the same weight in decibels."""

import math
from typing import TYPE_CHECKING

from repix.losses import Loss
from repix.losses._tensors import difference

if TYPE_CHECKING:
    from torch import Tensor

LEAST_ERROR = 1e-8
"""Added before the logarithm; it corresponds to a PSNR of 80 dB."""


def log_mse(prediction: "Tensor", target: "Tensor") -> "Tensor":
    """Return the mean over the pictures of log(mean squared error).

    Args:
        prediction: the result of a network, N×C×H×W.
        target: the truth, of the same shape.

    Returns:
        A scalar tensor; it can be negative.

    Raises:
        WrongShape: the shapes differ.

    >>> import torch
    >>> round(log_mse(torch.full((2, 1, 4, 4), 0.1), torch.zeros(2, 1, 4, 4)).item(), 3)
    -4.605
    """
    errors = difference(prediction, target).square().flatten(1).mean(1)
    return (errors + LEAST_ERROR).log().mean()


LOSS = Loss(log_mse, lowest=math.log(LEAST_ERROR))
