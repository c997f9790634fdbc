"""Encoder-decoder: shrink until everything is in sight, then enlarge again with any upsampler."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._chosen import Chosen, chosen
from repix.networks._layers import (
    DECK,
    Blocks,
    Norm,
    Widths,
    contractions,
    expansion,
    last_expansion,
    same,
    there_and_back,
    with_norm,
)
from repix.networks._reach import Reach


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of an encoder-decoder."""

    upsampler: UpsamplerName = "nearest"
    widths: Widths = DECK
    blocks: Blocks = 1
    norm: Norm = "batch"
    refine: Annotated[bool, "whether convolutions follow each enlargement; without them the result lacks detail"] = True


def encoder_decoder(config: Config | None = None) -> nn.Module:
    """Contractions to the last width, then as many expansions back; no path leads around the narrow middle.

    >>> import torch
    >>> encoder_decoder(Config(widths=(8, 16)))(torch.zeros(1, 3, 12, 8)).shape
    torch.Size([1, 3, 12, 8])
    """
    return NETWORK.module(config)


class EncoderDecoder(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler)
        self.encoder = contractions(config.channels_in, config.widths, config.blocks, config.norm, enlarging)
        self.narrow = nn.Identity() if config.refine else same(config.widths[-1], config.channels_out, 1)
        self.decoder = nn.ModuleList(_refining(config, enlarging) if config.refine else _plain(config, enlarging))

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


def _refining(config: Config, enlarging: Chosen) -> list[nn.Module]:
    """From each width to the one before it, at last to the channels that come out."""
    deep = config.widths[::-1]
    return [
        *(expansion(a, b, a, config.blocks, config.norm, enlarging) for a, b in pairwise(deep)),
        last_expansion(deep[-1], config.channels_out, deep[-1], enlarging),
    ]


def _plain(config: Config, enlarging: Chosen) -> list[nn.Module]:
    """Upsampling alone: the classes are decided at the smallest size."""
    channels = config.channels_out
    return [enlarging.layer(channels, channels, 2, width) for width in reversed(config.widths)]


def _reach(config: Config) -> Reach:
    halo = chosen(config.upsampler).halo(2)
    if config.refine:
        return there_and_back(len(config.widths), config.blocks, config.norm, halo)
    reach = Reach()
    for _ in config.widths:
        reach = reach.convolved(3, config.blocks).shrunk(2)
    for _ in config.widths:
        reach = reach.enlarged(2, halo)
    return with_norm(reach, config.norm)


NETWORK = Network("encoder-decoder", Config, EncoderDecoder, _reach, small=Config(widths=(4, 8, 8)))
