"""FCN: a classifier's encoder whose coarse scores are enlarged and refined by finer ones (32s, 16s, 8s)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._chosen import chosen
from repix.networks._layers import DECK, Widths, rectified, same
from repix.networks._reach import Reach
from repix.parameters import Bounds

Variant = Literal["32s", "16s", "8s"]

STAGES = 5
"""Each halves the size, so that the scores are at a 32nd."""


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of an FCN; the paper's has head 4096 and head_kernel 7, and 134 million parameters."""

    upsampler: UpsamplerName = "bilinear"
    variant: Annotated[Variant, "how coarse the finest scores are: 32, 16 or 8 pixels a score"] = "8s"
    widths: Widths = DECK
    convolutions: Annotated[tuple[int, ...], "convolutions of each level", Bounds(1, 16)] = (2, 2, 3, 3, 3)
    head: Annotated[
        int, "channels of the two layers that take the place of a classifier's dense ones", Bounds(1, 4096)
    ] = 512
    head_kernel: Annotated[int, "side of the kernel of the first of them", Bounds(1, 31, odd=True)] = 3


def fcn(config: Config | None = None) -> nn.Module:
    """Five levels of convolutions and pooling, scores by 1×1 convolutions, enlarged and added from coarse to fine.

    >>> import torch
    >>> fcn(Config(widths=(4, 4, 4, 4, 4), head=8))(torch.zeros(1, 3, 32, 64)).shape
    torch.Size([1, 3, 32, 64])
    """
    return NETWORK.module(config)


class Fcn(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        enlarging, classes = chosen(config.upsampler), config.channels_out
        arriving = pairwise((config.channels_in, *config.widths))
        self.stages = nn.ModuleList(_stage(a, b, n) for (a, b), n in zip(arriving, config.convolutions, strict=True))
        self.head = nn.Sequential(
            rectified(config.widths[-1], config.head, config.head_kernel), nn.ReLU(),
            rectified(config.head, config.head, 1), nn.ReLU(), same(config.head, classes, 1),
        )  # fmt: skip
        finer = config.widths[-2 : -2 - _refinements(config) : -1]
        self.scores = nn.ModuleList(same(width, classes, 1) for width in finer)
        self.enlarge = nn.ModuleList(enlarging.layer(classes, classes, 2) for _ in finer)
        self.last = enlarging.layer(classes, classes, _last_scale(config))

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


def _stage(channels_in: int, width: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for arriving in (channels_in, *(width,) * (convolutions - 1)):
        layers += [rectified(arriving, width), nn.ReLU()]
    return nn.Sequential(*layers)


def _refinements(config: Config) -> int:
    """How many finer scores are added."""
    return {"32s": 0, "16s": 1, "8s": 2}[config.variant]


def _last_scale(config: Config) -> int:
    return 1 << (STAGES - _refinements(config))


def _reach(config: Config) -> Reach:
    enlarging = chosen(config.upsampler)
    reach = Reach()
    for convolutions in config.convolutions:
        reach = reach.convolved(3, convolutions).shrunk(2)
    reach = reach.convolved(config.head_kernel)
    for _ in range(_refinements(config)):
        reach = reach.enlarged(2, enlarging.halo(2))
    return reach.enlarged(_last_scale(config), enlarging.halo(_last_scale(config)))


def _objection(config: Config) -> str | None:
    for name in ("widths", "convolutions"):
        if len(getattr(config, name)) != STAGES:
            return f"{name} has {len(getattr(config, name))} numbers; an FCN has {STAGES} levels, so give {STAGES}."
    return None


NETWORK = Network(
    "fcn",
    Config,
    Fcn,
    _reach,
    small=Config(widths=(2, 2, 3, 4, 4), convolutions=(1, 1, 1, 1, 1), head=4),
    objection=_objection,
)
