"""U-Netmer: a small U-Net on patches of several sizes, with attention between the patches.

He et al., 2023. The same weights take every patch size, and the disagreement between the sizes is a measure of
uncertainty. Attention relates all patches of a window, so pictures are converted in windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import lcm
from typing import Annotated

import torch
from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._attention import Transformer, width_error
from repix.networks._layers import Widths, conv, conv_stack
from repix.networks._receptive_field import ReceptiveField
from repix.networks._skip_levels import Decoder, Encoder
from repix.networks._upsampler_choice import parse_upsampler
from repix.networks._window_settings import Overlap, Window, made_windows, windows_error
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a U-Netmer."""

    upsampler: UpsamplerName = "bilinear"
    patch_sides: Annotated[
        tuple[int, ...], "sides of the patches, in pixels; results of all sides are averaged", Bounds(1, 1024)
    ] = (32, 64)
    widths: Widths = (16, 32, 64, 128)
    width: Annotated[int, "channels of the deepest features, and of a patch's token", Bounds(1, 4096)] = 192
    depth: Annotated[int, "transformer blocks", Bounds(1, 48)] = 4
    window: Window = 256
    overlap: Overlap = 64


class Unetmer(nn.Module):
    """A U-Netmer: each patch passes a U-Net alone, except for attention between the patches at its deepest level.

    In evaluation mode, the logits of all patch sizes are averaged. In training mode, a batch is divided among the patch
    sizes, so that each step trains every size and nothing is drawn at random; a batch with fewer pictures than sizes is
    computed in all of them.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.unetmer(out_channels=2, depth=1).eval()
        >>> module(torch.zeros(1, 3, 64, 128)).shape, len(module.by_patch_side(torch.zeros(1, 3, 64, 128)))
        (torch.Size([1, 2, 64, 128]), 2)
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        widths = config.widths
        self.patch_sides = config.patch_sides
        self.encoder = Encoder(config.in_channels, widths)
        self.deepest = conv_stack(widths[-1], (config.width,), (3,), "batch")
        self.transformer = Transformer(config.width, config.depth, config.window // min(config.patch_sides))
        self.decoder = Decoder(config.width, widths[::-1], widths[::-1], 1, parse_upsampler(config.upsampler))
        self.last = conv(widths[0], config.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        if self.training and len(x) >= len(self.patch_sides):
            return self._divided(x)
        results = self.by_patch_side(x)
        return sum(results[1:], start=results[0]) / len(results)

    def by_patch_side(self, x: Tensor) -> list[Tensor]:
        """Return the result of each patch size, in the order of the settings: N×C×H×W to N×C'×H×W each."""
        return [self._by_patches(x, side) for side in self.patch_sides]

    def disagreement(self, x: Tensor) -> Tensor:
        """Return the disagreement between the patch sizes, from 0 (equal probabilities) to 1: N×C×H×W to N×H×W.

        It is the mean of the total variation distances between the class probabilities of two sizes. He et al. rank
        pictures by it, without masks.
        """
        return disagreement([result.softmax(1) for result in self.by_patch_side(x)])

    def _divided(self, x: Tensor) -> Tensor:
        """Return the result of a batch whose pictures take the patch sizes in turn."""
        count, numbers = len(self.patch_sides), torch.arange(len(x), device=x.device)
        parts = [self._by_patches(x[first::count], side) for first, side in enumerate(self.patch_sides)]
        order = torch.cat([numbers[first::count] for first in range(count)])
        return torch.cat(parts)[order.argsort()]

    def _by_patches(self, x: Tensor, side: int) -> Tensor:
        """Return the result of one patch size."""
        count, _, height, width = x.shape
        down, across = height // side, width // side
        deep, fine = self.encoder(_patches(x, side))
        deep = self.deepest(deep)  # (N·down·across)×C×side/16×side/16
        tokens = deep.mean((2, 3)).reshape(count, down, across, -1).permute(0, 3, 1, 2)
        mixed = self.transformer(tokens).permute(0, 2, 3, 1).flatten(0, 2)
        y = self.last(self.decoder(deep + mixed[:, :, None, None], fine))
        parts = y.reshape(count, down, across, -1, side, side).permute(0, 3, 1, 4, 2, 5)
        whole: Tensor = parts.reshape(count, -1, height, width)
        return whole


def disagreement(probabilities: Sequence[Tensor]) -> Tensor:
    """Return the mean total variation distance between pairs of class probabilities: N×C×H×W each to N×H×W.

    Args:
        probabilities: the probabilities of each patch size.

    >>> one, other = torch.tensor([0.75, 0.25]), torch.tensor([0.5, 0.5])
    >>> disagreement([one.view(1, 2, 1, 1), other.view(1, 2, 1, 1)]).item()
    0.25
    """
    distances = [(one - other).abs().sum(1) / 2 for one, other in combinations(probabilities, 2)]
    return torch.stack(distances).mean(0) if distances else torch.zeros_like(probabilities[0][:, 0])


def _patches(x: Tensor, side: int) -> Tensor:
    """Return the patches of pictures: N×C×H×W to (N·H/side·W/side)×C×side×side."""
    count, channels, height, width = x.shape
    cut = x.reshape(count, channels, height // side, side, width // side, side)
    return cut.permute(0, 2, 4, 1, 3, 5).flatten(0, 2)


def _step(config: Config) -> int:
    return lcm(*config.patch_sides)


def _receptive_field(config: Config) -> ReceptiveField:
    return ReceptiveField().downsample(_step(config)).unbounded().upsample(_step(config), 0)


def _config_error(config: Config) -> str | None:
    pooled = 1 << len(config.widths)
    for side in config.patch_sides:
        if side % pooled:
            return f"patch_sides has {side}; with {len(config.widths)} widths they must be multiples of {pooled}."
    return width_error(config.width) or windows_error(config.window, config.overlap, _step(config))


NETWORK = Network(
    "unetmer",
    Config,
    Unetmer,
    _receptive_field,
    small=Config(patch_sides=(8, 16), widths=(4, 6), width=16, depth=1, window=32, overlap=16),
    config_error=_config_error,
    windows=lambda config: made_windows(config.window, config.overlap),
    use="segmentation by a U-Net on patches with attention between them; `module.disagreement(x)` for uncertainty",
)
