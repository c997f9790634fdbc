"""Flat surroundings: where nothing varies, a model's result is what its task says of a flat picture.

A network with biases gives a flat picture patterns: zero padding bends it along the border, and every place of a pixel
within the network's blocks has a brightness of its own. Nothing can be learned from a picture without content, so the
graph itself settles what comes out there: the result counts by how much the surroundings of a pixel vary.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

SURROUNDINGS = 16
"""Pixels around a pixel, on each side, that decide whether it lies in a flat area."""
FULL = 2 / 255
"""From this range of the surroundings on, the network's result counts fully; below, in proportion."""


class FlatSettled(nn.Module):
    """A module followed by what settles its result where a picture is flat."""

    def __init__(self, network: nn.Module, flat: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.flat = network, flat

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y, flat = self.network(x), self.flat(x)
        share = variation(x) / FULL
        return torch.where(share < 1, flat + share * (y - flat), y)  # y itself: the sum would round it in bf16


def variation(x: Tensor) -> Tensor:
    """The range of values around each pixel: N×1×H×W.

    >>> import torch
    >>> x = torch.zeros(1, 1, 40, 1)
    >>> x[0, 0, 0] = 0.25
    >>> variation(x)[0, 0, [0, 16, 17], 0].tolist()
    [0.25, 0.25, 0.0]
    """
    return (_highest(x) + _highest(-x)).amax(1, keepdim=True)


def _highest(x: Tensor) -> Tensor:
    """The largest value around each pixel: down the columns, then along the rows."""
    side, beside = 2 * SURROUNDINGS + 1, SURROUNDINGS
    columns = functional.max_pool2d(x, (side, 1), 1, (beside, 0))
    return functional.max_pool2d(columns, (1, side), 1, (0, beside))
