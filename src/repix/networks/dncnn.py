"""DnCNN: a row of 3×3 convolutions at full size that learns the noise and takes it away from the picture."""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network
from repix.networks._layers import Norm, normalised, rectified, same, with_norm
from repix.networks._reach import Reach
from repix.networks._residual import added, faint, mismatch
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a DnCNN."""

    depth: Annotated[int, "convolutions in all", Bounds(2, 100)] = 17
    width: Annotated[int, "channels between them", Bounds(1, 4096)] = 64
    norm: Norm = "batch"


def dncnn(config: Config | None = None) -> nn.Module:
    """Convolution and ReLU, then convolution, normalisation and ReLU many times, then a convolution; plus the picture.

    >>> import torch
    >>> dncnn(Config(depth=3, width=8))(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 5, 7])
    """
    return NETWORK.module(config)


class Dncnn(nn.Module):
    """The module; no biases before a normalisation, which would take them away again."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.first = rectified(config.channels_in, config.width, norm=config.norm)
        self.middle = nn.Sequential(*(_level(config.width, config.norm) for _ in range(config.depth - 2)))
        self.last = faint(same(config.width, config.channels_out))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        y = functional.relu(self.first(x))  # N×64×H×W from here to the last
        return added(x, self.last(self.middle(y)))


def _level(width: int, norm: str) -> nn.Sequential:
    return nn.Sequential(rectified(width, width, norm=norm, bias=norm == "none"), normalised(width, norm), nn.ReLU())


def _reach(config: Config) -> Reach:
    return with_norm(Reach().convolved(3, config.depth), config.norm)


NETWORK = Network("dncnn", Config, Dncnn, _reach, small=Config(depth=3, width=6), objection=mismatch)
