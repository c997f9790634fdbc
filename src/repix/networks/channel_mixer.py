"""Channel mixer: a 3×3 convolution to many channels, enlargement, a 1×1 convolution that mixes them."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import ChannelsIn, ChannelsOut, Configuration, Network
from repix.networks._chosen import chosen
from repix.networks._layers import same
from repix.networks._reach import Reach
from repix.parameters import Bounds

ALIGNED = "corner-aligned"
"""The lecture's enlargement: bilinear, corner pixels staying corner pixels."""


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a channel mixer."""

    channels_in: ChannelsIn = 1
    channels_out: ChannelsOut = 1
    upsampler: Annotated[str, "an upsampler with its settings, or 'corner-aligned': bilinear as in the lecture"] = (
        ALIGNED
    )
    scale: Annotated[int, "how many times larger the result is", Bounds(2, 16)] = 2
    width: Annotated[int, "channels that are mixed", Bounds(1, 4096)] = 64


def channel_mixer(config: Config | None = None) -> nn.Module:
    """224×224 becomes 448×448 without a checkerboard: the enlargement learns nothing, and 1×1 mixes no neighbours.

    >>> import torch
    >>> channel_mixer()(torch.zeros(1, 1, 224, 224)).shape
    torch.Size([1, 1, 448, 448])
    """
    return NETWORK.module(config)


class CornerAligned(nn.Module):
    """Bilinear enlargement that leaves the corners where they are; where a pixel lies depends on the whole size."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C×(scale·H)×(scale·W)."""
        return functional.interpolate(x, scale_factor=float(self.scale), mode="bilinear", align_corners=True)


def _build(config: Config) -> nn.Module:
    first = same(config.channels_in, config.width, bias=False)
    enlarge: nn.Module
    if config.upsampler == ALIGNED:
        enlarge, mixed = CornerAligned(config.scale), config.width
    else:
        enlarging = chosen(config.upsampler)
        mixed = enlarging.gives(config.width, config.width, config.scale)
        enlarge = enlarging.layer(config.width, mixed, config.scale)
    return nn.Sequential(first, enlarge, same(mixed, config.channels_out, 1, bias=False))


def _reach(config: Config) -> Reach:
    halo = None if config.upsampler == ALIGNED else chosen(config.upsampler).halo(config.scale)
    return Reach().convolved(3).enlarged(config.scale, halo)


NETWORK = Network("channel-mixer", Config, _build, _reach, small=Config(width=8))
