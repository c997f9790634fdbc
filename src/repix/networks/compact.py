"""Compact: trained wide, with several convolutions side by side, and run narrow, as the one convolution they add up to.

Convolutions of the same input that are added are one convolution whose kernels are the sums: a 3×3, a 1×1 that sits
in the middle of a 3×3, the picture itself (a 1 in the middle), and a 1×1 followed by a 3×3. Training has all of them,
the network that is run pays for one. A ReLU cannot be folded in, so there is one after each sum only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.errors import WrongUse
from repix.networks import Configuration, Network
from repix.networks._chosen import Chosen, chosen
from repix.networks._layers import rectified, same
from repix.networks._reach import Reach
from repix.networks._residual import added, faint, mismatch
from repix.networks._smooth import Smooth, through_smooth
from repix.parameters import Bounds

FRAME = 5
"""Edge pixels that are repeated around a picture: the detail bends within about so many pixels of zero padding."""


@dataclass(frozen=True)
class Config(Configuration):
    """The settings of a compact network."""

    scale: Annotated[int, "how many times larger the result is; 1 enlarges nothing", Bounds(1, 16)] = 2
    upsampler: Annotated[
        str | None, "the upsampler, with its settings behind it; left out: pixel-shuffle, and none at scale 1"
    ] = None
    depth: Annotated[int, "convolutions before the last", Bounds(1, 100)] = 8
    width: Annotated[int, "channels between them", Bounds(1, 4096)] = 48
    wide: Annotated[bool, "whether every convolution is the sum of several, as it is trained"] = True


def compact(config: Config | None = None) -> nn.Module:
    """3×3 convolutions with ReLU at the small size, the upsampler at the end, plus the picture.

    >>> compact(Config(wide=False, depth=2, width=8))(torch.zeros(1, 3, 5, 7)).shape
    torch.Size([1, 3, 10, 14])
    """
    return NETWORK.module(config)


class WideConvolution(nn.Module):
    """Four convolutions side by side that are one 3×3 convolution."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        middle = 2 * channels_out
        self.square = same(channels_in, channels_out)
        self.point = same(channels_in, channels_out, 1, bias=False)
        self.expand = same(channels_in, middle, 1, bias=False)  # a bias here would not reach beyond the border
        self.gather = same(middle, channels_out, bias=False)
        self.through = channels_in == channels_out

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W; the kernels are added before they meet the picture, which costs as little as one."""
        y: Tensor = self.square._conv_forward(x, self.kernel(), self.square.bias)
        return y

    def kernel(self) -> Tensor:
        """The one kernel that does the same: C'×C×3×3."""
        point = functional.pad(self.point.weight, (1, 1, 1, 1))
        gathered = torch.einsum("omhw,mi->oihw", self.gather.weight, self.expand.weight[:, :, 0, 0])
        kernel = self.square.weight + point + gathered
        if self.through:
            kernel = kernel + functional.pad(torch.eye(len(kernel)).to(kernel)[:, :, None, None], (1, 1, 1, 1))
        return kernel

    def from_exported(self, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights with which this is the exported convolution: the square one gives what the others lack.

        >>> narrow, wide = nn.Conv2d(4, 4, 3, padding=1), WideConvolution(4, 4)
        >>> wide.load_state_dict(wide.from_exported(narrow.state_dict()))
        <All keys matched successfully>
        >>> x = torch.rand(1, 4, 5, 5)
        >>> bool(torch.allclose(wide(x), narrow(x), atol=1e-6))
        True
        """
        own = {name: value.detach() for name, value in self.state_dict().items()}
        others = self.kernel().detach() - own["square.weight"]
        return own | {"square.weight": exported["weight"] - others, "square.bias": exported["bias"]}


class Compact(nn.Module):
    """The module."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        convolution = WideConvolution if config.wide else rectified
        arriving = (config.channels_in, *(config.width,) * (config.depth - 1))
        self.body = nn.ModuleList(convolution(channels, config.width) for channels in arriving)
        if config.scale == 1:
            self.last: nn.Module = faint(same(config.width, config.channels_out))
            self.smooth: nn.Module = nn.Identity()
        else:
            self.last = faint(_enlarging(config).layer(config.width, config.channels_out, config.scale))
            self.smooth = Smooth(config.scale)
        self.config = config

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        if self.training:  # patches come from the middle of pictures: their borders are not what is learned
            return added(self.smooth(x), self.detail(x))
        frame = FRAME * self.config.scale
        detail = self.detail(functional.pad(x, (FRAME,) * 4, mode="replicate"))
        return added(self.smooth(x), detail[:, :, frame:-frame, frame:-frame])

    def detail(self, x: Tensor) -> Tensor:
        """What is added to the smooth picture, bent a little along the borders by zero padding."""
        for convolution in self.body:
            x = functional.relu(convolution(x))
        y: Tensor = self.last(x)
        return y


def narrowed(module: nn.Module) -> nn.Module:
    """The narrow network that gives the same pictures as a wide one.

    >>> wide = compact(Config(depth=2, width=8))
    >>> x = torch.rand(1, 3, 6, 5)
    >>> bool(torch.allclose(narrowed(wide)(x), wide(x), atol=1e-5))
    True
    """
    if not isinstance(module, Compact) or not module.config.wide:
        raise WrongUse("Only a wide compact network can be narrowed; this module is none.")
    narrow = compact(replace(module.config, wide=False))
    state = {name: value for name, value in module.state_dict().items() if not name.startswith("body.")}
    for i, convolution in enumerate(module.body):
        assert isinstance(convolution, WideConvolution)  # noqa: S101 (for the type checker)
        state[f"body.{i}.weight"] = convolution.kernel().detach()
        state[f"body.{i}.bias"] = convolution.square.state_dict()["bias"]
    narrow.load_state_dict(state)
    return narrow.to(next(module.parameters())).train(module.training)


def _narrow(module: nn.Module, config: Config) -> tuple[nn.Module, Config]:
    return (narrowed(module), replace(config, wide=False)) if config.wide else (module, config)


def _enlarging(config: Config) -> Chosen:
    return chosen("pixel-shuffle" if config.upsampler is None else config.upsampler)


def _objection(config: Config) -> str | None:
    if config.scale == 1 and config.upsampler is not None:
        return f"upsampler is '{config.upsampler}', but scale is 1 and nothing is enlarged; leave one of them out."
    return mismatch(config)


def _reach(config: Config) -> Reach:
    reach = Reach().convolved(3, config.depth)
    if config.scale == 1:
        return reach.convolved(3)
    enlarged = reach.enlarged(config.scale, _enlarging(config).halo(config.scale))
    return enlarged.joined(through_smooth(Reach(), config.scale))


def _widen(config: Config) -> Config:
    return replace(config, wide=True)


NETWORK = Network(
    "compact",
    Config,
    Compact,
    _reach,
    small=Config(depth=2, width=6),
    objection=_objection,
    narrow=_narrow,
    widen=_widen,
)
