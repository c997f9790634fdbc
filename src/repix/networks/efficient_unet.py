"""Efficient U-Net: the restorer to use. Half the resolution in front, residual blocks, no biases, plus the picture.

Without biases, and with plain ReLU, a picture twice as bright gives a result twice as bright, noise included: one
network then serves every level of noise. For what is no detail of the picture (classes, colours, a scene) it is used
with `adds` off and `norm` batch. Where blurs must be told apart before they can be mended, it is `steered`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._blur_sense import CELL, HINTS, BlurSense, sensing
from repix.networks._chosen import chosen
from repix.networks._layers import Norm, Widths, normalised, same
from repix.networks._mean_free import MeanFreeFront
from repix.networks._reach import Reach
from repix.networks._residual import added, faint, mismatch
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of an efficient U-Net."""

    upsampler: UpsamplerName = "transposed kernel=2"
    widths: Widths = (48, 96, 160)
    blocks: Annotated[tuple[int, ...], "residual blocks of each level, on either side", Bounds(1, 64)] = (2, 2, 3)
    front: Annotated[int, "the side of the blocks of pixels that become channels in front", Bounds(1, 4)] = 2
    norm: Norm = "none"
    adds: Annotated[bool, "whether the result is detail, added to the picture; otherwise the result has biases"] = True
    mean_free: Annotated[
        bool,
        "whether what adds detail sees differences only, not brightness, so that flat pictures stay flat",
    ] = True
    steered: Annotated[bool, "whether the blur, told by the spectrum of the surroundings, steers the blocks"] = False


def efficient_unet(config: Config | None = None) -> nn.Module:
    """Pixels to channels, a U-Net of residual blocks whose skips are added, channels to pixels, plus the picture.

    >>> import torch
    >>> efficient_unet(Config(widths=(8, 16), blocks=(1, 1)))(torch.zeros(1, 3, 8, 4)).shape
    torch.Size([1, 3, 8, 4])
    """
    return NETWORK.module(config)


class Residual(nn.Module):
    """Two 3×3 convolutions with a ReLU between, added to what came in; a hint sets how loud each channel between is."""

    def __init__(self, width: int, norm: str, cell: int) -> None:
        super().__init__()
        self.first, self.second = (levelled(same(width, width, bias=False), width, norm) for _ in range(2))
        self.cell = cell
        self.loudness = faint(nn.Conv2d(HINTS, width, 1)) if cell else None

    def forward(self, x: Tensor, hint: Tensor | None) -> Tensor:
        """N×C×H×W to the same shape; a pixel of the hint, N×64, covers a cell of so many."""
        between = functional.relu(self.first(x))
        if self.loudness is not None and hint is not None:
            loudness = 2 * self.loudness(hint).sigmoid()
            between = between * functional.interpolate(loudness, scale_factor=self.cell, mode="nearest")
        y: Tensor = x + self.second(between)
        return y


class Residuals(nn.ModuleList):
    """So many of them, one after the other, with one hint."""

    def forward(self, x: Tensor, hint: Tensor | None) -> Tensor:
        """N×C×H×W to the same shape."""
        for block in self:
            x = block(x, hint)
        return x


class EfficientUnet(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler, bias=False)
        area, widths = config.front**2, config.widths
        norm = config.norm
        cells = [CELL // config.front // 2**level if config.steered else 0 for level in range(len(widths))]
        each = list(zip(widths, config.blocks, cells, strict=True))
        *levels, deepest = (_residuals(width, n, norm, cell) for width, n, cell in each)
        self.front = config.front
        self.sense = BlurSense() if config.steered else None
        self.first = _first(config)
        self.down = nn.ModuleList(levels)
        self.shrink = nn.ModuleList(levelled(nn.Conv2d(a, b, 2, 2, bias=False), b, norm) for a, b in pairwise(widths))
        self.deepest = deepest
        self.enlarge = nn.ModuleList(enlarging.layer(b, a, 2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(_residuals(width, n, norm, cell) for width, n, cell in each[:-1])
        last = same(widths[0], config.channels_out * area, bias=not config.adds)
        self.last, self.adds = faint(last) if config.adds else last, config.adds

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        hint = self.sense(x) if self.sense else None
        y = self.first(x)  # N×48×H/2×W/2
        fine = [y]
        for blocks, shrink in zip(self.down, self.shrink, strict=True):
            fine.append(blocks(y, hint))
            y = shrink(fine[-1])  # N×96×H/4×W/4, N×160×H/8×W/8
        y = self.deepest(y, hint)
        for level in reversed(range(len(self.up))):
            y = self.up[level](self.enlarge[level](y) + fine[level + 1], hint)
        result = functional.pixel_shuffle(self.last(y + fine[0]), self.front)
        return added(x, result) if self.adds else result


def _first(config: Config) -> nn.Module:
    """Pixels to features; where detail is mean-free, none is added to a flat picture."""
    width = config.widths[0]
    if config.adds and config.mean_free:
        return nn.Sequential(MeanFreeFront(config.channels_in, width, config.front), normalised(width, config.norm))
    convolution = same(config.channels_in * config.front**2, width, bias=False)
    return nn.Sequential(nn.PixelUnshuffle(config.front), levelled(convolution, width, config.norm))


def levelled(convolution: nn.Conv2d, channels: int, norm: str) -> nn.Module:
    """The convolution, and what brings its channels to one level; alone where that is nothing."""
    return convolution if norm == "none" else nn.Sequential(convolution, normalised(channels, norm))


def _residuals(width: int, count: int, norm: str, cell: int) -> Residuals:
    return Residuals(Residual(width, norm, cell) for _ in range(count))


def _reach(config: Config) -> Reach:
    halo = chosen(config.upsampler, bias=False).halo(2)
    reach = Reach().shrunk(config.front).convolved(3)
    if config.steered:
        reach = reach.joined(sensing(config.front))
    *levels, deepest = config.blocks
    for blocks in levels:
        reach = reach.convolved(3, 2 * blocks).shrunk(2)
    reach = reach.convolved(3, 2 * deepest)
    for blocks in reversed(levels):
        reach = reach.enlarged(2, halo).convolved(3, 2 * blocks)
    reach = reach.convolved(3).enlarged(config.front, 0)
    return reach.everywhere() if config.norm == "instance" else reach


def _objection(config: Config) -> str | None:
    if len(config.blocks) != len(config.widths):
        return f"There are {len(config.widths)} widths but {len(config.blocks)} numbers of blocks; give as many."
    largest = config.front * 2 ** (len(config.widths) - 1)
    if config.steered and CELL % largest:
        return (
            f"Blocks are steered by cells of {CELL} pixels, but the deepest pixels cover {largest}; "
            "let `front` be 1, 2 or 4, and have fewer widths."
        )
    return mismatch(config) if config.adds else None


NETWORK = Network(
    "efficient-unet",
    Config,
    EfficientUnet,
    _reach,
    small=Config(widths=(4, 6, 8), blocks=(1, 1, 1)),
    objection=_objection,
)
