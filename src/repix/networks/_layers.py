"""Layers shared by several networks."""

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
    "normalization; 'instance' needs the whole picture, so it cannot be tiled",
]
Widths = Annotated[tuple[int, ...], "channels of each level, finest first", Bounds(1, 4096)]
Blocks = Annotated[int, "convolutions per level", Bounds(1, 16)]

ENCODER_WIDTHS = (64, 128, 256, 512, 512)
"""Default channels of five encoder levels."""


def conv(in_channels: int, out_channels: int, kernel: int = 3, *, bias: bool = True) -> nn.Conv2d:
    """Return a convolution with zero padding that keeps height and width."""
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=bias)


def he_conv(
    in_channels: int, out_channels: int, kernel: int = 3, norm: str = "none", *, bias: bool = True
) -> nn.Conv2d:
    """Return a convolution for use before a ReLU, with He initialization if no normalization follows.

    Torch's default initialization shrinks signals by a factor of 0.4 per layer; He initialization (2015) preserves
    their variance.
    """
    convolution = conv(in_channels, out_channels, kernel, bias=bias)
    if norm == "none":
        nn.init.kaiming_uniform_(convolution.weight, nonlinearity="relu")
        if convolution.bias is not None:
            nn.init.zeros_(convolution.bias)
    return convolution


def normalization(channels: int, norm: str) -> nn.Module:
    """Return a normalization layer by name."""
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    return InstanceNorm(channels) if norm == "instance" else nn.Identity()


class InstanceNorm(nn.Module):
    """Instance normalization with learned scale and shift.

    Torch's own layer rejects inputs of one pixel, which occur at the bottom of a U-Net.
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
    """Return convolution, ReLU and normalization, in this order."""
    return nn.Sequential(he_conv(in_channels, out_channels, kernel, norm), nn.ReLU(), normalization(out_channels, norm))


def conv_stack(in_channels: int, widths: Sequence[int], kernels: Sequence[int], norm: str) -> nn.Sequential:
    """Return a sequence of `conv_relu_norm`, with a width and a kernel each."""
    arriving = (in_channels, *widths)
    return nn.Sequential(
        *(conv_relu_norm(a, b, k, norm) for a, b, k in zip(arriving[:-1], widths, kernels, strict=True))
    )


class EncoderLevel(nn.Module):
    """Encoder level: convolutions with ReLU, 2×2 max pooling, normalization."""

    def __init__(self, in_channels: int, width: int, blocks: int, norm: str, keep_indices: bool) -> None:
        super().__init__()
        self.before = conv_stack(in_channels, (width,) * (blocks - 1), (3,) * (blocks - 1), norm)
        self.convolution = he_conv(width if blocks > 1 else in_channels, width, norm=norm)
        self.norm = normalization(width, norm)
        self.keep_indices = keep_indices

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """N×C×H×W to N×width×H/2×W/2, and the pooling indices if they are needed."""
        y = functional.relu(self.convolution(self.before(x)))
        if not self.keep_indices:
            return self.norm(functional.max_pool2d(y, 2)), None
        y, indices = max_pool(y, 2)
        return self.norm(y), indices


class DecoderLevel(nn.Module):
    """Decoder level: an upsampler, then convolutions with ReLU and normalization."""

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
    """Return the encoder, with one level per width."""
    arriving = (in_channels, *widths)
    keep = upsampler.needs_indices
    return nn.ModuleList(EncoderLevel(a, b, blocks, norm, keep) for a, b in pairwise(arriving))


def decoder_level(
    in_channels: int, width: int, pooled: int, blocks: int, norm: str, upsampler: ConfiguredUpsampler
) -> DecoderLevel:
    """Return one level of a decoder."""
    carried = upsampler.output_channels(in_channels, width, 2)
    layer = upsampler.layer(in_channels, carried, 2, pooled)
    return DecoderLevel(layer, conv_stack(carried, (width,) * blocks, (3,) * blocks, norm))


def last_decoder_level(
    in_channels: int, out_channels: int, pooled: int, upsampler: ConfiguredUpsampler
) -> DecoderLevel:
    """Return the last level of a decoder: an upsampler and a convolution to the output channels."""
    carried = upsampler.output_channels(in_channels, pooled, 2)
    return DecoderLevel(upsampler.layer(in_channels, carried, 2, pooled), conv(carried, out_channels))


def encoder_decoder_field(levels: int, blocks: int, norm: str, halo: int | None) -> ReceptiveField:
    """Return the receptive field of an encoder and decoder; skip connections do not enlarge it."""
    field = ReceptiveField()
    for _ in range(levels):
        field = field.conv(3, blocks).downsample(2)
    for level in range(levels):
        field = field.upsample(2, halo).conv(3, 1 if level == levels - 1 else blocks)
    return with_norm(field, norm)


def with_norm(field: ReceptiveField, norm: str) -> ReceptiveField:
    """Return the receptive field with a normalization; instance normalization makes it unbounded."""
    return field.unbounded() if norm == "instance" else field
