"""Luma, then chroma: a denoiser of gray pictures, and a colorizer that sees its result.

Each stage is an efficient U-Net with the settings of a bundled model, from which it can start. The result is RGB: the
luma plus a weighted sum of both chroma channels, as in JPEG's YCbCr.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from torch import Tensor, nn

from repix.arithmetic.color import MIDDLE, ycbcr_to_rgb
from repix.networks import Configuration, InChannels, Network, OutChannels, UpsamplerName
from repix.networks._layers import Widths
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual
from repix.networks.efficient_unet import NETWORK as STAGE
from repix.networks.efficient_unet import Config as StageConfig
from repix.networks.efficient_unet import EfficientUnet, ResidualBlocks
from repix.parameters import Bounds

COLORS = ycbcr_to_rgb(np.array([[[0, MIDDLE + 1, MIDDLE], [0, MIDDLE, MIDDLE + 1]]]))[0].tolist()
"""Red, green and blue of a unit of Cb, and of Cr."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a luma-chroma network."""

    in_channels: InChannels = 1
    out_channels: OutChannels = 3
    upsampler: UpsamplerName = "transposed kernel=2"
    luma_widths: Widths = (48, 96, 160)
    luma_blocks: ResidualBlocks = (2, 2, 3)
    luma_unshuffle: Annotated[int, "pixel unshuffle factor of the denoiser's input", Bounds(1, 4)] = 2
    chroma_widths: Widths = (32, 64, 128, 160)
    chroma_blocks: ResidualBlocks = (1, 1, 2, 3)
    chroma_unshuffle: Annotated[int, "pixel unshuffle factor of the colorizer's input", Bounds(1, 4)] = 4


class LumaChroma(nn.Module):
    """Two efficient U-Nets: noisy gray to luma, then luma to chroma.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.luma_chroma()(torch.zeros(1, 1, 32, 64)).shape
        torch.Size([1, 3, 32, 64])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        luma, chroma = _stages(config)
        self.luma = EfficientUnet(luma)
        self.chroma = EfficientUnet(chroma)

    def forward(self, x: Tensor) -> Tensor:
        """N×1×H×W to N×3×H×W."""
        luma = self.luma(x)
        return add_residual(luma, spread(self.chroma(luma)))


def spread(chroma: Tensor) -> Tensor:
    """Return red, green and blue minus luma, N×3×H×W, of Cb and Cr, N×2×H×W, where 0 is gray.

    >>> [round(one, 4) for one in spread(torch.tensor([0.0, 0.5]).reshape(1, 2, 1, 1)).flatten().tolist()]
    [0.701, -0.3571, 0.0]
    """
    blue, red = chroma.chunk(2, 1)
    (_, green_of_blue, blue_of_blue), (red_of_red, green_of_red, _) = COLORS
    return torch.cat([red_of_red * red, green_of_blue * blue + green_of_red * red, blue_of_blue * blue], 1)


def _stages(config: Config) -> tuple[StageConfig, StageConfig]:
    """Return the settings of denoiser and colorizer."""
    luma = StageConfig(
        in_channels=1,
        out_channels=1,
        upsampler=config.upsampler,
        widths=config.luma_widths,
        blocks=config.luma_blocks,
        unshuffle=config.luma_unshuffle,
    )
    chroma = StageConfig(
        in_channels=1,
        out_channels=2,
        upsampler=config.upsampler,
        widths=config.chroma_widths,
        blocks=config.chroma_blocks,
        unshuffle=config.chroma_unshuffle,
        norm="batch",
        global_residual=False,
    )
    return luma, chroma


def _receptive_field(config: Config) -> ReceptiveField:
    """Return the receptive field: the colorizer's around that of the denoiser."""
    luma, chroma = map(STAGE.receptive_field, _stages(config))
    return luma.then(chroma)


def _config_error(config: Config) -> str | None:
    if (config.in_channels, config.out_channels) != (1, 3):
        return (
            f"in_channels is {config.in_channels} and out_channels is {config.out_channels}, but the network returns "
            "red, green and blue of a gray picture; give 1 and 3."
        )
    for name, stage in zip(("luma", "chroma"), _stages(config), strict=True):
        reason = STAGE.config_error(stage)
        if reason is not None:
            return f"{name}: {reason}"
    return None


NETWORK = Network(
    "luma-chroma",
    Config,
    LumaChroma,
    _receptive_field,
    small=Config(
        luma_widths=(4, 6), luma_blocks=(1, 1), chroma_widths=(4, 6), chroma_blocks=(1, 1), chroma_unshuffle=2
    ),
    config_error=_config_error,
    use="noisy gray pictures to color: a denoiser, then a colorizer, trained as one (`restore`)",
)
