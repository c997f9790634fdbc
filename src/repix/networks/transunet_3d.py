"""3-D TransUNet: a 3-D U-Net with a transformer between its coarsest features, in blocks of tokens.

Chen et al., 2024. The published network relates all tokens of a patch; here, a volume is divided into blocks of that
size, and attention relates the tokens of a block. So the receptive field is bounded, and tiles equal the whole volume.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from repix.networks import Configuration, InChannels, Network, OutChannels
from repix.networks._attention import EPSILON, POSITION_DEVIATION, TransformerBlock, width_error
from repix.networks._receptive_field import ReceptiveField
from repix.networks._volume_layers import (
    FlatLevels,
    Side,
    Sides,
    conv_stack,
    decoded,
    encoded,
    enlarged,
    factors,
    kernels,
)
from repix.parameters import Bounds


@dataclass(frozen=True)
class _Variant:
    """The sizes of a variant."""

    widths: tuple[int, ...]
    blocks: int
    width: int
    depth: int
    tokens: Sides
    """Tokens of a block: slices, rows, columns."""


VARIANTS = {
    "small": _Variant((8, 16, 32, 64), 1, 128, 4, (4, 4, 4)),
    "paper": _Variant((32, 64, 128, 256, 320), 2, 768, 12, (2, 6, 6)),
}


@dataclass(frozen=True)
class Config(Configuration):
    """Settings of a 3-D TransUNet.

    >>> Config(variant="paper").sizes.depth
    12
    """

    in_channels: InChannels = 1
    out_channels: OutChannels = 2
    variant: Annotated[
        Literal["small", "paper"], "small trains on a processor; paper has the published encoder and transformer"
    ] = "small"
    widths: Annotated[
        tuple[int, ...], "channels of the levels, finest first; default: the variant's", Bounds(1, 4096)
    ] = ()
    width: Annotated[int, "channels of a token; 0: the variant's", Bounds(0, 4096)] = 0
    depth: Annotated[int, "transformer blocks; 0: the variant's", Bounds(0, 48)] = 0
    tokens: Annotated[
        tuple[int, ...],
        "tokens that attention relates: slices, rows and columns; default: the variant's",
        Bounds(1, 64),
    ] = ()
    flat_levels: FlatLevels = 3

    @property
    def sizes(self) -> _Variant:
        """The sizes that are given, and the variant's for the others."""
        usual = VARIANTS[self.variant]
        slices, rows, columns = self.tokens or usual.tokens
        return _Variant(
            self.widths or usual.widths,
            usual.blocks,
            self.width or usual.width,
            self.depth or usual.depth,
            (slices, rows, columns),
        )

    @property
    def factors(self) -> list[Sides]:
        """Pooling factors after the levels, finest first."""
        return factors(len(self.sizes.widths), self.flat_levels)

    @property
    def kernels(self) -> list[Sides]:
        """Kernels of the levels, finest first."""
        return kernels(len(self.sizes.widths), self.flat_levels)


class Transunet3d(nn.Module):
    """A 3-D TransUNet: an encoder with max pooling, attention in blocks of tokens, and a decoder with skips.

    Example:
        >>> import torch
        >>> from repix import networks
        >>> module = networks.transunet_3d(widths=(4, 6), width=8, depth=1, tokens=(2, 2, 2), flat_levels=1)
        >>> module(torch.zeros(1, 1, 4, 16, 8)).shape
        torch.Size([1, 2, 4, 16, 8])
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        sizes, shapes, self.factors = config.sizes, config.kernels, config.factors
        widths, blocks = sizes.widths, sizes.blocks
        self.encoder = nn.ModuleList(
            conv_stack(arriving, width, kernel, blocks, "batch")
            for (arriving, width), kernel in zip(pairwise((config.in_channels, *widths)), shapes, strict=True)
        )
        self.embed = nn.Conv3d(widths[-1], sizes.width, 1)
        self.transformer = BlockTransformer(sizes.width, sizes.depth, sizes.tokens)
        self.leave = conv_stack(sizes.width, widths[-1], (3, 3, 3), 1, "batch")
        self.decoder = nn.ModuleList(
            conv_stack(coarse + fine, fine, kernel, blocks, "batch")
            for (fine, coarse), kernel in zip(pairwise((*widths, widths[-1])), shapes, strict=True)
        )
        self.last = nn.Conv3d(widths[0], config.out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×D×H×W to N×C'×D×H×W."""
        fine = []
        for level, factor in zip(self.encoder, self.factors, strict=True):
            x = level(x)
            fine.append(x)
            x = functional.max_pool3d(x, factor)
        x = self.leave(self.transformer(self.embed(x)))
        for level, factor, skip in zip(reversed(self.decoder), reversed(self.factors), reversed(fine), strict=True):
            x = level(enlarged(x, factor, skip))
        y: Tensor = self.last(x)
        return y


class BlockTransformer(nn.Module):
    """Transformer blocks on features N×C×D×H×W, alone in each block of tokens.

    Args:
        width: channels of the features.
        depth: number of transformer blocks.
        tokens: slices, rows and columns of a block, of which the sides of the features are multiples.
    """

    def __init__(self, width: int, depth: int, tokens: Sides) -> None:
        super().__init__()
        self.tokens = tokens
        self.positions = nn.Parameter(POSITION_DEVIATION * torch.randn(1, width, *tokens))
        self.blocks = nn.Sequential(*(TransformerBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×D×H×W to the same shape."""
        batch, slices, rows, columns = x.shape[0], *x.shape[2:]
        deep, tall, wide = self.tokens
        parts = (slices // deep, deep, rows // tall, tall, columns // wide, wide)
        x = x.reshape(batch, -1, *parts).permute(0, 2, 4, 6, 1, 3, 5, 7)  # N×d×h×w×C×tokens
        counts = x.shape[:4]
        x = (x.flatten(0, 3) + self.positions).flatten(2).transpose(1, 2)  # blocks×tokens×C
        x = self.norm(self.blocks(x)).transpose(1, 2).reshape(*counts, -1, *self.tokens)
        return x.permute(0, 4, 1, 5, 2, 6, 3, 7).reshape(batch, -1, slices, rows, columns)


def _field(config: Config, side: Side) -> ReceptiveField:
    """Return the receptive field along one side; a block of tokens is like a pooling that is enlarged again."""
    sizes, tokens = config.sizes, side(config.sizes.tokens)
    field = encoded(ReceptiveField(), config.kernels, config.factors, sizes.blocks, side)
    field = field.downsample(tokens).upsample(tokens, 0).conv(3)
    return decoded(field, config.kernels, config.factors, sizes.blocks, side)


def _config_error(config: Config) -> str | None:
    if len(config.tokens) not in (0, 3):
        return f"There are {len(config.tokens)} tokens; there must be 3 numbers: slices, rows and columns."
    if config.sizes.tokens[1] != config.sizes.tokens[2]:
        return f"tokens is {config.tokens}; rows and columns must be equal."
    return width_error(config.sizes.width)


NETWORK = Network(
    "transunet-3d",
    Config,
    Transunet3d,
    lambda config: _field(config, lambda sides: sides[1]),
    small=Config(widths=(4, 6), width=8, depth=1, tokens=(2, 2, 2), flat_levels=1),
    config_error=_config_error,
    slices=lambda config: _field(config, lambda sides: sides[0]),
    use="volumes, by convolutions and attention; `variant=paper` with the published sizes",
)
