"""Compact: a small network with structural reparameterization (multi-branch training, single-branch inference).

Parallel convolutions that are added equal one convolution with the sum of their kernels: a 3×3, a 1×1, the identity,
and a 1×1 followed by a 3×3. The network is trained with all branches and exported with one convolution per layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.errors import WrongUse
from repix.networks import Network
from repix.networks._bilinear import Bilinear, bilinear_field
from repix.networks._layers import conv, he_conv
from repix.networks._noise_level import LevelConfiguration
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, channel_mismatch, near_zero
from repix.networks._upsampler_choice import ConfiguredUpsampler, parse_upsampler
from repix.parameters import Bounds

FRAME = 5
"""Pixels of replication padding at inference; zero padding changes the output up to about this distance."""


@dataclass(frozen=True)
class Config(LevelConfiguration):
    """Settings of a compact network."""

    scale: Annotated[int, "upsampling factor; 1: none", Bounds(1, 16)] = 2
    upsampler: Annotated[str | None, "upsampler with its settings; default: pixel-shuffle, or none at scale 1"] = None
    depth: Annotated[int, "convolutions before the last one", Bounds(1, 100)] = 8
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 48
    multi_branch: Annotated[bool, "multi-branch convolutions, for training; export merges the branches"] = True


class MultiBranchConvolution(nn.Module):
    """Four parallel branches that equal one 3×3 convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        middle = 2 * out_channels
        self.square = conv(in_channels, out_channels)
        self.point = conv(in_channels, out_channels, 1, bias=False)
        self.expand = conv(in_channels, middle, 1, bias=False)  # a bias would be missing in the padding
        self.gather = conv(middle, out_channels, bias=False)
        self.through = in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W; the kernels are merged first, at the cost of one convolution."""
        y: Tensor = self.square._conv_forward(x, self.kernel(), self.square.bias)
        return y

    def kernel(self) -> Tensor:
        """Return the merged kernel C'×C×3×3."""
        point = functional.pad(self.point.weight, (1, 1, 1, 1))
        gathered = torch.einsum("omhw,mi->oihw", self.gather.weight, self.expand.weight[:, :, 0, 0])
        kernel = self.square.weight + point + gathered
        if self.through:
            kernel = kernel + functional.pad(torch.eye(len(kernel)).to(kernel)[:, :, None, None], (1, 1, 1, 1))
        return kernel

    def from_exported(self, exported: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the weights with which this is the exported convolution: the square one gives what the others lack.

        >>> narrow, wide = nn.Conv2d(4, 4, 3, padding=1), MultiBranchConvolution(4, 4)
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
    """3×3 convolutions with ReLU at the small size, the upsampler at the end, plus the picture.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.compact(multi_branch=False, depth=2, width=8)(torch.zeros(1, 3, 5, 7)).shape
        torch.Size([1, 3, 10, 14])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        convolution = MultiBranchConvolution if config.multi_branch else he_conv
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
        large = self.bilinear(self.config.picture(x))
        if self.training:  # the borders of training patches are not borders of pictures
            return add_residual(large, self.detail(x))
        frame = FRAME * self.config.scale
        detail = self.detail(functional.pad(x, (FRAME,) * 4, mode="replicate"))
        return add_residual(large, detail[:, :, frame:-frame, frame:-frame])

    def detail(self, x: Tensor) -> Tensor:
        """Return the residual of the upsampled picture; zero padding changes it near the border."""
        for convolution in self.body:
            x = functional.relu(convolution(x))
        y: Tensor = self.last(x)
        return y


def reparameterized(module: nn.Module) -> nn.Module:
    """Return the single-branch network with the same outputs as a multi-branch one.

    Raises:
        WrongUse: the module is not a multi-branch compact network.

    >>> wide = NETWORK.module(Config(depth=2, width=8))
    >>> x = torch.rand(1, 3, 6, 5)
    >>> bool(torch.allclose(reparameterized(wide)(x), wide(x), atol=1e-5))
    True
    """
    if not isinstance(module, Compact) or not module.config.multi_branch:
        raise WrongUse("Only a compact network with multi_branch=True can be reparameterized.")
    narrow = NETWORK.module(replace(module.config, multi_branch=False))
    state = {name: value for name, value in module.state_dict().items() if not name.startswith("body.")}
    for i, convolution in enumerate(module.body):
        assert isinstance(convolution, MultiBranchConvolution)  # noqa: S101 (for the type checker)
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
        return f"upsampler is '{config.upsampler}', but scale is 1; leave one of them out."
    return channel_mismatch(config)


def _receptive_field(config: Config) -> ReceptiveField:
    field = ReceptiveField().conv(3, config.depth)
    if config.scale == 1:
        return field.conv(3)
    enlarged = field.upsample(config.scale, _upsampler(config).halo(config.scale))
    return enlarged.join(bilinear_field(ReceptiveField(), config.scale))


def _widen(config: Config) -> Config:
    return replace(config, multi_branch=True)


NETWORK = Network(
    "compact",
    Config,
    Compact,
    _receptive_field,
    small=Config(depth=2, width=6),
    config_error=_config_error,
    reparameterize=_reparameterize,
    widen=_widen,
    use="fast super-resolution; structural reparameterization leaves 29 % of the parameters",
)
