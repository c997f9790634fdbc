"""Efficient U-Net: pixel unshuffle, residual blocks, no biases and a global residual; the default for restoration.

Without biases and with ReLU, the network is homogeneous: scaling the input scales the output. So one network handles
all noise levels. With `noise_level`, the last input channel is a noise level, the threshold of some ReLUs; 0 means that
it is unknown. For outputs that are not a correction of the input (classes, colors, scenes), use
`global_residual=no` and `norm=batch`; for unknown blurs, `conditioned=yes`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Network, UpsamplerName
from repix.networks._blur_spectrum import CELL, CONDITION_CHANNELS, BlurDescriptor, condition_field
from repix.networks._layers import Norm, Widths, conv, normalization
from repix.networks._mean_free import MeanFreeStem
from repix.networks._noise_level import LevelConfiguration, NoiseThreshold, coarser
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, channel_mismatch, near_zero
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds

ResidualBlocks = Annotated[tuple[int, ...], "residual blocks per level, in encoder and decoder", Bounds(1, 64)]


@dataclass(frozen=True)
class Config(LevelConfiguration):
    """Settings of an efficient U-Net."""

    upsampler: UpsamplerName = "transposed kernel=2"
    widths: Widths = (48, 96, 160)
    blocks: ResidualBlocks = (2, 2, 3)
    unshuffle: Annotated[int, "pixel unshuffle factor of the input", Bounds(1, 4)] = 2
    norm: Norm = "none"
    global_residual: Annotated[bool, "add the output to the input; otherwise the output has biases"] = True
    mean_free: Annotated[
        bool, "mean-free first convolution, so that constant pictures stay constant; needs global_residual"
    ] = True
    conditioned: Annotated[bool, "condition the blocks on a descriptor of the local blur"] = False


class Residual(nn.Module):
    """Residual block: two 3×3 convolutions with a ReLU; a condition scales the channels between them.

    A noise level is a threshold of the ReLU.
    """

    def __init__(self, width: int, norm: str, cell: int, level: bool) -> None:
        super().__init__()
        self.first, self.second = (normalized(conv(width, width, bias=False), width, norm) for _ in range(2))
        self.cell = cell
        self.channel_gain = near_zero(nn.Conv2d(CONDITION_CHANNELS, width, 1)) if cell else None
        self.threshold = NoiseThreshold(width) if level else None

    def forward(self, x: Tensor, condition: Tensor | None, level: Tensor | None) -> Tensor:
        """N×C×H×W to the same shape; each vector of the condition (N×64×h×w) applies to a cell of pixels."""
        between = self.first(x)
        if self.threshold is not None:
            between = self.threshold(between, level)
        between = functional.relu(between)
        if self.channel_gain is not None and condition is not None:
            gain = 2 * self.channel_gain(condition).sigmoid()
            between = between * functional.interpolate(gain, scale_factor=self.cell, mode="nearest")
        y: Tensor = x + self.second(between)
        return y


class Residuals(nn.ModuleList):
    """A sequence of residual blocks with a common condition; the first one uses the noise level."""

    def forward(self, x: Tensor, condition: Tensor | None, level: Tensor | None) -> Tensor:
        """N×C×H×W to the same shape."""
        for block in self:
            x = block(x, condition, level)
        return x


class EfficientUnet(nn.Module):
    """Pixels to channels, a U-Net of residual blocks whose skips are added, channels to pixels, plus the picture.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.efficient_unet(widths=(8, 16), blocks=(1, 1))(torch.zeros(1, 3, 8, 4)).shape
        torch.Size([1, 3, 8, 4])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        upsampler = parse_upsampler(config.upsampler, bias=False)
        area, widths = config.unshuffle**2, config.widths
        norm = config.norm
        cells = [CELL // config.unshuffle // 2**level if config.conditioned else 0 for level in range(len(widths))]
        each = list(zip(widths, config.blocks, cells, strict=True))
        known = config.noise_level
        *levels, deepest = (_residuals(width, n, norm, cell, known) for width, n, cell in each)
        self.unshuffle = config.unshuffle
        self.descriptor = BlurDescriptor() if config.conditioned else None
        self.first = _first(config)
        self.down = nn.ModuleList(levels)
        self.shrink = nn.ModuleList(normalized(nn.Conv2d(a, b, 2, 2, bias=False), b, norm) for a, b in pairwise(widths))
        self.deepest = deepest
        self.enlarge = nn.ModuleList(upsampler.layer(b, a, 2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(_residuals(width, n, norm, cell, known) for width, n, cell in each[:-1])
        last = conv(widths[0], config.out_channels * area, bias=not config.global_residual)
        self.last, self.global_residual = near_zero(last) if config.global_residual else last, config.global_residual

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        x, noise = self.config.picture(x), x[:, -1:] if self.config.noise_level else None
        condition = self.descriptor(x) if self.descriptor else None
        y = self.first(x)  # N×48×H/2×W/2
        fine, noises = [y], [coarser(noise, self.unshuffle)]
        for blocks, shrink in zip(self.down, self.shrink, strict=True):
            fine.append(blocks(y, condition, noises[-1]))
            y = shrink(fine[-1])  # N×96×H/4×W/4, N×160×H/8×W/8
            noises.append(coarser(noises[-1], 2))
        y = self.deepest(y, condition, noises[-1])
        for level in reversed(range(len(self.up))):
            y = self.up[level](self.enlarge[level](y) + fine[level + 1], condition, noises[level])
        result = functional.pixel_shuffle(self.last(y + fine[0]), self.unshuffle)
        return add_residual(x, result) if self.global_residual else result


def _first(config: Config) -> nn.Module:
    """Return the stem: pixel unshuffle and the first convolution."""
    width, channels = config.widths[0], config.picture_channels
    if config.global_residual and config.mean_free:
        return nn.Sequential(MeanFreeStem(channels, width, config.unshuffle), normalization(width, config.norm))
    convolution = conv(channels * config.unshuffle**2, width, bias=False)
    return nn.Sequential(nn.PixelUnshuffle(config.unshuffle), normalized(convolution, width, config.norm))


def normalized(convolution: nn.Conv2d, channels: int, norm: str) -> nn.Module:
    """Return a convolution with its normalization, or alone without normalization."""
    return convolution if norm == "none" else nn.Sequential(convolution, normalization(channels, norm))


def _residuals(width: int, count: int, norm: str, cell: int, level: bool) -> Residuals:
    return Residuals(Residual(width, norm, cell, level and number == 0) for number in range(count))


def _receptive_field(config: Config) -> ReceptiveField:
    halo = parse_upsampler(config.upsampler, bias=False).halo(2)
    field = ReceptiveField().downsample(config.unshuffle).conv(3)
    if config.conditioned:
        field = field.join(condition_field(config.unshuffle))
    *levels, deepest = config.blocks
    for blocks in levels:
        field = field.conv(3, 2 * blocks).downsample(2)
    field = field.conv(3, 2 * deepest)
    for blocks in reversed(levels):
        field = field.upsample(2, halo).conv(3, 2 * blocks)
    field = field.conv(3).upsample(config.unshuffle, 0)
    return field.unbounded() if config.norm == "instance" else field


def _config_error(config: Config) -> str | None:
    if len(config.blocks) != len(config.widths):
        return f"There are {len(config.widths)} widths but {len(config.blocks)} numbers of blocks; give one per width."
    largest = config.unshuffle * 2 ** (len(config.widths) - 1)
    if config.conditioned and CELL % largest:
        return (
            f"Blocks are conditioned on cells of {CELL} pixels, but the deepest pixels cover {largest}; "
            "use `unshuffle` 1, 2 or 4, and fewer widths."
        )
    return channel_mismatch(config) if config.global_residual else None


NETWORK = Network(
    "efficient-unet",
    Config,
    EfficientUnet,
    _receptive_field,
    small=Config(widths=(4, 6, 8), blocks=(1, 1, 1)),
    config_error=_config_error,
    use="the default for restoration; with `global_residual=no norm=batch` for classes and colors",
)
