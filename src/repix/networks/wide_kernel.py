"""Wide kernel: 5×5 or 9×9 convolutions at full resolution."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._layers import Norm, conv, conv_stack, with_norm
from repix.networks._receptive_field import ReceptiveField
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a wide-kernel network, with kernels such as (5, 5) or (9, 5)."""

    kernels: Annotated[tuple[int, ...], "kernel size of each convolution", Bounds(1, 31, odd=True)] = (5, 5)
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 64
    norm: Norm = "batch"


def _build(config: Config) -> nn.Module:
    """Build convolutions with wide kernels, ReLU and normalization, and a 1×1 convolution to the classes.

    The cost grows with the square of the kernel size, but the receptive field only linearly.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.wide_kernel(kernels=(9, 5))(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 5, 7])
    """
    widths = (config.width,) * len(config.kernels)
    return nn.Sequential(
        conv_stack(config.in_channels, widths, config.kernels, config.norm), conv(config.width, config.out_channels, 1)
    )


def _receptive_field(config: Config) -> ReceptiveField:
    field = ReceptiveField()
    for kernel in config.kernels:
        field = field.conv(kernel)
    return with_norm(field, config.norm)


NETWORK = Network(
    "wide-kernel",
    Config,
    _build,
    _receptive_field,
    small=Config(kernels=(5, 3), width=6),
    use="baseline with a small receptive field at full resolution",
)
