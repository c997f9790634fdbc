"""Dense reshape: an encoder, one dense layer, and its numbers laid out as a picture; a bad idea, shown.

The dense layer has a weight for every pair of a feature and an output pixel: 100 million at 128×128, which learn again
for each place what a convolution learns once. And it fixes the size: no other picture goes in.
"""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn

from repix.networks import Configuration, Network
from repix.networks._chosen import chosen
from repix.networks._layers import DECK, Norm, Widths, contractions
from repix.networks._reach import Reach
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a dense-reshape network."""

    size: Annotated[int, "the one height and width that it takes", Bounds(2, 1024)] = 128
    widths: Widths = (*DECK, 512)
    norm: Norm = "batch"


def dense_reshape(config: Config | None = None) -> nn.Module:
    """Contractions, a dense layer from all features to all output pixels, a reshape.

    >>> import torch
    >>> dense_reshape(Config(size=16, widths=(8, 8)))(torch.zeros(1, 3, 16, 16)).shape
    torch.Size([1, 3, 16, 16])
    """
    return NETWORK.module(config)


class DenseReshape(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = contractions(config.channels_in, config.widths, 1, config.norm, chosen("nearest"))
        side = config.size >> len(config.widths)
        self.dense = nn.Linear(config.widths[-1] * side**2, config.channels_out * config.size**2)
        self.shape = (config.channels_out, config.size, config.size)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×size×size to N×C'×size×size."""
        for contraction in self.encoder:
            x, _ = contraction(x)  # at last N×512×2×2
        y: Tensor = self.dense(x.flatten(1)).unflatten(1, self.shape)
        return y


def _reach(config: Config) -> Reach:
    """Pixels as large as at the input, each of which sees everything."""
    return Reach(step=config.size).everywhere()


def _objection(config: Config) -> str | None:
    blocks = 1 << len(config.widths)
    if config.size % blocks == 0:
        return None
    return f"size is {config.size}; with {len(config.widths)} widths it must be a multiple of {blocks}."


NETWORK = Network(
    "dense-reshape",
    Config,
    DenseReshape,
    _reach,
    small=Config(size=16, widths=(6, 8)),
    objection=_objection,
    fixed=lambda config: config.size,
)
