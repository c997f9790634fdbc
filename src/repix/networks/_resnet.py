"""Convolutional stem of TransUNet as published: the first three stages of a ResNet-50 for group normalization.

Its blocks are those of "Big Transfer" (Kolesnikov et al., 2020): convolutions with standardized weights (Qiao et al.,
2019) and group normalization, 3, 4 and 9 of them, the third stage as deep as in the hybrid vision transformer.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks._layers import InstanceNorm

BLOCKS = (3, 4, 9)
"""Blocks of the stages."""
GROUPS = 32
"""Groups of the group normalizations, where the channels allow them."""
EPSILON = 1e-5
"""Added to the variance of weights."""


class StandardizedConv(nn.Conv2d):
    """A convolution whose kernels have mean 0 and variance 1."""

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H'×W'."""
        return functional.conv2d(x, self.kernel(), self.bias, self.stride, self.padding)

    def kernel(self) -> Tensor:
        """Return the standardized weights.

        >>> bool(StandardizedConv(2, 3, 3).kernel().mean((1, 2, 3)).abs().max() < 1e-6)
        True
        """
        variance, mean = torch.var_mean(self.weight, (1, 2, 3), keepdim=True, correction=0)
        return (self.weight - mean) * torch.rsqrt(variance + EPSILON)

    def frozen(self) -> nn.Conv2d:
        """Return an equivalent convolution with fixed kernels, for export."""
        across, stride, margin = self.kernel_size[0], self.stride[0], int(self.padding[0])
        plain = nn.Conv2d(self.in_channels, self.out_channels, across, stride, margin, bias=False)
        plain.weight = nn.Parameter(self.kernel().detach(), requires_grad=False)
        return plain


class Bottleneck(nn.Module):
    """Residual block: 1×1, 3×3 and 1×1 convolutions; the middle one has a quarter of the channels, and the stride."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        middle = max(width // 4, 2)
        self.layers = nn.Sequential(
            _convolution(in_channels, middle, 1), _norm(middle), nn.ReLU(),
            _convolution(middle, middle, 3, stride), _norm(middle), nn.ReLU(),
            _convolution(middle, width, 1), _norm(width),
        )  # fmt: skip
        self.shortcut = (
            nn.Identity()
            if in_channels == width and stride == 1
            else nn.Sequential(_convolution(in_channels, width, 1, stride), InstanceNorm(width))
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×width×H/stride×W/stride."""
        return torch.relu(self.shortcut(x) + self.layers(x))


class ResNetStem(nn.Module):
    """A 7×7 convolution of stride 2, max pooling, and three stages: features at 1/16 of the size."""

    def __init__(self, in_channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.first = nn.Sequential(_convolution(in_channels, widths[0], 7, 2), _norm(widths[0]), nn.ReLU())
        self.stages = nn.ModuleList(
            _stage(a, b, count, 1 if number == 0 else 2)
            for number, ((a, b), count) in enumerate(zip(pairwise(widths), BLOCKS, strict=True))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the features at 1/16, and the skips at 1/2, 1/4 and 1/8."""
        x = self.first(x)
        fine = [x]
        x = functional.max_pool2d(x, 3, 2, padding=1)
        for stage in self.stages:
            x = stage(x)
            fine.append(x)
        return x, fine[:-1]


def _stage(in_channels: int, width: int, count: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        Bottleneck(in_channels, width, stride), *(Bottleneck(width, width, 1) for _ in range(count - 1))
    )


def _convolution(in_channels: int, width: int, kernel: int, stride: int = 1) -> StandardizedConv:
    return StandardizedConv(in_channels, width, kernel, stride, kernel // 2, bias=False)


def _norm(channels: int) -> nn.GroupNorm:
    """Return a group normalization with several channels in a group, because a feature map may have one pixel."""
    groups = gcd(GROUPS, channels)
    return nn.GroupNorm(groups if groups < channels else max(groups // 2, 1), channels, eps=1e-6)
