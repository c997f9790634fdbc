"""FCN: a classifier's encoder whose coarse scores are upsampled and fused with finer ones (32s, 16s, 8s)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._layers import ENCODER_WIDTHS, Widths, conv, he_conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds

Variant = Literal["32s", "16s", "8s"]

STAGES = 5
"""Levels of the encoder; the coarsest scores have stride 32."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of an FCN; the paper's has head 4096, head_kernel 7 and 134 million parameters."""

    upsampler: UpsamplerName = "bilinear"
    variant: Annotated[Variant, "stride of the finest scores: 32, 16 or 8 pixels"] = "8s"
    widths: Widths = ENCODER_WIDTHS
    convolutions: Annotated[tuple[int, ...], "convolutions per level", Bounds(1, 16)] = (2, 2, 3, 3, 3)
    head: Annotated[int, "channels of the two layers that replace a classifier's dense layers", Bounds(1, 4096)] = 512
    head_kernel: Annotated[int, "kernel size of the first of these layers", Bounds(1, 31, odd=True)] = 3


class Fcn(nn.Module):
    """An FCN: five levels with pooling, and 1×1 scores that are upsampled and added from coarse to fine.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.fcn(widths=(4, 4, 4, 4, 4), head=8)(torch.zeros(1, 3, 32, 64)).shape
        torch.Size([1, 3, 32, 64])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler, classes = parse_upsampler(config.upsampler), config.out_channels
        arriving = pairwise((config.in_channels, *config.widths))
        self.stages = nn.ModuleList(_stage(a, b, n) for (a, b), n in zip(arriving, config.convolutions, strict=True))
        self.head = nn.Sequential(
            he_conv(config.widths[-1], config.head, config.head_kernel), nn.ReLU(),
            he_conv(config.head, config.head, 1), nn.ReLU(), conv(config.head, classes, 1),
        )  # fmt: skip
        finer = config.widths[-2 : -2 - _refinements(config) : -1]
        self.scores = nn.ModuleList(conv(width, classes, 1) for width in finer)
        self.enlarge = nn.ModuleList(upsampler.layer(classes, classes, 2) for _ in finer)
        self.last = upsampler.layer(classes, classes, _last_scale(config))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        features = []
        for stage in self.stages:
            x = functional.max_pool2d(stage(x), 2)
            features.append(x)
        y = self.head(x)  # N×C'×H/32×W/32
        finer = features[-2::-1][: len(self.scores)]  # at a 16th, at an 8th
        for score, enlarge, across in zip(self.scores, self.enlarge, finer, strict=True):
            y = enlarge(y) + score(across)
        whole: Tensor = self.last(y)
        return whole


def _stage(in_channels: int, width: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for arriving in (in_channels, *(width,) * (convolutions - 1)):
        layers += [he_conv(arriving, width), nn.ReLU()]
    return nn.Sequential(*layers)


def _refinements(config: Config) -> int:
    """Return the number of finer scores that are added."""
    return {"32s": 0, "16s": 1, "8s": 2}[config.variant]


def _last_scale(config: Config) -> int:
    return 1 << (STAGES - _refinements(config))


def _receptive_field(config: Config) -> ReceptiveField:
    upsampler = parse_upsampler(config.upsampler)
    field = ReceptiveField()
    for convolutions in config.convolutions:
        field = field.conv(3, convolutions).downsample(2)
    field = field.conv(config.head_kernel)
    for _ in range(_refinements(config)):
        field = field.upsample(2, upsampler.halo(2))
    return field.upsample(_last_scale(config), upsampler.halo(_last_scale(config)))


def _config_error(config: Config) -> str | None:
    for name in ("widths", "convolutions"):
        if len(getattr(config, name)) != STAGES:
            return f"{name} has {len(getattr(config, name))} numbers; an FCN needs {STAGES}, one per level."
    return None


NETWORK = Network(
    "fcn",
    Config,
    Fcn,
    _receptive_field,
    small=Config(widths=(2, 2, 3, 4, 4), convolutions=(1, 1, 1, 1, 1), head=4),
    config_error=_config_error,
    use="segmentation by coarse scores fused with finer ones (32s, 16s, 8s)",
)
