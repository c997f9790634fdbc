"""Building blocks of super-resolution: eight ways to work on features, each N×C×H×W to the same shape."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from repix.networks._layers import conv
from repix.networks._receptive_field import ReceptiveField

BlockName = Literal[
    "residual",
    "recursive",
    "channel-attention",
    "dense",
    "local-multi-path",
    "scale-multi-path",
    "group",
    "pyramid",
]

TURNS = 3
"""How often a recursive block uses its one convolution."""

LAYERS = 3
"""The convolutions of a dense block."""

GROUPS = 4
"""Into how many groups a group convolution parts its channels."""

WINDOWS = (2, 4, 8)
"""The sides of the pooled windows of a pyramid."""


@dataclass(frozen=True)
class Block:
    """One kind of block: how it is built of a width and the network's scale, and how far it sees."""

    build: Callable[[int, int], nn.Module]
    receptive_field: Callable[[ReceptiveField], ReceptiveField]


class Added(nn.Module):
    """What a body makes of its input, added to the input."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y: Tensor = x + self.body(x)
        return y


class Beside(nn.Module):
    """Several paths side by side, their channels stacked."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×(channels of all paths)×H×W."""
        return torch.cat([path(x) for path in self.paths], 1)


class Recursive(nn.Module):
    """One convolution used again and again, its input added each time: depth without more weights."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = conv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y = x
        for _ in range(TURNS):
            y = x + self.convolution(torch.relu(y))
        return y


class Attention(nn.Module):
    """Every channel times a weight that the means of all channels decide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = max(width // 16, 4)
        self.weigh = nn.Sequential(conv(width, hidden, 1), nn.ReLU(), conv(hidden, width, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y: Tensor = x * self.weigh(x.mean((2, 3), keepdim=True))
        return y


def _two(width: int) -> tuple[nn.Module, nn.Module, nn.Module]:
    return conv(width, width), nn.ReLU(), conv(width, width)


def _residual(width: int, _: int) -> nn.Module:
    return Added(*_two(width))


def _recursive(width: int, _: int) -> nn.Module:
    return Recursive(width)


def _channel_attention(width: int, _: int) -> nn.Module:
    return Added(*_two(width), Attention(width))


def _dense(width: int, _: int) -> nn.Module:
    """Each convolution sees the input and the results of all before it."""
    growth = max(width // 2, 1)
    layers = (Beside(nn.Identity(), nn.Sequential(conv(width + i * growth, growth), nn.ReLU())) for i in range(LAYERS))
    return Added(*layers, conv(width + LAYERS * growth, width, 1))


def _local_multi_path(width: int, _: int) -> nn.Module:
    """Paths of 3×3 and 5×5 that exchange what they found halfway."""
    half = max(width // 2, 1)

    def both(channels: int) -> nn.Module:
        return Beside(*(nn.Sequential(conv(channels, half, kernel), nn.ReLU()) for kernel in (3, 5)))

    return Added(both(width), both(2 * half), conv(2 * half, width, 1))


def _scale_multi_path(width: int, scale: int) -> nn.Module:
    """A residual block for all scales after a path for this one, named after it.

    Load the weights of a twofold network into a fourfold one (`strict=False`): what is shared fits, paths stay apart.
    """
    path = Added(conv(width, width, 5), nn.ReLU(), conv(width, width, 5))
    return nn.Sequential(OrderedDict({f"x{scale}": path, "shared": Added(*_two(width))}))


def _group(width: int, _: int) -> nn.Module:
    """Convolutions within groups of channels, a quarter of the work, and a 1×1 that mixes the groups."""

    def grouped() -> nn.Module:
        return nn.Conv2d(width, width, 3, padding=1, groups=GROUPS)

    return Added(grouped(), nn.ReLU(), grouped(), nn.ReLU(), conv(width, width, 1))


def _pyramid(width: int, _: int) -> nn.Module:
    """Means of windows of 2, 4 and 8 pixels beside the features themselves; windows, so that tiles equal the whole."""
    quarter = max(width // 4, 1)
    means = (
        nn.Sequential(nn.AvgPool2d(side), conv(width, quarter, 1), nn.ReLU(), nn.Upsample(scale_factor=side))
        for side in WINDOWS
    )
    return Added(
        conv(width, width), nn.ReLU(), Beside(nn.Identity(), *means), conv(width + len(WINDOWS) * quarter, width, 1)
    )


def _pyramid_receptive_field(field: ReceptiveField) -> ReceptiveField:
    near = joined = field.conv(3)
    for side in WINDOWS:
        joined = joined.join(near.downsample(side).upsample(side, 0))
    return joined


BLOCKS: dict[str, Block] = {
    "residual": Block(_residual, lambda field: field.conv(3, 2)),
    "recursive": Block(_recursive, lambda field: field.conv(3, TURNS)),
    "channel-attention": Block(_channel_attention, ReceptiveField.unbounded),
    "dense": Block(_dense, lambda field: field.conv(3, LAYERS)),
    "local-multi-path": Block(_local_multi_path, lambda field: field.conv(5, 2)),
    "scale-multi-path": Block(_scale_multi_path, lambda field: field.conv(5, 2).conv(3, 2)),
    "group": Block(_group, lambda field: field.conv(3, 2)),
    "pyramid": Block(_pyramid, _pyramid_receptive_field),
}
