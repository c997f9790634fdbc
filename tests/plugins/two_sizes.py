"""Two sizes: a convolution at full size, one at half size, and any upsampler to join them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from torch import Tensor, nn

from repix.networks import Configuration, Network, ReceptiveField, UpsamplerName, parse_upsampler
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a network of two sizes."""

    upsampler: UpsamplerName = "bilinear"
    width: Annotated[int, "hidden channels", Bounds(1, 4096)] = 32
    join: Annotated[Literal["add", "coarse"], "add both sizes, or use the coarse one only"] = "add"


class TwoSizes(nn.Module):
    """Convolutions at two sizes.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.two_sizes(width=8)(torch.zeros(1, 3, 4, 6)).shape
        torch.Size([1, 3, 4, 6])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler = parse_upsampler(config.upsampler)
        carried = upsampler.output_channels(config.width, config.width, 2)
        self.fine = nn.Conv2d(config.in_channels, config.width, 3, padding=1)
        self.coarse = nn.Conv2d(config.width, config.width, 3, padding=1)
        self.enlarge = upsampler.layer(config.width, carried, 2)
        self.mix = nn.Conv2d(carried, config.width, 1)
        self.last = nn.Conv2d(config.width, config.out_channels, 1)
        self.adds = config.join == "add"

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×H×W."""
        fine = self.fine(x).relu()
        coarse = self.coarse(nn.functional.avg_pool2d(fine, 2)).relu()  # N×width×H/2×W/2
        y = self.mix(self.enlarge(coarse))
        z: Tensor = self.last(fine + y if self.adds else y)
        return z


def _receptive_field(config: Config) -> ReceptiveField:
    fine = ReceptiveField().conv(3)
    coarse = fine.downsample(2).conv(3).upsample(2, parse_upsampler(config.upsampler).halo(2))
    return coarse.join(fine)


NETWORK = Network(
    "two-sizes",
    Config,
    TwoSizes,
    _receptive_field,
    small=Config(width=4),
    use="tests need a network of another distribution",
)
