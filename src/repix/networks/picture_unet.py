"""Picture U-Net: the lectures' network from picture to picture, and its version that ends four times larger."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._chosen import chosen
from repix.networks._layers import DECK, Norm, contractions, normalised, with_norm
from repix.networks._reach import Reach
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a picture U-Net.

    Widths that are left out are the lectures': down to 512×8×8 of 3×256×256 where the result has the picture's size, to
    512×16×16 where it is larger.

    >>> Config(scale=4).widths
    (64, 128, 256, 512)
    """

    upsampler: UpsamplerName = "transposed kernel=4"
    scale: Annotated[int, "how many times larger the result is: 1, 2, 4 or 8", Bounds(1, 8)] = 1
    widths: Annotated[
        tuple[int, ...],
        "channels of each level, the finest first; left out: 64 128 256 512, and 512 again at scale 1",
        Bounds(1, 4096),
    ] = ()
    norm: Norm = "batch"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.widths == ():
            object.__setattr__(self, "widths", DECK if self.scale == 1 else DECK[:-1])


def picture_unet(config: Config | None = None) -> nn.Module:
    """Contractions, then upsamplers with ReLU and normalisation, each joined by the features of its size; tanh.

    Pictures are in [0, 1] outside and in [-1, 1] inside. The upsamplers change the number of channels themselves, so
    only those that can do so fit.

    >>> import torch
    >>> picture_unet(Config(widths=(8, 16), scale=4))(torch.zeros(1, 3, 8, 4)).shape
    torch.Size([1, 3, 32, 16])
    """
    return NETWORK.module(config)


class PictureUnet(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging = chosen(config.upsampler)
        self.encoder = contractions(config.channels_in, config.widths, 1, config.norm, enlarging)
        *back, beyond = _decoder(config)
        arriving, first = config.widths[-1], len(config.widths) - 1
        self.decoder, self.norms = nn.ModuleList(), nn.ModuleList()
        for i, width in enumerate(back):
            self.decoder.append(enlarging.layer(arriving, width, 2))
            self.norms.append(normalised(width, config.norm))
            arriving = 2 * width if i < first else width
        self.last = enlarging.layer(arriving, beyond, 2)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        x = 2 * x - 1
        fine: list[Tensor] = []
        for contraction in self.encoder:
            x, _ = contraction(x)  # N×64×H/2×W/2, N×128×H/4×W/4 ...
            fine.append(x)
        fine.pop()
        for enlarge, norm in zip(self.decoder, self.norms, strict=True):
            x = norm(torch.relu(enlarge(x)))
            if fine:
                x = torch.cat((x, fine.pop()), 1)
        return (torch.tanh(self.last(x)) + 1) / 2


def _decoder(config: Config) -> tuple[int, ...]:
    """The channels on the way back, past the size of the input where the result is larger, and those that come out."""
    beyond = (config.widths[0],) * (config.scale.bit_length() - 1)
    return (*config.widths[-2::-1], *beyond, config.channels_out)


def _reach(config: Config) -> Reach:
    halo = chosen(config.upsampler).halo(2)
    reach = Reach()
    for _ in config.widths:
        reach = reach.convolved(3).shrunk(2)
    for _ in _decoder(config):
        reach = reach.enlarged(2, halo)
    return with_norm(reach, config.norm)


def _objection(config: Config) -> str | None:
    if config.scale in (1, 2, 4, 8):
        return None
    return f"scale is {config.scale}; every upsampler doubles, so it must be 1, 2, 4 or 8."


NETWORK = Network("picture-unet", Config, PictureUnet, _reach, small=Config(widths=(4, 8, 8)), objection=_objection)
