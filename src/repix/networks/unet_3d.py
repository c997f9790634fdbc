"""3-D U-Net: convolutions over slices, rows and columns; the finest levels may leave thick slices apart.

Çiçek et al., 2016. Where slices are much thicker than pixels, as in serial sections, neighboring slices say little
about details, so the finest levels convolve and pool in the plane only.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, InChannels, Network, OutChannels
from repix.networks._layers import Blocks, Widths
from repix.networks._receptive_field import ReceptiveField
from repix.networks._volume_layers import (
    FlatLevels,
    Side,
    Sides,
    conv_stack,
    decoded,
    encoded,
    enlarged,
    factors,
    kernels,
)


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
    flat_levels: FlatLevels = 1
    norm: Annotated[Literal["batch", "none"], "normalization"] = "batch"

    @property
    def factors(self) -> list[Sides]:
        """Pooling factors from level to level, finest first."""
        return factors(len(self.widths) - 1, self.flat_levels)

    @property
    def kernels(self) -> list[Sides]:
        """Kernels of the levels, finest first."""
        return kernels(len(self.widths), self.flat_levels)


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
        widths, sizes, self.factors = config.widths, config.kernels, config.factors
        arriving = (config.in_channels, *widths)
        self.encoder = nn.ModuleList(
            conv_stack(*one, config.blocks, config.norm) for one in zip(arriving[:-1], widths, sizes, strict=True)
        )
        self.decoder = nn.ModuleList(
            conv_stack(fine + coarse, fine, kernel, config.blocks, config.norm)
            for (fine, coarse), kernel in zip(pairwise(widths), sizes[:-1], strict=True)
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
            x = level(enlarged(x, factor, skip))
        y: Tensor = self.last(x)
        return y


def _field(config: Config, side: Side) -> ReceptiveField:
    """Return the receptive field along one side."""
    *sizes, coarsest = config.kernels
    field = encoded(ReceptiveField(), sizes, config.factors, config.blocks, side).conv(side(coarsest), config.blocks)
    return decoded(field, sizes, config.factors, config.blocks, side)


NETWORK = Network(
    "unet-3d",
    Config,
    Unet3d,
    lambda config: _field(config, lambda sides: sides[1]),
    small=Config(widths=(4, 6, 8), blocks=1),
    slices=lambda config: _field(config, lambda sides: sides[0]),
    use="volumes; `flat_levels` for slices that are thicker than pixels",
)
