"""Channel mixer: a 3×3 convolution, upsampling, and a 1×1 convolution that mixes channels."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, InChannels, Network, OutChannels
from repix.networks._layers import conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds

ALIGNED = "corner-aligned"
"""The default upsampling: bilinear with aligned corners."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a channel mixer."""

    in_channels: InChannels = 1
    out_channels: OutChannels = 1
    upsampler: Annotated[str, "upsampler with its settings; 'corner-aligned': bilinear, aligned corners"] = ALIGNED
    scale: Annotated[int, "upsampling factor", Bounds(2, 16)] = 2
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 64


class CornerAligned(nn.Module):
    """Bilinear upsampling with aligned corners; the sampling positions depend on the picture's size."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×(scale·H)×(scale·W)."""
        return functional.interpolate(x, scale_factor=float(self.scale), mode="bilinear", align_corners=True)


def _build(config: Config) -> nn.Module:
    """A 3×3 convolution, upsampling, and a 1×1 convolution; by default the upsampling has no weights.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.channel_mixer()(torch.zeros(1, 1, 224, 224)).shape
        torch.Size([1, 1, 448, 448])
    """
    first = conv(config.in_channels, config.width, bias=False)
    enlarge: nn.Module
    if config.upsampler == ALIGNED:
        enlarge, mixed = CornerAligned(config.scale), config.width
    else:
        upsampler = parse_upsampler(config.upsampler)
        mixed = upsampler.output_channels(config.width, config.width, config.scale)
        enlarge = upsampler.layer(config.width, mixed, config.scale)
    return nn.Sequential(first, enlarge, conv(mixed, config.out_channels, 1, bias=False))


def _receptive_field(config: Config) -> ReceptiveField:
    halo = None if config.upsampler == ALIGNED else parse_upsampler(config.upsampler).halo(config.scale)
    return ReceptiveField().conv(3).upsample(config.scale, halo)


NETWORK = Network(
    "channel-mixer",
    Config,
    _build,
    _receptive_field,
    small=Config(width=8),
    use="A 3×3 convolution, bilinear upsampling, a 1×1 convolution; no checkerboards",
)
