"""RRDB: residual-in-residual dense blocks, the generator of ESRGAN.

Wang et al., 2018. In a dense block, each convolution gets the block's input and the results of all convolutions before
it. Every residual is scaled, which keeps the training of a deep network stable without normalization.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._bilinear import Bilinear, bilinear_field
from repix.networks._frameworks import factors
from repix.networks._layers import conv, he_conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, channel_mismatch, near_zero
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds

SCALING = 0.2
"""Factor of a residual before it is added."""
LEAK = 0.2
"""Slope of the leaky ReLU for negative values."""
DENSE_BLOCKS = 3
"""Dense blocks of a residual-in-residual block."""
CONVOLUTIONS = 5
"""Convolutions of a dense block."""
INITIAL = 0.1
"""Initial scale of the convolutions in dense blocks, relative to He initialization, as published."""


@dataclass(frozen=True)
class _Variant:
    """The sizes of a variant."""

    depth: int
    width: int
    growth: int


VARIANTS = {"small": _Variant(3, 32, 16), "paper": _Variant(23, 64, 32)}


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of an RRDB network.

    >>> Config(variant="paper", depth=2).sizes
    _Variant(depth=2, width=64, growth=32)
    """

    scale: Annotated[int, "upsampling factor", Bounds(2, 16)] = 4
    upsampler: UpsamplerName = "resize-conv"
    variant: Annotated[
        Literal["small", "paper"], "small trains on a processor; paper has the published 16.7 million parameters"
    ] = "small"
    depth: Annotated[int, "residual-in-residual blocks; 0: the variant's", Bounds(0, 256)] = 0
    width: Annotated[int, "channels between blocks; 0: the variant's", Bounds(0, 4096)] = 0
    growth: Annotated[
        int, "channels that each convolution of a dense block adds; 0: the variant's", Bounds(0, 4096)
    ] = 0

    @property
    def sizes(self) -> _Variant:
        """The sizes that are given, and the variant's for the others."""
        usual = VARIANTS[self.variant]
        return _Variant(self.depth or usual.depth, self.width or usual.width, self.growth or usual.growth)


class DenseBlock(nn.Module):
    """Five 3×3 convolutions; each gets the input and all results before it. The last result is a scaled residual."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        leaving = (*(growth,) * (CONVOLUTIONS - 1), width)
        self.convolutions = nn.ModuleList(
            _small_start(he_conv(width + number * growth, channels)) for number, channels in enumerate(leaving)
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        *inner, last = self.convolutions
        known = x
        for convolution in inner:
            known = torch.cat([known, functional.leaky_relu(convolution(known), LEAK)], 1)
        y: Tensor = x + SCALING * last(known)
        return y


class ResidualInResidual(nn.Module):
    """Three dense blocks, whose result is a scaled residual too."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(DenseBlock(width, growth) for _ in range(DENSE_BLOCKS)))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y: Tensor = x + SCALING * self.blocks(x)
        return y


class Rrdb(nn.Module):
    """Residual-in-residual dense blocks at the small size, upsamplers, two convolutions, plus the enlarged picture.

    The published network returns the picture itself, without adding the enlarged one; the parameters are the same.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.rrdb(depth=1, width=8, growth=4)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        sizes, upsampler = config.sizes, parse_upsampler(config.upsampler)
        width = sizes.width
        self.first = conv(config.in_channels, width)
        self.body = nn.Sequential(*(ResidualInResidual(width, sizes.growth) for _ in range(sizes.depth)))
        self.after = conv(width, width)
        self.enlarge = nn.ModuleList(upsampler.layer(width, width, factor) for factor in factors(config.scale))
        self.large = he_conv(width, width)
        self.last = near_zero(conv(width, config.out_channels))
        self.bilinear = Bilinear(config.scale)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.first(x)  # N×64×H×W
        y = y + self.after(self.body(y))
        for enlarge in self.enlarge:
            y = functional.leaky_relu(enlarge(y), LEAK)  # N×64×2H×2W, N×64×4H×4W
        detail = self.last(functional.leaky_relu(self.large(y), LEAK))
        return add_residual(self.bilinear(x), detail)


def _small_start(convolution: nn.Conv2d) -> nn.Conv2d:
    with torch.no_grad():
        convolution.weight.mul_(INITIAL)
    return convolution


def _receptive_field(config: Config) -> ReceptiveField:
    upsampler = parse_upsampler(config.upsampler)
    field = ReceptiveField().conv(3).conv(3, config.sizes.depth * DENSE_BLOCKS * CONVOLUTIONS).conv(3)
    for factor in factors(config.scale):
        field = field.upsample(factor, upsampler.halo(factor))
    return field.conv(3, 2).join(bilinear_field(ReceptiveField(), config.scale))


NETWORK = Network(
    "rrdb",
    Config,
    Rrdb,
    _receptive_field,
    small=Config(depth=1, width=6, growth=4),
    config_error=channel_mismatch,
    use="super-resolution by residual-in-residual dense blocks (ESRGAN's generator); `variant=paper` as published",
)
