"""Eight building blocks of super-resolution networks; each maps features N×C×H×W to the same shape."""

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

RECURSIONS = 3
"""Recursions of a recursive block."""

LAYERS = 3
"""Convolutions of a dense block."""

GROUPS = 4
"""Groups of a group convolution."""

WINDOWS = (2, 4, 8)
"""Pooling sizes of a pyramid."""


@dataclass(frozen=True)
class Block:
    """A kind of block: a function of width and scale that builds it, and its receptive field."""

    build: Callable[[int, int], nn.Module]
    receptive_field: Callable[[ReceptiveField], ReceptiveField]


class Skip(nn.Module):
    """A body with a skip connection: x + body(x)."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y: Tensor = x + self.body(x)
        return y


class Concat(nn.Module):
    """Parallel paths whose channels are concatenated."""

    def __init__(self, *paths: nn.Module) -> None:
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×(channels of all paths)×H×W."""
        return torch.cat([path(x) for path in self.paths], 1)


class Recursive(nn.Module):
    """One convolution applied recursively, with the input added each time: depth without more weights."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = conv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to the same shape."""
        y = x
        for _ in range(RECURSIONS):
            y = x + self.convolution(torch.relu(y))
        return y


class Attention(nn.Module):
    """Channel attention: every channel is scaled by a weight computed from the channel means."""

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
    return Skip(*_two(width))


def _recursive(width: int, _: int) -> nn.Module:
    return Recursive(width)


def _channel_attention(width: int, _: int) -> nn.Module:
    return Skip(*_two(width), Attention(width))


def _dense(width: int, _: int) -> nn.Module:
    """Build a dense block: each convolution gets the input and the results of all previous ones."""
    growth = max(width // 2, 1)
    layers = (Concat(nn.Identity(), nn.Sequential(conv(width + i * growth, growth), nn.ReLU())) for i in range(LAYERS))
    return Skip(*layers, conv(width + LAYERS * growth, width, 1))


def _local_multi_path(width: int, _: int) -> nn.Module:
    """Build a block with 3×3 and 5×5 paths that exchange features halfway."""
    half = max(width // 2, 1)

    def both(channels: int) -> nn.Module:
        return Concat(*(nn.Sequential(conv(channels, half, kernel), nn.ReLU()) for kernel in (3, 5)))

    return Skip(both(width), both(2 * half), conv(2 * half, width, 1))


def _scale_multi_path(width: int, scale: int) -> nn.Module:
    """Build a block with a scale-specific path, whose parameters are named after the scale, and a shared one.

    The weights of a network for scale 2 can initialize one for scale 4 (`load_state_dict(state, strict=False)`).
    """
    path = Skip(conv(width, width, 5), nn.ReLU(), conv(width, width, 5))
    return nn.Sequential(OrderedDict({f"x{scale}": path, "shared": Skip(*_two(width))}))


def _group(width: int, _: int) -> nn.Module:
    """Build a block with group convolutions, at a quarter of the cost, and a 1×1 convolution that mixes the groups."""

    def grouped() -> nn.Module:
        return nn.Conv2d(width, width, 3, padding=1, groups=GROUPS)

    return Skip(grouped(), nn.ReLU(), grouped(), nn.ReLU(), conv(width, width, 1))


def _pyramid(width: int, _: int) -> nn.Module:
    """Build a block that concatenates features with their means over 2×2, 4×4 and 8×8 windows (bounded, for tiles)."""
    quarter = max(width // 4, 1)
    means = (
        nn.Sequential(nn.AvgPool2d(side), conv(width, quarter, 1), nn.ReLU(), nn.Upsample(scale_factor=side))
        for side in WINDOWS
    )
    return Skip(
        conv(width, width), nn.ReLU(), Concat(nn.Identity(), *means), conv(width + len(WINDOWS) * quarter, width, 1)
    )


def _pyramid_receptive_field(field: ReceptiveField) -> ReceptiveField:
    near = joined = field.conv(3)
    for side in WINDOWS:
        joined = joined.join(near.downsample(side).upsample(side, 0))
    return joined


BLOCKS: dict[str, Block] = {
    "residual": Block(_residual, lambda field: field.conv(3, 2)),
    "recursive": Block(_recursive, lambda field: field.conv(3, RECURSIONS)),
    "channel-attention": Block(_channel_attention, ReceptiveField.unbounded),
    "dense": Block(_dense, lambda field: field.conv(3, LAYERS)),
    "local-multi-path": Block(_local_multi_path, lambda field: field.conv(5, 2)),
    "scale-multi-path": Block(_scale_multi_path, lambda field: field.conv(5, 2).conv(3, 2)),
    "group": Block(_group, lambda field: field.conv(3, 2)),
    "pyramid": Block(_pyramid, _pyramid_receptive_field),
}
