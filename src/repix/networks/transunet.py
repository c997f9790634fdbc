"""TransUNet: a convolutional stem, a transformer between features at 1/16 of the size, and a decoder with skips.

Chen et al., 2021. Attention relates all features of a window, so pictures are converted in windows.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._attention import Transformer, width_error
from repix.networks._layers import conv, conv_stack
from repix.networks._receptive_field import ReceptiveField
from repix.networks._resnet import ResNetStem
from repix.networks._skip_levels import Decoder, Encoder
from repix.networks._upsampler_choice import parse_upsampler
from repix.networks._window_settings import Overlap, Window, made_windows, windows_error
from repix.parameters import Bounds

STEP = 16
"""Pixels of a token."""


@dataclass(frozen=True)
class _Variant:
    """The sizes of a variant."""

    widths: tuple[int, int, int, int]
    width: int
    depth: int


VARIANTS = {
    "small": _Variant((16, 32, 64, 128), 192, 4),
    "paper": _Variant((64, 256, 512, 1024), 768, 12),
}


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a TransUNet.

    >>> Config(variant="paper").sizes
    _Variant(widths=(64, 256, 512, 1024), width=768, depth=12)
    """

    upsampler: UpsamplerName = "bilinear"
    variant: Annotated[
        Literal["small", "paper"], "small trains on a processor; paper has the published ResNet-50 stem and ViT-B/16"
    ] = "small"
    widths: Annotated[
        tuple[int, ...], "channels of the stem's four levels, finest first; default: the variant's", Bounds(1, 4096)
    ] = ()
    width: Annotated[int, "channels of a token; 0: the variant's", Bounds(0, 4096)] = 0
    depth: Annotated[int, "transformer blocks; 0: the variant's", Bounds(0, 48)] = 0
    window: Window = 256
    overlap: Overlap = 64

    @property
    def sizes(self) -> _Variant:
        """The sizes that are given, and the variant's for the others."""
        usual = VARIANTS[self.variant]
        first, second, third, fourth = self.widths or usual.widths
        return _Variant((first, second, third, fourth), self.width or usual.width, self.depth or usual.depth)


class Transunet(nn.Module):
    """A TransUNet: convolutions, attention between their features at 1/16 of the size, and a decoder with skips.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.transunet(out_channels=2, depth=1)(torch.zeros(1, 3, 32, 48)).shape
        torch.Size([1, 2, 32, 48])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        sizes, upsampler = config.sizes, parse_upsampler(config.upsampler)
        widths, paper = sizes.widths, config.variant == "paper"
        if paper:
            skips = (*widths[2::-1], 0)
            channels = (max(widths[2] // 2, 1), max(widths[1] // 2, 1), widths[0], max(widths[0] // 4, 1))
            arriving = max(widths[3] // 2, 1)
        else:
            skips, channels, arriving = widths[::-1], widths[::-1], widths[3]
        self.stem = ResNetStem(config.in_channels, widths) if paper else Encoder(config.in_channels, widths)
        self.embed = conv(widths[3], sizes.width, 1)
        self.transformer = Transformer(sizes.width, sizes.depth, config.window // STEP)
        self.leave = conv_stack(sizes.width, (arriving,), (3,), "batch")
        self.decoder = Decoder(arriving, channels, skips, 2 if paper else 1, upsampler)
        self.last = conv(channels[-1], config.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        deep, fine = self.stem(x)  # N×128×H/16×W/16; N×16×H×W, N×32×H/2×W/2 ...
        mixed = self.transformer(self.embed(deep))
        y: Tensor = self.last(self.decoder(self.leave(mixed), fine))
        return y


def _receptive_field(_: Config) -> ReceptiveField:
    return ReceptiveField().downsample(STEP).unbounded().upsample(STEP, 0)


def _config_error(config: Config) -> str | None:
    if len(config.widths) not in (0, 4):
        return f"There are {len(config.widths)} widths; transunet needs 4, one for each level of its stem."
    return width_error(config.sizes.width) or windows_error(config.window, config.overlap, STEP)


NETWORK = Network(
    "transunet",
    Config,
    Transunet,
    _receptive_field,
    small=Config(widths=(4, 6, 8, 12), width=16, depth=1, window=64, overlap=16),
    config_error=_config_error,
    windows=lambda config: made_windows(config.window, config.overlap),
    use="segmentation by convolutions and attention, in windows; `variant=paper` as published",
)
