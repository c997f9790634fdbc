"""Levels of a U-Net whose skip connections begin at full resolution, for structures of one or two pixels."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks._layers import conv_stack
from repix.networks._upsampler_choice import ConfiguredUpsampler


class Encoder(nn.Module):
    """Levels of two convolutions, each followed by 2×2 max pooling."""

    def __init__(self, in_channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.levels = nn.ModuleList(conv_stack(a, (b, b), (3, 3), "batch") for a, b in pairwise((in_channels, *widths)))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the pooled features of the last level, and the skips of all levels, finest first."""
        fine = []
        for level in self.levels:
            x = level(x)
            fine.append(x)
            x = functional.max_pool2d(x, 2)
        return x, fine


class Decoder(nn.Module):
    """Levels of an upsampler, a concatenated skip and convolutions; levels beyond the skips have none.

    Args:
        in_channels: channels of the coarsest features.
        widths: channels of each level, coarsest first.
        skips: channels of each level's skip, coarsest first; 0 without one.
        blocks: convolutions per level.
        upsampler: the upsampler.
    """

    def __init__(
        self, in_channels: int, widths: Sequence[int], skips: Sequence[int], blocks: int, upsampler: ConfiguredUpsampler
    ) -> None:
        super().__init__()
        self.enlarge, self.convolutions = nn.ModuleList(), nn.ModuleList()
        for (arriving, width), skip in zip(pairwise((in_channels, *widths)), skips, strict=True):
            carried = upsampler.output_channels(arriving, width, 2)
            self.enlarge.append(upsampler.layer(arriving, carried, 2))
            self.convolutions.append(conv_stack(carried + skip, (width,) * blocks, (3,) * blocks, "batch"))

    def forward(self, x: Tensor, fine: Sequence[Tensor]) -> Tensor:
        """Return N×C×H×W of the coarsest features, and of the skips, finest first."""
        left = list(fine)
        for enlarge, convolutions in zip(self.enlarge, self.convolutions, strict=True):
            x = enlarge(x)
            x = convolutions(torch.cat((x, left.pop()), 1) if left else x)
        return x
