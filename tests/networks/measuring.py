"""What a network really does to sizes and neighborhoods, measured on the module."""

import math

import torch
from torch import Tensor, nn

from repix.networks import Network
from repix.networks._residual import NEAR_ZERO

ADDING = ("dncnn", "efficient-unet", "compact", "super-resolution")
"""The networks that add detail to the picture."""


def prepared(network: Network, config) -> nn.Module:
    """A module in eval mode as if trained: weights of a fixed seed, statistics unlike the initial ones, loud detail."""
    torch.manual_seed(3)
    module = network.module(config).eval()
    with torch.no_grad():
        for name, values in module.named_parameters():
            if network.name in ADDING and name.partition(".")[0] in ("last", "tail", "tails"):
                values.div_(NEAR_ZERO)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.1, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    return module


def picture(channels: int, height: int, width: int, count: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.rand(count, channels, height, width, generator=generator)


def by_tiles(module: nn.Module, x: Tensor, tile: int, step: int, halo: int, scale: int) -> Tensor:
    """The picture in tiles, each grown by the halo up to the next step, and cropped again."""
    margin = math.ceil(halo / step) * step
    _, _, height, width = x.shape
    rows = []
    for top in range(0, height, tile):
        row = []
        for left in range(0, width, tile):
            upper, lower = max(top - margin, 0), min(top + tile + margin, height)
            near, far = max(left - margin, 0), min(left + tile + margin, width)
            y = module(x[:, :, upper:lower, near:far])
            inside = y[:, :, (top - upper) * scale :, (left - near) * scale :]
            row.append(inside[:, :, : (min(tile, height - top)) * scale, : (min(tile, width - left)) * scale])
        rows.append(torch.cat(row, 3))
    return torch.cat(rows, 2)
