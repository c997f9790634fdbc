"""Encoder-decoder without skip connections, with any upsampler."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._layers import (
    ENCODER_WIDTHS,
    Blocks,
    Norm,
    Widths,
    conv,
    decoder_level,
    encoder_decoder_field,
    encoder_levels,
    last_decoder_level,
    with_norm,
)
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import ConfiguredUpsampler, parse_upsampler


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of an encoder-decoder."""

    upsampler: UpsamplerName = "nearest"
    widths: Widths = ENCODER_WIDTHS
    blocks: Blocks = 1
    norm: Norm = "batch"
    refine: Annotated[bool, "convolutions after each upsampler; without them the result lacks detail"] = True


class EncoderDecoder(nn.Module):
    """An encoder and a decoder without skip connections.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.encoder_decoder(widths=(8, 16))(torch.zeros(1, 3, 12, 8)).shape
        torch.Size([1, 3, 12, 8])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler = parse_upsampler(config.upsampler)
        self.encoder = encoder_levels(config.in_channels, config.widths, config.blocks, config.norm, upsampler)
        self.narrow = nn.Identity() if config.refine else conv(config.widths[-1], config.out_channels, 1)
        self.decoder = nn.ModuleList(_refining(config, upsampler) if config.refine else _plain(config, upsampler))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        places = []
        for contraction in self.encoder:
            x, indices = contraction(x)
            places.append(indices)
        x = self.narrow(x)
        for expand, indices in zip(self.decoder, reversed(places), strict=True):
            x = expand(x, indices)
        return x


def _refining(config: Config, upsampler: ConfiguredUpsampler) -> list[nn.Module]:
    """Return the decoder's levels, from each width to the previous one and to the output channels."""
    deep = config.widths[::-1]
    return [
        *(decoder_level(a, b, a, config.blocks, config.norm, upsampler) for a, b in pairwise(deep)),
        last_decoder_level(deep[-1], config.out_channels, deep[-1], upsampler),
    ]


def _plain(config: Config, upsampler: ConfiguredUpsampler) -> list[nn.Module]:
    """Return upsamplers without convolutions; the classes are predicted at the lowest resolution."""
    channels = config.out_channels
    return [upsampler.layer(channels, channels, 2, width) for width in reversed(config.widths)]


def _receptive_field(config: Config) -> ReceptiveField:
    halo = parse_upsampler(config.upsampler).halo(2)
    if config.refine:
        return encoder_decoder_field(len(config.widths), config.blocks, config.norm, halo)
    field = ReceptiveField()
    for _ in config.widths:
        field = field.conv(3, config.blocks).downsample(2)
    for _ in config.widths:
        field = field.upsample(2, halo)
    return with_norm(field, config.norm)


NETWORK = Network(
    "encoder-decoder",
    Config,
    EncoderDecoder,
    _receptive_field,
    small=Config(widths=(4, 8, 8)),
    use="segmentation without skip connections; `refine=False` upsamples without convolutions",
)
