"""Dense reshape: an encoder and a dense layer reshaped to a picture; a negative example for teaching.

The dense layer has a weight for every pair of feature and output pixel (100 million at 128×128), shares nothing between
positions, and fixes the picture's size.
"""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn

from repix.networks import Configuration, Network
from repix.networks._layers import ENCODER_WIDTHS, Norm, Widths, encoder_levels
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a dense-reshape network."""

    size: Annotated[int, "height and width of all pictures", Bounds(2, 1024)] = 128
    widths: Widths = (*ENCODER_WIDTHS, 512)
    norm: Norm = "batch"


class DenseReshape(nn.Module):
    """An encoder, a dense layer from all features to all output pixels, and a reshape.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.dense_reshape(size=16, widths=(8, 8))(torch.zeros(1, 3, 16, 16)).shape
        torch.Size([1, 3, 16, 16])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = encoder_levels(config.in_channels, config.widths, 1, config.norm, parse_upsampler("nearest"))
        side = config.size >> len(config.widths)
        self.dense = nn.Linear(config.widths[-1] * side**2, config.out_channels * config.size**2)
        self.shape = (config.out_channels, config.size, config.size)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×size×size to N×C'×size×size."""
        for contraction in self.encoder:
            x, _ = contraction(x)  # at last N×512×2×2
        y: Tensor = self.dense(x.flatten(1)).unflatten(1, self.shape)
        return y


def _receptive_field(config: Config) -> ReceptiveField:
    """Return an unbounded receptive field for the fixed size."""
    return ReceptiveField(step=config.size).unbounded()


def _config_error(config: Config) -> str | None:
    blocks = 1 << len(config.widths)
    if config.size % blocks == 0:
        return None
    return f"size is {config.size}; with {len(config.widths)} widths it must be a multiple of {blocks}."


NETWORK = Network(
    "dense-reshape",
    Config,
    DenseReshape,
    _receptive_field,
    small=Config(size=16, widths=(6, 8)),
    config_error=_config_error,
    fixed=lambda config: config.size,
    use="negative example: a dense layer to pixels needs 100 million weights and a fixed size",
)
