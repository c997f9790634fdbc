"""Noise level: a plane beside the picture, by which features are reduced before a ReLU (soft threshold).

Without biases, zero features stay zero, so a constant picture stays constant. Picture and level multiplied by the same
number give features multiplied by it, and a level of 0 (unknown) changes nothing.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

INITIAL = 0.1
"""Initial threshold, relative to the level."""


class NoiseThreshold(nn.Module):
    """Subtracts a share of the noise level, which is not negative, from each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width, 1, 1), INITIAL))

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        """Return N×C×H×W of features N×C×H×W and the level N×1×H×W.

        >>> NoiseThreshold(1)(torch.ones(1, 1, 1, 1), torch.full((1, 1, 1, 1), 0.5)).item()
        0.949999988079071
        """
        return _lowered(x, self.weight.abs(), level)

    def frozen(self) -> nn.Module:
        """Return an equivalent module with fixed shares, for export."""
        return FrozenThreshold(self.weight.detach().abs())


class FrozenThreshold(nn.Module):
    """A noise threshold as it is exported."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        """Return N×C×H×W of features N×C×H×W and the level N×1×H×W."""
        return _lowered(x, self.weight, level)


def _lowered(x: Tensor, weight: Tensor, level: Tensor) -> Tensor:
    return x - (weight * level).to(x.dtype)


def coarser(level: Tensor | None, factor: int) -> Tensor | None:
    """Return the level for features that are smaller than the picture by a factor."""
    return level if level is None or factor == 1 else functional.avg_pool2d(level, factor)
