"""What a network really does to sizes and neighborhoods, measured on the module."""

import math

import scipy.signal
import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.conversion import Windows
from repix.networks import Network
from repix.networks._residual import NEAR_ZERO

ADDING = ("dncnn", "efficient-unet", "compact", "rrdb", "sft", "super-resolution")
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


def by_windows(module: nn.Module, x: Tensor, windows: Windows, weights: Tensor) -> Tensor:
    """The weighted mean of a module's windows by torch's fold, for a padded picture; weights are size × size."""
    size, stride = windows.size, windows.stride
    height, width = x.shape[2:]
    cuts = functional.unfold(x, size, stride=stride)[0].T.reshape(-1, x.shape[1], size, size)
    results = torch.stack([module(cut[None])[0] for cut in cuts])  # windows×C'×size×size
    weighted = (results * weights).flatten(1).T[None]
    every = weights.expand(len(cuts), 1, size, size).flatten(1).T[None]
    whole, total = (functional.fold(one.double(), (height, width), size, stride=stride) for one in (weighted, every))
    return (whole / total).float()


def window_weights(windows: Windows) -> Tensor:
    """The weights of a window by SciPy."""
    name = {"hann": "hann", "triangular": "triang", "uniform": "boxcar"}[windows.blending]
    if name == "hann":  # SciPy's is sampled at whole numbers, and is 0 at the end; ours at the middle of each pixel
        row = torch.from_numpy(scipy.signal.windows.hann(2 * windows.size + 1)[1::2])
    else:
        row = torch.from_numpy(scipy.signal.windows.get_window(name, windows.size, fftbins=False))
    return torch.outer(row, row).float()
