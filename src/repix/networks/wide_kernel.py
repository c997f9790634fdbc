"""Wide kernel: every pixel by its surroundings, with 5×5 or 9×9 convolutions at full size."""

from dataclasses import dataclass
from typing import Annotated

from torch import nn

from repix.networks import Configuration, Network
from repix.networks._layers import Norm, same, stack, with_norm
from repix.networks._reach import Reach
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a wide-kernel network; the lectures' second one has the kernels (9, 5)."""

    kernels: Annotated[tuple[int, ...], "side of the kernel of each convolution", Bounds(1, 31, odd=True)] = (5, 5)
    width: Annotated[int, "channels of each convolution", Bounds(1, 4096)] = 64
    norm: Norm = "batch"


def wide_kernel(config: Config | None = None) -> nn.Module:
    """Convolutions with wide kernels, ReLU and normalisation, then a 1×1 convolution to the classes.

    Work grows with the square of the kernel, sight only with its side: the reason to shrink the picture instead.

    >>> import torch
    >>> wide_kernel(Config(kernels=(9, 5)))(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 5, 7])
    """
    return NETWORK.module(config)


def _build(config: Config) -> nn.Module:
    widths = (config.width,) * len(config.kernels)
    return nn.Sequential(
        stack(config.channels_in, widths, config.kernels, config.norm), same(config.width, config.channels_out, 1)
    )


def _reach(config: Config) -> Reach:
    reach = Reach()
    for kernel in config.kernels:
        reach = reach.convolved(kernel)
    return with_norm(reach, config.norm)


NETWORK = Network("wide-kernel", Config, _build, _reach, small=Config(kernels=(5, 3), width=6))
