"""Pixelwise: 1×1 convolutions, which use the color of each pixel alone."""

from dataclasses import dataclass

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._layers import Norm, Widths, conv, conv_stack, with_norm
from repix.networks._receptive_field import ReceptiveField


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a pixelwise network."""

    widths: Widths = (64, 64)
    norm: Norm = "batch"


def _build(config: Config) -> nn.Module:
    """Build 1×1 convolutions with ReLU and normalization, and a 1×1 convolution to the classes.

    The network uses no context, so like K-means it cannot distinguish grass from a green shirt.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.pixelwise()(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """
    ones = (1,) * len(config.widths)
    return nn.Sequential(
        conv_stack(config.in_channels, config.widths, ones, config.norm),
        conv(config.widths[-1], config.out_channels, 1),
    )


def _receptive_field(config: Config) -> ReceptiveField:
    return with_norm(ReceptiveField(), config.norm)


NETWORK = Network(
    "pixelwise",
    Config,
    _build,
    _receptive_field,
    small=Config(widths=(6, 5)),
    use="baseline that uses the color of each pixel only",
)
