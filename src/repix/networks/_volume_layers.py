"""Layers of networks for volumes; the finest levels may leave thick slices apart."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks._receptive_field import ReceptiveField
from repix.parameters import Bounds

Sides = tuple[int, int, int]
"""A kernel or a factor: slices, rows, columns."""
Side = Callable[[Sides], int]
"""Returns one of them."""
FlatLevels = Annotated[int, "finest levels that convolve and pool in the plane only, for thick slices", Bounds(0, 16)]


def kernels(levels: int, flat: int) -> list[Sides]:
    """Return the kernels of levels, finest first, of which some are flat.

    >>> kernels(2, 1)
    [(1, 3, 3), (3, 3, 3)]
    """
    return [(1 if level < flat else 3, 3, 3) for level in range(levels)]


def factors(levels: int, flat: int) -> list[Sides]:
    """Return the pooling factors after levels, finest first, of which some are flat.

    >>> factors(2, 1)
    [(1, 2, 2), (2, 2, 2)]
    """
    return [(1 if level < flat else 2, 2, 2) for level in range(levels)]


def conv_stack(arriving: int, width: int, kernel: Sides, blocks: int, norm: str) -> nn.Sequential:
    """Return convolutions, each with normalization and ReLU."""
    pairs = pairwise((arriving, *(width,) * blocks))
    return nn.Sequential(*(layer for a, b in pairs for layer in _layers(a, b, kernel, norm)))


def enlarged(x: Tensor, factor: Sides, skip: Tensor) -> Tensor:
    """Return features N×C×D×H×W, enlarged by nearest neighbor, with the channels of a skip after theirs."""
    x = functional.interpolate(x, scale_factor=[float(one) for one in factor], mode="nearest")
    return torch.cat((x, skip), 1)


def encoded(
    field: ReceptiveField, sizes: Sequence[Sides], pooling: Sequence[Sides], blocks: int, side: Side
) -> ReceptiveField:
    """Return the receptive field along one side after levels of convolutions, each with its pooling."""
    for kernel, factor in zip(sizes, pooling, strict=True):
        field = field.conv(side(kernel), blocks).downsample(side(factor))
    return field


def decoded(
    field: ReceptiveField, sizes: Sequence[Sides], pooling: Sequence[Sides], blocks: int, side: Side
) -> ReceptiveField:
    """Return the receptive field along one side after the levels of a decoder; skips do not enlarge it."""
    for kernel, factor in zip(reversed(sizes), reversed(pooling), strict=True):
        field = field.upsample(side(factor), 0).conv(side(kernel), blocks)
    return field


def _layers(in_channels: int, out_channels: int, kernel: Sides, norm: str) -> tuple[nn.Module, ...]:
    """Return convolution, normalization and ReLU, in this order; without normalization with He initialization."""
    convolution = nn.Conv3d(in_channels, out_channels, kernel, padding=(kernel[0] // 2, kernel[1] // 2, kernel[2] // 2))
    if norm == "batch":
        return convolution, nn.BatchNorm3d(out_channels), nn.ReLU()
    nn.init.kaiming_uniform_(convolution.weight, nonlinearity="relu")
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    return convolution, nn.ReLU()
