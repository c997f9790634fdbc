"""Layers that several networks are made of."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import ConfiguredUpsampler
from repix.parameters import Bounds
from repix.upsampling.unpool import max_pool

Norm = Annotated[
    Literal["batch", "instance", "none"],
    "what brings channels to one level; 'instance' looks at the whole picture, so that tiles cannot equal it",
]
Widths = Annotated[tuple[int, ...], "channels of each level, the finest first", Bounds(1, 4096)]
Blocks = Annotated[int, "convolutions of each level", Bounds(1, 16)]

LECTURE_WIDTHS = (64, 128, 256, 512, 512)
"""The channels of the lectures' encoders."""


def conv(in_channels: int, out_channels: int, kernel: int = 3, *, bias: bool = True) -> nn.Conv2d:
    """A convolution that keeps height and width."""
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=bias)


def he_conv(
    in_channels: int, out_channels: int, kernel: int = 3, norm: str = "none", *, bias: bool = True
) -> nn.Conv2d:
    """A convolution before a ReLU, which halves what passes; where no normalisation makes up for it, its start does.

    Torch's start lets signals fade to 0.4 with every such layer, after thirteen to nothing; this one (He et al., 2015)
    keeps their size.
    """
    convolution = conv(in_channels, out_channels, kernel, bias=bias)
    if norm == "none":
        nn.init.kaiming_uniform_(convolution.weight, nonlinearity="relu")
        if convolution.bias is not None:
            nn.init.zeros_(convolution.bias)
    return convolution


def normalization(channels: int, norm: str) -> nn.Module:
    """The chosen normalisation."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    return InstanceNorm(channels) if norm == "instance" else nn.Identity()


class InstanceNorm(nn.Module):
    """Every channel of every picture brought to mean 0 and variance 1, then to what is learned.

    Torch's own refuses a picture of one pixel, which is what the smallest pictures become in the middle of a U-Net.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        off = x - x.mean((2, 3), keepdim=True)
        return off * torch.rsqrt(off.square().mean((2, 3), keepdim=True) + 1e-5) * self.weight + self.bias


def conv_relu_norm(in_channels: int, out_channels: int, kernel: int, norm: str) -> nn.Sequential:
    """Convolution, ReLU, normalisation: the order of the lectures."""
    return nn.Sequential(he_conv(in_channels, out_channels, kernel, norm), nn.ReLU(), normalization(out_channels, norm))


def conv_stack(in_channels: int, widths: Sequence[int], kernels: Sequence[int], norm: str) -> nn.Sequential:
    """One after another of them, with a width and a kernel each."""
    arriving = (in_channels, *widths)
    return nn.Sequential(
        *(conv_relu_norm(a, b, k, norm) for a, b, k in zip(arriving[:-1], widths, kernels, strict=True))
    )


class EncoderLevel(nn.Module):
    """Convolutions with ReLU, the largest of every 2×2 pixels, normalisation."""

    def __init__(self, in_channels: int, width: int, blocks: int, norm: str, keep_indices: bool) -> None:
        super().__init__()
        self.before = conv_stack(in_channels, (width,) * (blocks - 1), (3,) * (blocks - 1), norm)
        self.convolution = he_conv(width if blocks > 1 else in_channels, width, norm=norm)
        self.norm = normalization(width, norm)
        self.keep_indices = keep_indices

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """N×C×H×W to N×width×H/2×W/2, and where the largest were if somebody needs it."""
        y = functional.relu(self.convolution(self.before(x)))
        if not self.keep_indices:
            return self.norm(functional.max_pool2d(y, 2)), None
        y, indices = max_pool(y, 2)
        return self.norm(y), indices


class DecoderLevel(nn.Module):
    """An upsampler, then convolutions with ReLU and normalisation."""

    def __init__(self, enlarge: nn.Module, convolutions: nn.Module) -> None:
        super().__init__()
        self.enlarge, self.convolutions = enlarge, convolutions

    def forward(self, x: Tensor, indices: Tensor | None = None) -> Tensor:
        """N×C×H×W to N×C'×2H×2W."""
        y: Tensor = self.convolutions(self.enlarge(x, indices))
        return y


def encoder_levels(
    in_channels: int, widths: Sequence[int], blocks: int, norm: str, upsampler: ConfiguredUpsampler
) -> nn.ModuleList:
    """The encoder: one contraction for each width."""
    arriving = (in_channels, *widths)
    keep = upsampler.needs_indices
    return nn.ModuleList(EncoderLevel(a, b, blocks, norm, keep) for a, b in pairwise(arriving))


def decoder_level(
    in_channels: int, width: int, pooled: int, blocks: int, norm: str, upsampler: ConfiguredUpsampler
) -> DecoderLevel:
    """One level of a decoder."""
    carried = upsampler.output_channels(in_channels, width, 2)
    layer = upsampler.layer(in_channels, carried, 2, pooled)
    return DecoderLevel(layer, conv_stack(carried, (width,) * blocks, (3,) * blocks, norm))


def last_decoder_level(
    in_channels: int, out_channels: int, pooled: int, upsampler: ConfiguredUpsampler
) -> DecoderLevel:
    """The last level: as many channels as were pooled at the first, then those that are wanted."""
    carried = upsampler.output_channels(in_channels, pooled, 2)
    return DecoderLevel(upsampler.layer(in_channels, carried, 2, pooled), conv(carried, out_channels))


def encoder_decoder_field(levels: int, blocks: int, norm: str, halo: int | None) -> ReceptiveField:
    """The field through so many contractions and as many expansions; a shorter way beside it adds nothing."""
    field = ReceptiveField()
    for _ in range(levels):
        field = field.conv(3, blocks).downsample(2)
    for level in range(levels):
        field = field.upsample(2, halo).conv(3, 1 if level == levels - 1 else blocks)
    return with_norm(field, norm)


def with_norm(field: ReceptiveField, norm: str) -> ReceptiveField:
    """Instance normalisation looks everywhere."""
    return field.unbounded() if norm == "instance" else field
