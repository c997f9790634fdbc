"""3-D U-Net: convolutions over slices, rows and columns; the finest levels may leave thick slices apart.

Çiçek et al., 2016. Where slices are much thicker than pixels, as in serial sections, neighboring slices say little
about details, so the finest levels convolve and pool in the plane only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, InChannels, Network, OutChannels
from repix.networks._layers import Blocks, Widths
from repix.networks._receptive_field import ReceptiveField
from repix.parameters import Bounds

Sides = tuple[int, int, int]
"""A kernel or a factor: slices, rows, columns."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a 3-D U-Net.

    >>> Config(flat_levels=1).factors
    [(1, 2, 2), (2, 2, 2)]
    """

    in_channels: InChannels = 1
    out_channels: OutChannels = 2
    widths: Widths = (16, 32, 64)
    blocks: Blocks = 2
    flat_levels: Annotated[
        int, "finest levels that convolve and pool in the plane only, for thick slices", Bounds(0, 16)
    ] = 1
    norm: Annotated[Literal["batch", "none"], "normalization"] = "batch"

    @property
    def factors(self) -> list[Sides]:
        """Pooling factors from level to level, finest first."""
        return [(1 if self._is_flat(level) else 2, 2, 2) for level in range(len(self.widths) - 1)]

    @property
    def kernels(self) -> list[Sides]:
        """Kernels of the levels, finest first."""
        return [(1 if self._is_flat(level) else 3, 3, 3) for level in range(len(self.widths))]

    def _is_flat(self, level: int) -> bool:
        return level < self.flat_levels


class Unet3d(nn.Module):
    """A 3-D U-Net: an encoder with max pooling, and a decoder with concatenated skips.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.unet_3d(widths=(4, 8))(torch.zeros(1, 1, 5, 12, 8)).shape
        torch.Size([1, 2, 5, 12, 8])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths, kernels, self.factors = config.widths, config.kernels, config.factors

        def stack(arriving: int, width: int, kernel: Sides) -> nn.Sequential:
            pairs = pairwise((arriving, *(width,) * config.blocks))
            return nn.Sequential(*(layer for a, b in pairs for layer in _layers(a, b, kernel, config.norm)))

        arriving = (config.in_channels, *widths)
        self.encoder = nn.ModuleList(stack(*one) for one in zip(arriving[:-1], widths, kernels, strict=True))
        self.decoder = nn.ModuleList(
            stack(fine + coarse, fine, kernel)
            for (fine, coarse), kernel in zip(pairwise(widths), kernels[:-1], strict=True)
        )
        self.last = nn.Conv3d(widths[0], config.out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×D×H×W to N×C'×D×H×W."""
        fine = []
        for level, factor in zip(self.encoder, self.factors, strict=False):
            x = level(x)
            fine.append(x)
            x = functional.max_pool3d(x, factor)
        x = self.encoder[-1](x)
        for level, factor, skip in zip(reversed(self.decoder), reversed(self.factors), reversed(fine), strict=True):
            x = functional.interpolate(x, scale_factor=[float(one) for one in factor], mode="nearest")
            x = level(torch.cat((x, skip), 1))
        y: Tensor = self.last(x)
        return y


def _layers(in_channels: int, out_channels: int, kernel: Sides, norm: str) -> tuple[nn.Module, ...]:
    """Return convolution, normalization and ReLU, in this order; without normalization with He initialization."""
    convolution = nn.Conv3d(in_channels, out_channels, kernel, padding=(kernel[0] // 2, kernel[1] // 2, kernel[2] // 2))
    if norm == "batch":
        return convolution, nn.BatchNorm3d(out_channels), nn.ReLU()
    nn.init.kaiming_uniform_(convolution.weight, nonlinearity="relu")
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    return convolution, nn.ReLU()


def _field(config: Config, side: Callable[[Sides], int]) -> ReceptiveField:
    """Return the receptive field along one side; skips do not enlarge it."""
    field = ReceptiveField()
    factors = [side(one) for one in config.factors]
    kernels = [side(one) for one in config.kernels]
    for kernel, factor in zip(kernels, factors, strict=False):
        field = field.conv(kernel, config.blocks).downsample(factor)
    field = field.conv(kernels[-1], config.blocks)
    for kernel, factor in zip(kernels[-2::-1], factors[::-1], strict=True):
        field = field.upsample(factor, 0).conv(kernel, config.blocks)
    return field


NETWORK = Network(
    "unet-3d",
    Config,
    Unet3d,
    lambda config: _field(config, lambda sides: sides[1]),
    small=Config(widths=(4, 6, 8), blocks=1),
    slices=lambda config: _field(config, lambda sides: sides[0]),
    use="volumes; `flat_levels` for slices that are thicker than pixels",
)
