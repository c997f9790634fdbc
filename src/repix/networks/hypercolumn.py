"""Hypercolumn: features of several depths, all enlarged to full size, stacked for each pixel and mixed by 1×1."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._chosen import chosen
from repix.networks._layers import Blocks, Norm, Widths, same, stack, with_norm
from repix.networks._reach import Reach


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a hypercolumn network."""

    upsampler: UpsamplerName = "bilinear"
    widths: Widths = (32, 64, 128, 256)
    blocks: Blocks = 1
    norm: Norm = "batch"


def hypercolumn(config: Config | None = None) -> nn.Module:
    """Convolutions at full size, half, a quarter ...; a 1×1 convolution mixes every pixel's column of all of them.

    >>> import torch
    >>> module = hypercolumn(Config(widths=(8, 16)))
    >>> module.columns(torch.zeros(1, 3, 4, 6)).shape
    torch.Size([1, 24, 4, 6])
    """
    return NETWORK.module(config)


class Hypercolumn(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler)
        kernels = (3,) * config.blocks
        self.levels = nn.ModuleList(
            stack(a, (b,) * config.blocks, kernels, config.norm)
            for a, b in pairwise((config.channels_in, *config.widths))
        )
        given = [enlarging.gives(width, width, 1 << depth) for depth, width in _coarse(config)]
        self.enlarge = nn.ModuleList(
            enlarging.layer(width, out, 1 << depth) for (depth, width), out in zip(_coarse(config), given, strict=True)
        )
        self.mix = same(config.widths[0] + sum(given), config.channels_out, 1)

    def columns(self, x: Tensor) -> Tensor:
        """What every depth says of each pixel: N×C×H×W to N×(all widths)×H×W."""
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
    """The depths below the finest, with their widths."""
    return list(enumerate(config.widths))[1:]


def _reach(config: Config) -> Reach:
    enlarging = chosen(config.upsampler)
    deep = Reach().convolved(3, config.blocks)
    joined = deep
    for depth, _ in _coarse(config):
        deep = deep.shrunk(2).convolved(3, config.blocks)
        joined = joined.joined(deep.enlarged(1 << depth, enlarging.halo(1 << depth)))
    return with_norm(joined, config.norm)


NETWORK = Network("hypercolumn", Config, Hypercolumn, _reach, small=Config(widths=(4, 6, 8)))
