"""SFT: compact super-resolution, steered by a map of perception (spatial feature transform).

Wang et al., 2018, and Park et al., 2023. The last input channel is the map, from 0 (fidelity) to 1 (perception). Each
3×3 convolution is followed by a scale and a shift of its features, which 1×1 convolutions compute from the map. Where
the map is 0 they change nothing, so there the result is that of the plain network. A small part can choose the map from
the picture, at pixels where none is given.
"""

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, InChannels, Network, UpsamplerName
from repix.networks._bilinear import Bilinear, bilinear_field
from repix.networks._layers import conv, he_conv
from repix.networks._receptive_field import ReceptiveField
from repix.networks._residual import add_residual, near_zero
from repix.networks._upsampler_choice import parse_upsampler
from repix.networks.compact import FRAME
from repix.parameters import Bounds
from repix.side_inputs import CHOSEN

LEAK = 0.1
"""Slope of the leaky ReLU for negative values."""
DILATIONS = (1, 2, 4, 1)
"""Those of the convolutions that choose the map, which see 8 pixels far."""


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of an SFT network."""

    in_channels: InChannels = 4
    scale: Annotated[int, "upsampling factor", Bounds(2, 16)] = 4
    upsampler: UpsamplerName = "pixel-shuffle"
    depth: Annotated[int, "convolutions before the last one", Bounds(1, 100)] = 8
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 48
    condition: Annotated[int, "channels that the map becomes", Bounds(1, 4096)] = 16
    choice: Annotated[
        int, "hidden channels of the part that chooses a map where it is -1; 0: no part", Bounds(0, 4096)
    ] = 0


class Condition(nn.Module):
    """The features of a map: the map times two 1×1 convolutions of it, which is 0 where the map is 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = conv(1, channels, 1), conv(channels, channels, 1)

    def forward(self, level: Tensor) -> Tensor:
        """N×1×H×W to N×C×H×W."""
        y: Tensor = level * self.second(functional.leaky_relu(self.first(level), LEAK))
        return y


class FeatureTransform(nn.Module):
    """A scale and a shift of features, from the features of the map at the same pixel; without biases."""

    def __init__(self, condition: int, width: int) -> None:
        super().__init__()
        self.both = conv(condition, 2 * width, 1, bias=False)

    def forward(self, y: Tensor, condition: Tensor) -> Tensor:
        """Return N×C×H×W of features N×C×H×W and features of the map N×c×H×W.

        >>> import torch
        >>> FeatureTransform(1, 2)(torch.ones(1, 2, 1, 1), torch.zeros(1, 1, 1, 1)).flatten().tolist()
        [1.0, 1.0]
        """
        scale, shift = self.both(condition).chunk(2, 1)
        transformed: Tensor = y * (1 + scale) + shift
        return transformed


class Choice(nn.Module):
    """The map for a picture: dilated convolutions and a sigmoid; it replaces a given map where this is -1."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for dilation in DILATIONS:
            layers += [nn.Conv2d(channels, width, 3, padding=dilation, dilation=dilation), nn.ReLU()]
            channels = width
        self.layers = nn.Sequential(*layers, conv(width, 1, 1), nn.Sigmoid())

    def forward(self, picture: Tensor, level: Tensor) -> Tensor:
        """Return the map N×1×H×W of a picture N×C×H×W and a given map.

        >>> import torch
        >>> found = Choice(3, 2)(torch.zeros(1, 3, 1, 2), torch.tensor([[[[0.5, -1.0]]]]))
        >>> found[..., 0].item(), 0 < found[..., 1].item() < 1
        (0.5, True)
        """
        missing = (level < CHOSEN / 2).to(level.dtype)
        complete: Tensor = level + missing * (self.layers(picture) - level)
        return complete


class Sft(nn.Module):
    """3×3 convolutions with feature transforms and ReLU at the small size, the upsampler at the end, plus the picture.

    Without the transforms, it is the network `compact` as exported, whose weights fit.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.sft(depth=2, width=8)(torch.zeros(1, 4, 5, 7)).shape
        torch.Size([1, 3, 20, 28])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        arriving = (config.in_channels - 1, *(width,) * (config.depth - 1))
        self.choice = Choice(config.in_channels - 1, config.choice) if config.choice else None
        self.condition = Condition(config.condition)
        self.body = nn.ModuleList(he_conv(channels, width) for channels in arriving)
        self.transforms = nn.ModuleList(FeatureTransform(config.condition, width) for _ in arriving)
        self.last = near_zero(parse_upsampler(config.upsampler).layer(width, config.out_channels, config.scale))
        self.bilinear = Bilinear(config.scale)
        self.scale = config.scale

    def forward(self, x: Tensor) -> Tensor:
        """N×(C+1)×H×W to N×C'×(scale·H)×(scale·W)."""
        large = self.bilinear(x[:, :-1])
        if self.training:  # the borders of training patches are not borders of pictures
            return add_residual(large, self.detail(x))
        frame = FRAME * self.scale
        detail = self.detail(functional.pad(x, (FRAME,) * 4, mode="replicate"))
        return add_residual(large, detail[:, :, frame:-frame, frame:-frame])

    def detail(self, x: Tensor) -> Tensor:
        """Return the residual of the upsampled picture; zero padding changes it near the border."""
        y, level = x[:, :-1], x[:, -1:]
        condition = self.condition(level if self.choice is None else self.choice(y, level))
        for convolution, transform in zip(self.body, self.transforms, strict=True):
            y = functional.relu(transform(convolution(y), condition))
        detail: Tensor = self.last(y)
        return detail


def _config_error(config: Config) -> str | None:
    if config.in_channels - 1 in (1, config.out_channels):
        return None
    return (
        f"in_channels is {config.in_channels} and out_channels is {config.out_channels}, but the picture, without the "
        "perception map, is added to the result; in_channels must be 1 more than out_channels, or 2."
    )


def _receptive_field(config: Config) -> ReceptiveField:
    halo = parse_upsampler(config.upsampler).halo(config.scale)
    chosen = ReceptiveField().conv(1 + 2 * sum(DILATIONS)) if config.choice else ReceptiveField()
    enlarged = chosen.conv(3, config.depth).upsample(config.scale, halo)
    return enlarged.join(bilinear_field(ReceptiveField(), config.scale))


NETWORK = Network(
    "sft",
    Config,
    Sft,
    _receptive_field,
    small=Config(depth=2, width=6, condition=3),
    config_error=_config_error,
    perception_map=True,
    chooses=lambda config: config.choice > 0,
    use="super-resolution steered by a map, from fidelity to perception (`upscale` with `perception`)",
)
