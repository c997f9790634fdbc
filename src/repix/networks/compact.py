"""Compact: trained wide, with several convolutions side by side, and run narrow, as the one convolution they add up to.

Convolutions of the same input that are added are one convolution whose kernels are the sums: a 3×3, a 1×1 that sits
in the middle of a 3×3, the picture itself (a 1 in the middle), and a 1×1 followed by a 3×3. Training has all of them,
the network that is run pays for one. A ReLU cannot be folded in, so there is one after each sum only.
"""

from dataclasses import dataclass, replace
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.errors import WrongUse
from repix.networks import Configuration, Network
from repix.networks._bilinear import Bilinear, bilinear_field
from repix.networks._layers import conv, he_conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, channel_mismatch, near_zero
from repix.networks._upsampler_choice import ConfiguredUpsampler, parse_upsampler
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
    multi_branch: Annotated[bool, "whether every convolution is the sum of several, as it is trained"] = True


class WideConvolution(nn.Module):
    """Four convolutions side by side that are one 3×3 convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        middle = 2 * out_channels
        self.square = conv(in_channels, out_channels)
        self.point = conv(in_channels, out_channels, 1, bias=False)
        self.expand = conv(in_channels, middle, 1, bias=False)  # a bias here would not field beyond the border
        self.gather = conv(middle, out_channels, bias=False)
        self.through = in_channels == out_channels

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


class Compact(nn.Module):
    """3×3 convolutions with ReLU at the small size, the upsampler at the end, plus the picture.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.compact(multi_branch=False, depth=2, width=8)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 10, 14])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        convolution = WideConvolution if config.multi_branch else he_conv
        arriving = (config.in_channels, *(config.width,) * (config.depth - 1))
        self.body = nn.ModuleList(convolution(channels, config.width) for channels in arriving)
        if config.scale == 1:
            self.last: nn.Module = near_zero(conv(config.width, config.out_channels))
            self.bilinear: nn.Module = nn.Identity()
        else:
            self.last = near_zero(_upsampler(config).layer(config.width, config.out_channels, config.scale))
            self.bilinear = Bilinear(config.scale)
        self.config = config

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        if self.training:  # patches come from the middle of pictures: their borders are not what is learned
            return add_residual(self.bilinear(x), self.detail(x))
        frame = FRAME * self.config.scale
        detail = self.detail(functional.pad(x, (FRAME,) * 4, mode="replicate"))
        return add_residual(self.bilinear(x), detail[:, :, frame:-frame, frame:-frame])

    def detail(self, x: Tensor) -> Tensor:
        """What is added to the smooth picture, bent a little along the borders by zero padding."""
        for convolution in self.body:
            x = functional.relu(convolution(x))
        y: Tensor = self.last(x)
        return y


def reparameterized(module: nn.Module) -> nn.Module:
    """The narrow network that gives the same pictures as a wide one.

    >>> wide = NETWORK.module(Config(depth=2, width=8))
    >>> x = torch.rand(1, 3, 6, 5)
    >>> bool(torch.allclose(reparameterized(wide)(x), wide(x), atol=1e-5))
    True
    """
    if not isinstance(module, Compact) or not module.config.multi_branch:
        raise WrongUse("Only a wide compact network can be reparameterized; this module is none.")
    narrow = NETWORK.module(replace(module.config, multi_branch=False))
    state = {name: value for name, value in module.state_dict().items() if not name.startswith("body.")}
    for i, convolution in enumerate(module.body):
        assert isinstance(convolution, WideConvolution)  # noqa: S101 (for the type checker)
        state[f"body.{i}.weight"] = convolution.kernel().detach()
        state[f"body.{i}.bias"] = convolution.square.state_dict()["bias"]
    narrow.load_state_dict(state)
    return narrow.to(next(module.parameters())).train(module.training)


def _reparameterize(module: nn.Module, config: Config) -> tuple[nn.Module, Config]:
    return (reparameterized(module), replace(config, multi_branch=False)) if config.multi_branch else (module, config)


def _upsampler(config: Config) -> ConfiguredUpsampler:
    return parse_upsampler("pixel-shuffle" if config.upsampler is None else config.upsampler)


def _config_error(config: Config) -> str | None:
    if config.scale == 1 and config.upsampler is not None:
        return f"upsampler is '{config.upsampler}', but scale is 1 and nothing is enlarged; leave one of them out."
    return channel_mismatch(config)


def _receptive_field(config: Config) -> ReceptiveField:
    field = ReceptiveField().conv(3, config.depth)
    if config.scale == 1:
        return field.conv(3)
    enlarged = field.upsample(config.scale, _upsampler(config).halo(config.scale))
    return enlarged.join(bilinear_field(ReceptiveField(), config.scale))


NETWORK = Network(
    "compact",
    Config,
    Compact,
    _receptive_field,
    small=Config(depth=2, width=6),
    config_error=_config_error,
    reparameterize=_reparameterize,
)
