"""DnCNN: 3×3 convolutions at full resolution with a global residual."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Network
from repix.networks._layers import Norm, conv, he_conv, normalization, with_norm
from repix.networks._noise_level import LevelConfiguration
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, channel_mismatch, near_zero
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(LevelConfiguration):
    """Settings of a DnCNN."""

    depth: Annotated[int, "number of convolutions", Bounds(2, 100)] = 17
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 64
    norm: Norm = "batch"


class Dncnn(nn.Module):
    """A DnCNN: convolution and ReLU; convolution, normalization and ReLU (repeated); convolution; residual.

    No biases before a normalization, which would take them away again.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.dncnn(depth=3, width=8)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.first = he_conv(config.in_channels, config.width, norm=config.norm)
        self.middle = nn.Sequential(*(_level(config.width, config.norm) for _ in range(config.depth - 2)))
        self.last = near_zero(conv(config.width, config.out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y = functional.relu(self.first(x))  # N×64×H×W from here to the last
        return add_residual(self.config.picture(x), self.last(self.middle(y)))


def _level(width: int, norm: str) -> nn.Sequential:
    return nn.Sequential(he_conv(width, width, norm=norm, bias=norm == "none"), normalization(width, norm), nn.ReLU())


def _receptive_field(config: Config) -> ReceptiveField:
    return with_norm(ReceptiveField().conv(3, config.depth), config.norm)


NETWORK = Network(
    "dncnn",
    Config,
    Dncnn,
    _receptive_field,
    small=Config(depth=3, width=6),
    config_error=channel_mismatch,
    use="the classical CNN denoiser; expensive, because it works at full resolution",
)
