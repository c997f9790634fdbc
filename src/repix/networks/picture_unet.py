"""Picture U-Net: image-to-image U-Net with outputs in [0, 1], which can also enlarge (`scale`)."""

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn

from repix.networks import Configuration, Network, UpsamplerName
from repix.networks._layers import ENCODER_WIDTHS, Norm, encoder_levels, normalization, with_norm
from repix.networks._receptive_field import ReceptiveField
from repix.networks._upsampler_choice import parse_upsampler
from repix.parameters import Bounds


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a picture U-Net.

    The default widths take 3×256×256 down to 512×8×8 at scale 1, and to 512×16×16 at larger scales.

    >>> Config(scale=4).widths
    (64, 128, 256, 512)
    """

    upsampler: UpsamplerName = "transposed kernel=4"
    scale: Annotated[int, "upsampling factor: 1, 2, 4 or 8", Bounds(1, 8)] = 1
    widths: Annotated[
        tuple[int, ...],
        "channels of each level, finest first; default: 64 128 256 512, and 512 again at scale 1",
        Bounds(1, 4096),
    ] = ()
    norm: Norm = "batch"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.widths == ():
            object.__setattr__(self, "widths", ENCODER_WIDTHS if self.scale == 1 else ENCODER_WIDTHS[:-1])


class PictureUnet(nn.Module):
    """A U-Net of upsamplers with ReLU and normalization, concatenated skips, and tanh.

    Pictures are in [0, 1] outside and in [-1, 1] inside the network. The upsamplers change the number of channels, so
    only those that can do so fit.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> networks.picture_unet(widths=(8, 16), scale=4)(torch.zeros(1, 3, 8, 4)).shape
        torch.Size([1, 3, 32, 16])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        upsampler = parse_upsampler(config.upsampler)
        self.encoder = encoder_levels(config.in_channels, config.widths, 1, config.norm, upsampler)
        *back, beyond = _decoder(config)
        arriving, first = config.widths[-1], len(config.widths) - 1
        self.decoder, self.norms = nn.ModuleList(), nn.ModuleList()
        for i, width in enumerate(back):
            self.decoder.append(upsampler.layer(arriving, width, 2))
            self.norms.append(normalization(width, config.norm))
            arriving = 2 * width if i < first else width
        self.last = upsampler.layer(arriving, beyond, 2)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W to N×C'×(scale·H)×(scale·W)."""
        x = 2 * x - 1
        fine: list[Tensor] = []
        for contraction in self.encoder:
            x, _ = contraction(x)  # N×64×H/2×W/2, N×128×H/4×W/4 ...
            fine.append(x)
        fine.pop()
        for enlarge, norm in zip(self.decoder, self.norms, strict=True):
            x = norm(torch.relu(enlarge(x)))
            if fine:
                x = torch.cat((x, fine.pop()), 1)
        return (torch.tanh(self.last(x)) + 1) / 2


def _decoder(config: Config) -> tuple[int, ...]:
    """Return the channels of the decoder's levels, including those above the input's resolution, and of the output."""
    beyond = (config.widths[0],) * (config.scale.bit_length() - 1)
    return (*config.widths[-2::-1], *beyond, config.out_channels)


def _receptive_field(config: Config) -> ReceptiveField:
    halo = parse_upsampler(config.upsampler).halo(2)
    field = ReceptiveField()
    for _ in config.widths:
        field = field.conv(3).downsample(2)
    for _ in _decoder(config):
        field = field.upsample(2, halo)
    return with_norm(field, config.norm)


def _config_error(config: Config) -> str | None:
    if config.scale in (1, 2, 4, 8):
        return None
    return f"scale is {config.scale}; every level doubles the size, so it must be 1, 2, 4 or 8."


NETWORK = Network(
    "picture-unet",
    Config,
    PictureUnet,
    _receptive_field,
    small=Config(widths=(4, 8, 8)),
    config_error=_config_error,
    use="image-to-image U-Net with outputs in [0, 1]; `scale=4` for super-resolution",
)
