"""U-Net: an encoder-decoder with skip connections: concatenated, added or none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._layers import (
    ENCODER_WIDTHS,
    Blocks,
    Norm,
    Widths,
    decoder_level,
    encoder_decoder_field,
    encoder_levels,
    last_decoder_level,
)
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a U-Net."""

    upsampler: UpsamplerName = "nearest"
    skip: Annotated[Literal["concat", "add", "none"], "skip connections: concatenated, added or none"] = "concat"
    widths: Widths = ENCODER_WIDTHS
    blocks: Blocks = 1
    norm: Norm = "batch"


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
    """A U-Net: an encoder, and a decoder with a skip connection at each size.

    Without skips it is the same network as `encoder_decoder`.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.unet(widths=(8, 16), skip="add")(torch.zeros(1, 3, 12, 8)).shape
        torch.Size([1, 3, 12, 8])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler = parse_upsampler(config.upsampler)
        deep = config.widths[::-1]
        times = 2 if config.skip == "concat" else 1
        arriving = (deep[0], *(times * width for width in deep[1:]))
        self.encoder = encoder_levels(config.in_channels, config.widths, config.blocks, config.norm, upsampler)
        self.decoder = nn.ModuleList(
            decoder_level(a, b, pooled, config.blocks, config.norm, upsampler)
            for a, b, pooled in zip(arriving[:-1], deep[1:], deep[:-1], strict=True)
        )
        self.last = last_decoder_level(arriving[-1], config.out_channels, deep[-1], upsampler)
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


def _receptive_field(config: Config) -> ReceptiveField:
    return encoder_decoder_field(
        len(config.widths), config.blocks, config.norm, parse_upsampler(config.upsampler).halo(2)
    )


NETWORK = Network(
    "unet",
    Config,
    Unet,
    _receptive_field,
    small=Config(widths=(4, 8, 8)),
    use="segmentation; skip connections by concatenation, addition or none",
)
