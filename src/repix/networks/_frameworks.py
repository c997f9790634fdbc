"""Four frameworks of super-resolution, which differ in the position of the upsampler; any block fits each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from repix.networks._bilinear import Bilinear, bilinear_field
from repix.networks._blocks import Block
from repix.networks._layers import conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, near_zero
from repix.networks._upsampler_choice import ConfiguredUpsampler

FrameworkName = Literal["pre", "post", "progressive", "iterative"]


@dataclass(frozen=True)
class Plan:
    """The settings from which every framework is built."""

    in_channels: int
    out_channels: int
    scale: int
    width: int
    depth: int
    block: Block
    upsampler: ConfiguredUpsampler

    def head(self) -> nn.Module:
        """Build the first convolution, from the picture to features."""
        return conv(self.in_channels, self.width)

    def body(self) -> nn.Sequential:
        """Build the sequence of blocks."""
        return nn.Sequential(*(self.one_block() for _ in range(self.depth)))

    def one_block(self) -> nn.Module:
        """Build one block."""
        return self.block.build(self.width, self.scale)

    def upsampling(self, scale: int) -> nn.Module:
        """Build an upsampler of features."""
        return self.upsampler.layer(self.width, self.width, scale)

    def tail(self, channels: int | None = None) -> nn.Module:
        """Build the last convolution, from features to the residual."""
        return near_zero(conv(channels or self.width, self.out_channels))

    def through_body(self, field: ReceptiveField) -> ReceptiveField:
        """Return the receptive field after all blocks."""
        for _ in range(self.depth):
            field = self.block.receptive_field(field)
        return field

    def through_upsampler(self, field: ReceptiveField, scale: int) -> ReceptiveField:
        """Return the receptive field after the upsampler."""
        return field.upsample(scale, self.upsampler.halo(scale))


@dataclass(frozen=True)
class Framework:
    """A framework: its module, its receptive field, and its default upsampler."""

    build: Callable[[Plan], nn.Module]
    receptive_field: Callable[[Plan], ReceptiveField]
    upsampler: str


def factors(scale: int) -> list[int]:
    """Return the prime factors of a scale, for step-by-step upsampling.

    >>> factors(4), factors(3), factors(6)
    ([2, 2], [3], [2, 3])
    """
    for factor in range(2, scale):
        if scale % factor == 0:
            return [factor, *factors(scale // factor)]
    return [scale]


class Pre(nn.Module):
    """Pre-upsampling: interpolate first, then process at full size, at scale² times the cost."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.enlarge = plan.upsampler.layer(plan.in_channels, plan.in_channels, plan.scale)
        self.head, self.body, self.tail = plan.head(), plan.body(), plan.tail()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        large = self.enlarge(x)
        return add_residual(large, self.tail(self.body(self.head(large))))


def _pre_receptive_field(plan: Plan) -> ReceptiveField:
    return plan.through_body(plan.through_upsampler(ReceptiveField(), plan.scale).conv(3)).conv(3)


class Post(nn.Module):
    """Post-upsampling: process at the small size, upsample the features at the end."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.bilinear = Bilinear(plan.scale)
        self.head, self.body = plan.head(), plan.body()
        self.enlarge = nn.Sequential(*(plan.upsampling(factor) for factor in factors(plan.scale)))
        self.tail = plan.tail()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        return add_residual(self.bilinear(x), self.tail(self.enlarge(y + self.body(y))))


def _post_receptive_field(plan: Plan) -> ReceptiveField:
    field = plan.through_body(ReceptiveField().conv(3))
    for factor in factors(plan.scale):
        field = plan.through_upsampler(field, factor)
    return field.conv(3).join(bilinear_field(ReceptiveField(), plan.scale))


class Progressive(nn.Module):
    """Progressive upsampling in small steps, each with its blocks and an output that the next step refines."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        steps = factors(plan.scale)
        self.head = plan.head()
        self.bodies = nn.ModuleList(plan.body() for _ in steps)
        self.enlarge = nn.ModuleList(plan.upsampling(factor) for factor in steps)
        self.tails = nn.ModuleList(plan.tail() for _ in steps)
        self.bilinear = nn.ModuleList(Bilinear(factor) for factor in steps)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        for body, enlarge, tail, bilinear in zip(self.bodies, self.enlarge, self.tails, self.bilinear, strict=True):
            y = enlarge(body(y))
            x = add_residual(bilinear(x), tail(y))
        return x


def _progressive_receptive_field(plan: Plan) -> ReceptiveField:
    features, picture = ReceptiveField().conv(3), ReceptiveField()
    for factor in factors(plan.scale):
        features = plan.through_upsampler(plan.through_body(features), factor)
        picture = bilinear_field(picture, factor).join(features.conv(3))
    return picture


class Projection(nn.Module):
    """An up- or down-projection unit with error feedback (back-projection network)."""

    def __init__(self, there: nn.Module, back: nn.Module, again: nn.Module) -> None:
        super().__init__()
        self.there, self.back, self.again = there, back, again

    def forward(self, x: Tensor) -> Tensor:
        """Features of one size to features of the other."""
        y = self.there(x)
        corrected: Tensor = y + self.again(self.back(y) - x)
        return corrected


class Iterative(nn.Module):
    """Iterative up- and downsampling (back-projection); all full-size features are concatenated at the end."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        scale = plan.scale

        def down() -> nn.Module:
            return nn.Conv2d(plan.width, plan.width, scale, scale)

        self.bilinear = Bilinear(scale)
        self.head = plan.head()
        self.blocks = nn.ModuleList(plan.one_block() for _ in range(plan.depth))
        self.up = nn.ModuleList(
            Projection(plan.upsampling(scale), down(), plan.upsampling(scale)) for _ in range(plan.depth)
        )
        self.down = nn.ModuleList(Projection(down(), plan.upsampling(scale), down()) for _ in range(plan.depth - 1))
        self.tail = plan.tail(plan.depth * plan.width)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        large: list[Tensor] = []
        for i, (block, up) in enumerate(zip(self.blocks, self.up, strict=True)):
            if i:
                y = self.down[i - 1](large[-1])
            large.append(up(block(y)))
        return add_residual(self.bilinear(x), self.tail(torch.cat(large, 1)))


def _iterative_receptive_field(plan: Plan) -> ReceptiveField:
    scale = plan.scale
    field = ReceptiveField().conv(3)
    for i in range(plan.depth):
        if i:
            field = plan.through_upsampler(field.downsample(scale), scale).downsample(scale)
        small = plan.through_upsampler(plan.block.receptive_field(field), scale).downsample(scale)
        field = plan.through_upsampler(small, scale)
    return field.conv(3).join(bilinear_field(ReceptiveField(), scale))


FRAMEWORKS: dict[str, Framework] = {
    "pre": Framework(Pre, _pre_receptive_field, "bicubic"),
    "post": Framework(Post, _post_receptive_field, "pixel-shuffle"),
    "progressive": Framework(Progressive, _progressive_receptive_field, "pixel-shuffle"),
    "iterative": Framework(Iterative, _iterative_receptive_field, "transposed"),
}
