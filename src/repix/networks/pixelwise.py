"""Pixelwise: every pixel by its own colour alone, with 1×1 convolutions."""

from dataclasses import dataclass

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._layers import Norm, Widths, same, stack, with_norm
from repix.networks._reach import Reach


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a pixelwise network."""

    widths: Widths = (64, 64)
    norm: Norm = "batch"


def pixelwise(config: Config | None = None) -> nn.Module:
    """1×1 convolutions with ReLU and normalisation, then a 1×1 convolution to the classes.

    It sees colours and nothing around them, which is why it tells grass from a green shirt no better than K-means does.

    >>> import torch
    >>> pixelwise()(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 5, 7])
    """
    return NETWORK.module(config)


def _build(config: Config) -> nn.Module:
    ones = (1,) * len(config.widths)
    return nn.Sequential(
        stack(config.channels_in, config.widths, ones, config.norm), same(config.widths[-1], config.channels_out, 1)
    )


def _reach(config: Config) -> Reach:
    return with_norm(Reach(), config.norm)


NETWORK = Network("pixelwise", Config, _build, _reach, small=Config(widths=(6, 5)))
