"""Efficient U-Net: the restorer to use. Half the resolution in front, residual blocks, no biases, plus the picture.

Without biases, and with plain ReLU, a picture twice as bright gives a result twice as bright, noise included: one
network then serves every level of noise.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import ChannelsIn, ChannelsOut, Network, UpsamplerName
from repix.networks._chosen import chosen
from repix.networks._layers import Widths, same
from repix.networks._reach import Reach
from repix.networks._residual import added, faint, mismatch
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config:
    """The settings of an efficient U-Net."""

    channels_in: ChannelsIn = 3
    channels_out: ChannelsOut = 3
    upsampler: UpsamplerName = "transposed kernel=2"
    widths: Widths = (48, 96, 160)
    blocks: Annotated[tuple[int, ...], "residual blocks of each level, on either side", Bounds(1, 64)] = (2, 2, 3)
    front: Annotated[int, "the side of the blocks of pixels that become channels in front", Bounds(1, 4)] = 2


def efficient_unet(config: Config | None = None) -> nn.Module:
    """Pixels to channels, a U-Net of residual blocks whose skips are added, channels to pixels, plus the picture.

    >>> import torch
    >>> efficient_unet(Config(widths=(8, 16), blocks=(1, 1)))(torch.zeros(1, 3, 8, 4)).shape
    torch.Size([1, 3, 8, 4])
    """
    return NETWORK.module(config)


class Residual(nn.Module):
    """Two 3×3 convolutions with a ReLU between, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = same(width, width, bias=False), same(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y: Tensor = x + self.second(functional.relu(self.first(x)))
        return y


class EfficientUnet(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler, bias=False)
        area, widths = config.front**2, config.widths
        *levels, deepest = (_residuals(width, n) for width, n in zip(widths, config.blocks, strict=True))
        self.front = config.front
        self.first = same(config.channels_in * area, widths[0], bias=False)
        self.down = nn.ModuleList(levels)
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, 2, bias=False) for a, b in pairwise(widths))
        self.deepest = deepest
        self.enlarge = nn.ModuleList(enlarging.layer(b, a, 2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(_residuals(width, n) for width, n in zip(widths[:-1], config.blocks[:-1], strict=True))
        self.last = faint(same(widths[0], config.channels_out * area, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y = self.first(functional.pixel_unshuffle(x, self.front))  # N×48×H/2×W/2
        fine = [y]
        for blocks, shrink in zip(self.down, self.shrink, strict=True):
            fine.append(blocks(y))
            y = shrink(fine[-1])  # N×96×H/4×W/4, N×160×H/8×W/8
        y = self.deepest(y)
        for level in reversed(range(len(self.up))):
            y = self.up[level](self.enlarge[level](y) + fine[level + 1])
        return added(x, functional.pixel_shuffle(self.last(y + fine[0]), self.front))


def _residuals(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(width) for _ in range(count)))


def _reach(config: Config) -> Reach:
    halo = chosen(config.upsampler, bias=False).halo(2)
    reach = Reach().shrunk(config.front).convolved(3)
    *levels, deepest = config.blocks
    for blocks in levels:
        reach = reach.convolved(3, 2 * blocks).shrunk(2)
    reach = reach.convolved(3, 2 * deepest)
    for blocks in reversed(levels):
        reach = reach.enlarged(2, halo).convolved(3, 2 * blocks)
    return reach.convolved(3).enlarged(config.front, 0)


def _objection(config: Config) -> str | None:
    if len(config.blocks) != len(config.widths):
        return f"There are {len(config.widths)} widths but {len(config.blocks)} numbers of blocks; give as many."
    return mismatch(config)


NETWORK = Network(
    "efficient-unet",
    Config,
    EfficientUnet,
    _reach,
    small=Config(widths=(4, 6, 8), blocks=(1, 1, 1)),
    objection=_objection,
)
