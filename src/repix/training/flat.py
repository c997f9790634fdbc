"""Correction of flat areas: where the input does not vary, the result is the one that the task defines for it.

A network with biases adds patterns to a flat picture: zero padding changes the border, and an upsampler's phases differ
in brightness. Training cannot remove them, so the graph blends the network's result with the task's, by the range of
values around each pixel.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

SURROUNDINGS = 16
"""Pixels on each side of a pixel that decide whether its area is flat."""
FULL = 2 / 255
"""From this range of values on, the network's result has the weight 1; below, the weight is proportional."""


class FlatSettled(nn.Module):
    """A module followed by the correction of flat areas."""

    def __init__(self, network: nn.Module, flat: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.flat = network, flat

    def forward(self, x: Tensor) -> Tensor:
        """Return N×C'×H×W of N×C×H×W."""
        y, flat = self.network(x), self.flat(x)
        share = variation(x) / FULL
        return torch.where(share < 1, flat + share * (y - flat), y)  # y itself: the sum would round it in bf16


def variation(x: Tensor) -> Tensor:
    """Return the range of values around each pixel: N×1×H×W.

    >>> import torch
    >>> x = torch.zeros(1, 1, 40, 1)
    >>> x[0, 0, 0] = 0.25
    >>> variation(x)[0, 0, [0, 16, 17], 0].tolist()
    [0.25, 0.25, 0.0]
    """
    return (_highest(x) + _highest(-x)).amax(1, keepdim=True)


def _highest(x: Tensor) -> Tensor:
    """Return the largest value around each pixel: along the columns, then along the rows."""
    side, beside = 2 * SURROUNDINGS + 1, SURROUNDINGS
    columns = functional.max_pool2d(x, (side, 1), 1, (beside, 0))
    return functional.max_pool2d(columns, (1, side), 1, (0, beside))
