"""Super-resolution: four frameworks (pre, post, progressive, iterative) over eight building blocks, freely combined."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._blocks import BLOCKS, GROUPS, BlockName
from repix.networks._chosen import chosen
from repix.networks._frameworks import FRAMEWORKS, FrameworkName, Plan
from repix.networks._reach import Reach
from repix.networks._residual import mismatch
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a super-resolution network."""

    scale: Annotated[int, "how many times larger the result is", Bounds(2, 16)] = 2
    framework: Annotated[
        FrameworkName, "where it is enlarged: before the blocks, after them, between, or to and fro"
    ] = "post"
    block: Annotated[BlockName, "what the features are worked on with"] = "residual"
    upsampler: Annotated[str | None, "the upsampler, with its settings behind it; left out: the framework's own"] = None
    depth: Annotated[int, "blocks; at each step of 'progressive'", Bounds(1, 256)] = 8
    width: Annotated[int, "channels of the features", Bounds(1, 4096)] = 64


def super_resolution(config: Config | None = None) -> nn.Module:
    """One description, 4 × 8 networks; each adds its detail to the picture enlarged without learning.

    >>> import torch
    >>> module = super_resolution(Config(framework="progressive", block="dense", scale=4, depth=1, width=8))
    >>> module(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 20, 28])
    """
    return NETWORK.module(config)


def _plan(config: Config) -> Plan:
    return Plan(
        config.channels_in,
        config.channels_out,
        config.scale,
        config.width,
        config.depth,
        BLOCKS[config.block],
        chosen(FRAMEWORKS[config.framework].upsampler if config.upsampler is None else config.upsampler),
    )


def _build(config: Config) -> nn.Module:
    return FRAMEWORKS[config.framework].build(_plan(config))


def _reach(config: Config) -> Reach:
    return FRAMEWORKS[config.framework].reach(_plan(config))


def _objection(config: Config) -> str | None:
    if config.block == "group" and config.width % GROUPS:
        return f"width is {config.width}; the block 'group' parts it into {GROUPS}, so it must be a multiple of that."
    return mismatch(config)


NETWORK = Network("super-resolution", Config, _build, _reach, small=Config(depth=2, width=8), objection=_objection)
