"""Measure the receptive field of a module, to verify the declared halo."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def measured_halo(
    module: nn.Module, channels: int, scale: int, step: int, at_most: int, axes: Sequence[int] = (3, 2)
) -> int:
    """Return the largest distance between an input pixel and an output pixel that depends on it, found by NaN.

    It is measured for several positions in a block of `step` pixels, on horizontal and vertical strips that are longer
    than the declared halo.

    Args:
        module: the module, in eval mode.
        channels: input channels.
        scale: upsampling factor of the module.
        step: step of the module.
        at_most: the declared halo, in pixels.
        axes: 3 for horizontal strips, 2 for vertical ones.
    """
    blocks = math.ceil((at_most + 8) / step)
    length = (2 * blocks + 1) * step
    own = [blocks * step + place for place in places(step)]
    return max(nan_spread(module, channels, scale, length, 2 * step, one, axes) for one in own)


class RepeatedSlice(nn.Module):
    """A module for volumes as one for pictures: all slices of its input are the picture, the first result is kept."""

    def __init__(self, module: nn.Module, slices: int) -> None:
        super().__init__()
        self.module, self.slices = module, slices

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y: Tensor = self.module(x[:, :, None].expand(-1, -1, self.slices, -1, -1))
        return y[:, :, 0]


class OnlySlices(nn.Module):
    """A module for volumes as one for pictures whose width is the slices; a slice has one value for all its pixels."""

    def __init__(self, module: nn.Module, side: int) -> None:
        super().__init__()
        self.module, self.side = module, side

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×D to N×C'×1×D, of the first row."""
        y: Tensor = self.module(x[:, :, 0, :, None, None].expand(-1, -1, -1, self.side, self.side))
        return y[:, :, None, :, 0, 0]


def nan_spread(
    module: nn.Module,
    channels: int,
    scale: int,
    length: int,
    thickness: int,
    own: int,
    axes: Sequence[int] = (3, 2),
) -> int:
    """Return how far a NaN at position `own` of a strip spreads, in input pixels; 0 if it does not spread."""
    farthest = 0
    for axis in axes:
        x = _strip(channels, thickness, length)
        x[:, :, :, own] = math.nan
        with torch.no_grad():
            y = module(x if axis == 3 else x.transpose(2, 3))
        hit = torch.isnan(y).any(1).any(4 - axis)[0].nonzero()[:, 0]
        farthest = max(farthest, *(abs(int(i) // scale - own) for i in (*hit[:1], *hit[-1:])), 0)
    return farthest


def places(step: int) -> list[int]:
    """Return the positions in a block to test: the first, middle and last ones.

    >>> places(2), places(32)
    ([0, 1], [0, 1, 15, 16, 30, 31])
    """
    return sorted({*range(min(step, 2)), step // 2 - 1, step // 2, step - 2, step - 1} & set(range(step)))


def _strip(channels: int, height: int, width: int) -> Tensor:
    """Return reproducible noise, without changing the global random state."""
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(5))
