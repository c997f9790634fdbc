"""Noise level: a plane beside the picture, by which features are reduced before a ReLU (soft threshold).

Without biases, zero features stay zero, so a constant picture stays constant. Picture and level multiplied by the same
number give features multiplied by it, and a level of 0 (unknown) changes nothing.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.errors import WrongUse
from repix.networks import Configuration

INITIAL = 0.1
"""Initial threshold, relative to the level."""


@dataclass(frozen=True)
class LevelConfiguration(Configuration):
    """The settings of networks that may take a noise level beside the picture."""

    noise_level: Annotated[bool, "the last input channel is a noise level"] = False

    def __post_init__(self) -> None:
        """Check that there is a picture beside the noise level."""
        super().__post_init__()
        if self.noise_level and self.in_channels < 2:
            raise WrongUse("noise_level is true, but in_channels is 1; give one more than the picture has.")

    @property
    def picture_channels(self) -> int:
        """Number of input channels of the picture."""
        return self.in_channels - self.noise_level

    def picture(self, x: Tensor) -> Tensor:
        """Return the picture of an input N×C×H×W."""
        return x[:, :-1] if self.noise_level else x


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
