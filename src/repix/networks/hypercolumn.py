"""Hypercolumn: features of all levels, upsampled to full size, concatenated, and mixed by a 1×1 convolution."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._layers import Blocks, Norm, Widths, conv, conv_stack, with_norm
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a hypercolumn network."""

    upsampler: UpsamplerName = "bilinear"
    widths: Widths = (32, 64, 128, 256)
    blocks: Blocks = 1
    norm: Norm = "batch"


class Hypercolumn(nn.Module):
    """A hypercolumn network: an encoder, whose features are concatenated per pixel, and a 1×1 convolution.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.hypercolumn(widths=(8, 16))
        >>> module.columns(torch.zeros(1, 3, 4, 6)).shape
        torch.Size([1, 24, 4, 6])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler = parse_upsampler(config.upsampler)
        kernels = (3,) * config.blocks
        self.levels = nn.ModuleList(
            conv_stack(a, (b,) * config.blocks, kernels, config.norm)
            for a, b in pairwise((config.in_channels, *config.widths))
        )
        given = [upsampler.output_channels(width, width, 1 << depth) for depth, width in _coarse(config)]
        self.enlarge = nn.ModuleList(
            upsampler.layer(width, out, 1 << depth) for (depth, width), out in zip(_coarse(config), given, strict=True)
        )
        self.mix = conv(config.widths[0] + sum(given), config.out_channels, 1)

    def columns(self, x: Tensor) -> Tensor:
        """Return the hypercolumns: N×C×H×W to N×(sum of the widths)×H×W."""
        finest, *coarser = self.levels
        x = finest(x)
        found = [x]
        for level, enlarge in zip(coarser, self.enlarge, strict=True):
            x = level(functional.max_pool2d(x, 2))
            found.append(enlarge(x))
        return torch.cat(found, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y: Tensor = self.mix(self.columns(x))
        return y


def _coarse(config: Config) -> list[tuple[int, int]]:
    """Return the levels below the finest, with their widths."""
    return list(enumerate(config.widths))[1:]


def _receptive_field(config: Config) -> ReceptiveField:
    upsampler = parse_upsampler(config.upsampler)
    deep = ReceptiveField().conv(3, config.blocks)
    joined = deep
    for depth, _ in _coarse(config):
        deep = deep.downsample(2).conv(3, config.blocks)
        joined = joined.join(deep.upsample(1 << depth, upsampler.halo(1 << depth)))
    return with_norm(joined, config.norm)


NETWORK = Network(
    "hypercolumn",
    Config,
    Hypercolumn,
    _receptive_field,
    small=Config(widths=(4, 6, 8)),
    use="segmentation by features of all levels; `module.columns(x)` returns them",
)
