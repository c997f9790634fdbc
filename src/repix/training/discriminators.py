"""Discriminators of adversarial training: plain modules that score how real each part of a picture looks.

Both have spectral normalization: each kernel is divided by its largest singular value, which is estimated by one power
iteration for each forward pass in training. A discriminator whose slope is bounded gives gradients to the generator
also where it is right.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu
from torch.nn.utils.parametrizations import spectral_norm

DiscriminatorName = Literal["patch", "unet"]
SLOPE = 0.2
"""Of the leaky ReLU, for negative values."""


class PatchDiscriminator(nn.Module):
    """PatchGAN (Isola et al., 2017): five convolutions of 4×4; each score sees 70×70 pixels.

    N×C×H×W to N×1×(H/8-2)×(W/8-2), from 24×24 pixels on. The published one has batch normalization in place of spectral
    normalization.

    Example:
        >>> import torch
        >>> PatchDiscriminator(3, 4)(torch.zeros(1, 3, 64, 48)).shape
        torch.Size([1, 1, 6, 4])
    """

    least = 24
    """The smallest height and width."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        widths = (channels, width, 2 * width, 4 * width, 8 * width, 1)
        strides = (2, 2, 2, 1, 1)
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 4, stride, 1))
            for before, after, stride in zip(widths, widths[1:], strides, strict=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of overlapping patches."""
        *hidden, last = self.layers
        for layer in hidden:
            x = leaky_relu(layer(x), SLOPE)
        scores: Tensor = last(x)
        return scores


class UnetDiscriminator(nn.Module):
    """U-Net with spectral normalization (Wang et al., "Real-ESRGAN", 2021): a score for each pixel.

    N×C×H×W to N×1×H×W, from 8×8 pixels on. As published, the first and the last convolution are not normalized, and
    skips are added.

    Example:
        >>> import torch
        >>> UnetDiscriminator(3, 4)(torch.zeros(1, 3, 17, 24)).shape
        torch.Size([1, 1, 17, 24])
    """

    least = 8
    """The smallest height and width."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width, 8 * width)
        self.first = nn.Conv2d(channels, width, 3, 1, 1)
        self.down = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 4, 2, 1, bias=False)) for before, after in pairwise(widths)
        )
        self.up = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 3, 1, 1, bias=False))
            for before, after in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.fine = nn.ModuleList(spectral_norm(nn.Conv2d(width, width, 3, 1, 1, bias=False)) for _ in range(2))
        self.last = nn.Conv2d(width, 1, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the score of each pixel."""
        x = leaky_relu(self.first(x), SLOPE)
        skips = []
        for layer in self.down:
            skips.append(x)
            x = leaky_relu(layer(x), SLOPE)  # N×8width×H/8×W/8 at last
        for layer in self.up:
            skip = skips.pop()
            x = interpolate(x, skip.shape[2:], mode="bilinear", align_corners=False)
            x = leaky_relu(layer(x), SLOPE) + skip
        for layer in self.fine:
            x = leaky_relu(layer(x), SLOPE)
        scores: Tensor = self.last(x)
        return scores


DISCRIMINATORS: Mapping[DiscriminatorName, type[PatchDiscriminator] | type[UnetDiscriminator]] = {
    "patch": PatchDiscriminator,
    "unet": UnetDiscriminator,
}
"""The discriminators by name."""
