"""Frameworks of super-resolution: where the enlargement stands among the blocks. Four ways, any block in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from repix.networks._blocks import Block
from repix.networks._chosen import Chosen
from repix.networks._layers import same
from repix.networks._reach import Reach
from repix.networks._residual import added, faint
from repix.networks._smooth import Smooth, through_smooth

FrameworkName = Literal["pre", "post", "progressive", "iterative"]


@dataclass(frozen=True)
class Plan:
    """The one description that every framework is composed from."""

    in_channels: int
    out_channels: int
    scale: int
    width: int
    depth: int
    block: Block
    enlarging: Chosen

    def head(self) -> nn.Module:
        """From the picture to features."""
        return same(self.in_channels, self.width)

    def body(self) -> nn.Sequential:
        """All blocks, one after another."""
        return nn.Sequential(*(self.one_block() for _ in range(self.depth)))

    def one_block(self) -> nn.Module:
        """One block."""
        return self.block.build(self.width, self.scale)

    def enlarged(self, scale: int) -> nn.Module:
        """The upsampler between features."""
        return self.enlarging.layer(self.width, self.width, scale)

    def tail(self, channels: int | None = None) -> nn.Module:
        """From features to the detail of a picture."""
        return faint(same(channels or self.width, self.out_channels))

    def through_body(self, reach: Reach) -> Reach:
        """The reach after all blocks."""
        for _ in range(self.depth):
            reach = self.block.reach(reach)
        return reach

    def through_upsampler(self, reach: Reach, scale: int) -> Reach:
        """The reach after the upsampler."""
        return reach.enlarged(scale, self.enlarging.halo(scale))


@dataclass(frozen=True)
class Framework:
    """One framework: its module, its reach, and the upsampler it has when none is named."""

    build: Callable[[Plan], nn.Module]
    reach: Callable[[Plan], Reach]
    upsampler: str


def factors(scale: int) -> list[int]:
    """A scale in small steps.

    >>> factors(4), factors(3), factors(6)
    ([2, 2], [3], [2, 3])
    """
    for factor in range(2, scale):
        if scale % factor == 0:
            return [factor, *factors(scale // factor)]
    return [scale]


class Pre(nn.Module):
    """Enlarge the picture first, then work at full size: simple, and scale² times the work."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.enlarge = plan.enlarging.layer(plan.in_channels, plan.in_channels, plan.scale)
        self.head, self.body, self.tail = plan.head(), plan.body(), plan.tail()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        large = self.enlarge(x)
        return added(large, self.tail(self.body(self.head(large))))


def _pre_reach(plan: Plan) -> Reach:
    return plan.through_body(plan.through_upsampler(Reach(), plan.scale).convolved(3)).convolved(3)


class Post(nn.Module):
    """Work at the small size, enlarge the features at the end."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.smooth = Smooth(plan.scale)
        self.head, self.body = plan.head(), plan.body()
        self.enlarge = nn.Sequential(*(plan.enlarged(factor) for factor in factors(plan.scale)))
        self.tail = plan.tail()

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        return added(self.smooth(x), self.tail(self.enlarge(y + self.body(y))))


def _post_reach(plan: Plan) -> Reach:
    reach = plan.through_body(Reach().convolved(3))
    for factor in factors(plan.scale):
        reach = plan.through_upsampler(reach, factor)
    return reach.convolved(3).joined(through_smooth(Reach(), plan.scale))


class Progressive(nn.Module):
    """Enlarge in small steps, with blocks before each and a picture after each that the next one refines."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        steps = factors(plan.scale)
        self.head = plan.head()
        self.bodies = nn.ModuleList(plan.body() for _ in steps)
        self.enlarge = nn.ModuleList(plan.enlarged(factor) for factor in steps)
        self.tails = nn.ModuleList(plan.tail() for _ in steps)
        self.smooth = nn.ModuleList(Smooth(factor) for factor in steps)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        for body, enlarge, tail, smoothly in zip(self.bodies, self.enlarge, self.tails, self.smooth, strict=True):
            y = enlarge(body(y))
            x = added(smoothly(x), tail(y))
        return x


def _progressive_reach(plan: Plan) -> Reach:
    features, picture = Reach().convolved(3), Reach()
    for factor in factors(plan.scale):
        features = plan.through_upsampler(plan.through_body(features), factor)
        picture = through_smooth(picture, factor).joined(features.convolved(3))
    return picture


class Corrected(nn.Module):
    """There, back again, and there once more with what was lost on the way: one projection up or down."""

    def __init__(self, there: nn.Module, back: nn.Module, again: nn.Module) -> None:
        super().__init__()
        self.there, self.back, self.again = there, back, again

    def forward(self, x: Tensor) -> Tensor:
        """Features of one size to features of the other."""
        y = self.there(x)
        corrected: Tensor = y + self.again(self.back(y) - x)
        return corrected


class Iterative(nn.Module):
    """Up and down again and again; every result at full size counts at the end."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        scale = plan.scale

        def down() -> nn.Module:
            return nn.Conv2d(plan.width, plan.width, scale, scale)

        self.smooth = Smooth(scale)
        self.head = plan.head()
        self.blocks = nn.ModuleList(plan.one_block() for _ in range(plan.depth))
        self.up = nn.ModuleList(
            Corrected(plan.enlarged(scale), down(), plan.enlarged(scale)) for _ in range(plan.depth)
        )
        self.down = nn.ModuleList(Corrected(down(), plan.enlarged(scale), down()) for _ in range(plan.depth - 1))
        self.tail = plan.tail(plan.depth * plan.width)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        y = self.head(x)
        large: list[Tensor] = []
        for i, (block, up) in enumerate(zip(self.blocks, self.up, strict=True)):
            if i:
                y = self.down[i - 1](large[-1])
            large.append(up(block(y)))
        return added(self.smooth(x), self.tail(torch.cat(large, 1)))


def _iterative_reach(plan: Plan) -> Reach:
    scale = plan.scale
    reach = Reach().convolved(3)
    for i in range(plan.depth):
        if i:
            reach = plan.through_upsampler(reach.shrunk(scale), scale).shrunk(scale)
        small = plan.through_upsampler(plan.block.reach(reach), scale).shrunk(scale)
        reach = plan.through_upsampler(small, scale)
    return reach.convolved(3).joined(through_smooth(Reach(), scale))


FRAMEWORKS: dict[str, Framework] = {
    "pre": Framework(Pre, _pre_reach, "bicubic"),
    "post": Framework(Post, _post_reach, "pixel-shuffle"),
    "progressive": Framework(Progressive, _progressive_reach, "pixel-shuffle"),
    "iterative": Framework(Iterative, _iterative_reach, "transposed"),
}
