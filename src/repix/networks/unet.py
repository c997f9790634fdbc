"""U-Net: an encoder-decoder whose fine features also go straight across: concatenated, added or left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._chosen import chosen
from repix.networks._layers import DECK, Blocks, Norm, Widths, contractions, expansion, last_expansion, there_and_back
from repix.networks._reach import Reach


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a U-Net."""

    upsampler: UpsamplerName = "nearest"
    skip: Annotated[Literal["concat", "add", "none"], "how fine features join those that come back"] = "concat"
    widths: Widths = DECK
    blocks: Blocks = 1
    norm: Norm = "batch"


def unet(config: Config | None = None) -> nn.Module:
    """Contractions, then expansions that each get the features of the same size from the way down.

    Without skips it is the encoder-decoder, number for number.

    >>> import torch
    >>> unet(Config(widths=(8, 16), skip="add"))(torch.zeros(1, 3, 12, 8)).shape
    torch.Size([1, 3, 12, 8])
    """
    return NETWORK.module(config)


def _concatenated(x: Tensor, fine: Tensor) -> Tensor:
    return torch.cat((x, fine), 1)


def _left_out(x: Tensor, _: Tensor) -> Tensor:
    return x


JOINS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "concat": _concatenated,
    "add": torch.add,
    "none": _left_out,
}


class Unet(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler)
        deep = config.widths[::-1]
        times = 2 if config.skip == "concat" else 1
        arriving = (deep[0], *(times * width for width in deep[1:]))
        self.encoder = contractions(config.channels_in, config.widths, config.blocks, config.norm, enlarging)
        self.decoder = nn.ModuleList(
            expansion(a, b, pooled, config.blocks, config.norm, enlarging)
            for a, b, pooled in zip(arriving[:-1], deep[1:], deep[:-1], strict=True)
        )
        self.last = last_expansion(arriving[-1], config.channels_out, deep[-1], enlarging)
        self.join = JOINS[config.skip]

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        fine, places = [], []
        for contraction in self.encoder:
            x, indices = contraction(x)  # N×64×H/2×W/2, N×128×H/4×W/4 ...
            fine.append(x)
            places.append(indices)
        for expand, indices, across in zip(self.decoder, places[:0:-1], fine[-2::-1], strict=True):
            x = self.join(expand(x, indices), across)
        y: Tensor = self.last(x, places[0])
        return y


def _reach(config: Config) -> Reach:
    return there_and_back(len(config.widths), config.blocks, config.norm, chosen(config.upsampler).halo(2))


NETWORK = Network("unet", Config, Unet, _reach, small=Config(widths=(4, 8, 8)))
