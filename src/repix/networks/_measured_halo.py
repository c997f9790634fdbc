"""Influence: how far a network really sees, measured on the module, to hold it to what it declares."""

import math

import torch
from torch import Tensor, nn


def measured_halo(module: nn.Module, channels: int, scale: int, step: int, at_most: int) -> int:
    """How far from its own input pixel an output pixel that sees it can be: one pixel becomes NaN, which spreads.

    Measured for several places that a pixel can have in a block of `step`, along a strip long enough to see `at_most`
    and some more, once lying and once standing.
    """
    blocks = math.ceil((at_most + 8) / step)
    length = (2 * blocks + 1) * step
    return max(nan_spread(module, channels, scale, length, 2 * step, blocks * step + place) for place in places(step))


def nan_spread(module: nn.Module, channels: int, scale: int, length: int, thickness: int, own: int) -> int:
    """How far the NaN at place `own` of a strip spreads, in pixels of the input; 0 where nothing sees it."""
    farthest = 0
    for axis in (3, 2):
        x = _strip(channels, thickness, length)
        x[:, :, :, own] = math.nan
        with torch.no_grad():
            y = module(x if axis == 3 else x.transpose(2, 3))
        hit = torch.isnan(y).any(1).any(4 - axis)[0].nonzero()[:, 0]
        farthest = max(farthest, *(abs(int(i) // scale - own) for i in (*hit[:1], *hit[-1:])), 0)
    return farthest


def places(step: int) -> list[int]:
    """The first and the last places in a block, its middle, and all of a small one.

    >>> places(2), places(32)
    ([0, 1], [0, 1, 15, 16, 30, 31])
    """
    return sorted({*range(min(step, 2)), step // 2 - 1, step // 2, step - 2, step - 1} & set(range(step)))


def _strip(channels: int, height: int, width: int) -> Tensor:
    """The same noise every time, and nobody else's random numbers change."""
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(5))
