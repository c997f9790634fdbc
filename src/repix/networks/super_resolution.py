"""Super-resolution: four frameworks (pre, post, progressive, iterative) with eight building blocks."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._blocks import BLOCKS, GROUPS, BlockName
from repix.networks._frameworks import FRAMEWORKS, FrameworkName, Plan
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import channel_mismatch
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a super-resolution network."""

    scale: Annotated[int, "upsampling factor", Bounds(2, 16)] = 2
    framework: Annotated[
        FrameworkName, "position of the upsampler: before the blocks, after them, between them, or repeatedly"
    ] = "post"
    block: Annotated[BlockName, "kind of building block"] = "residual"
    upsampler: Annotated[str | None, "upsampler with its settings; default: that of the framework"] = None
    depth: Annotated[int, "number of blocks (per step for 'progressive')", Bounds(1, 256)] = 8
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 64


def _plan(config: Config) -> Plan:
    return Plan(
        config.in_channels,
        config.out_channels,
        config.scale,
        config.width,
        config.depth,
        BLOCKS[config.block],
        parse_upsampler(FRAMEWORKS[config.framework].upsampler if config.upsampler is None else config.upsampler),
    )


def _build(config: Config) -> nn.Module:
    """A super-resolution network that adds detail to a classical upsampling of the picture.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.super_resolution(framework="progressive", block="dense", scale=4, depth=1, width=8)
        >>> module(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
    """
    return FRAMEWORKS[config.framework].build(_plan(config))


def _receptive_field(config: Config) -> ReceptiveField:
    return FRAMEWORKS[config.framework].receptive_field(_plan(config))


def _config_error(config: Config) -> str | None:
    if config.block == "group" and config.width % GROUPS:
        return f"width is {config.width}; for the block 'group' it must be a multiple of {GROUPS}."
    return channel_mismatch(config)


NETWORK = Network(
    "super-resolution",
    Config,
    _build,
    _receptive_field,
    small=Config(depth=2, width=8),
    config_error=_config_error,
    use="four frameworks × eight blocks, for comparisons",
)
