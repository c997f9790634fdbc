"""Transformer blocks between the pixels of a feature map, in plain operations that ONNX and OpenVINO have.

Each pixel of the map is a token. Attention (Vaswani et al., 2017) replaces a token by a mean of all tokens, weighted by
softmax(q·k / √d); blocks with pre-normalization are those of the vision transformer (Dosovitskiy et al., 2021).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

HEAD = 64
"""Channels of a head, as in the vision transformer."""
EXPANSION = 4
"""Hidden channels of a block's MLP, as a multiple of its channels."""
EPSILON = 1e-6
"""Of the layer normalizations."""
POSITION_DEVIATION = 0.02
"""Standard deviation of the initial positions."""


class Dense(nn.Module):
    """A dense layer with a matrix C×C', which keeps its name in an ONNX file; torch's own is stored transposed."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """N×T×C to N×T×C'."""
        return torch.matmul(x, self.weight) + self.bias


class Attention(nn.Module):
    """Multi-head self-attention.

    Weights are the columns of a matrix, not its rows: OpenVINO 2026.4 fuses the usual form into one operation, which is
    wrong from 16 tokens on after a smaller size was computed.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = heads(width)
        self.query_key_value = Dense(width, 3 * width)
        self.out = Dense(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """N×T×C to the same shape."""
        parts = self.query_key_value(x).unflatten(2, (3, self.heads, -1))  # N×T×3×heads×d
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)  # each N×heads×T×d
        scores = torch.matmul(key, (query * query.shape[-1] ** -0.5).transpose(2, 3))  # N×heads×T×T
        mixed = torch.matmul(value.transpose(2, 3), torch.softmax(scores, dim=2))  # N×heads×d×T
        y: Tensor = self.out(mixed.flatten(1, 2).transpose(1, 2))
        return y


class TransformerBlock(nn.Module):
    """Attention and an MLP, each with a normalization before it and a sum after it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = (nn.LayerNorm(width, eps=EPSILON) for _ in range(2))
        self.attention = Attention(width)
        self.mlp = nn.Sequential(Dense(width, EXPANSION * width), nn.GELU(), Dense(EXPANSION * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """N×T×C to the same shape."""
        x = x + self.attention(self.before_attention(x))
        y: Tensor = x + self.mlp(self.before_mlp(x))
        return y


class Positions(nn.Module):
    """Learned position embedding: a map that is interpolated to the size of the tokens, and added to them."""

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        self.values = nn.Parameter(POSITION_DEVIATION * torch.randn(1, width, side, side))

    def forward(self, x: Tensor) -> Tensor:
        """N×C×h×w to the same shape."""
        return x + functional.interpolate(self.values, size=x.shape[2:], mode="bilinear", align_corners=False)


class Transformer(nn.Module):
    """Transformer blocks on a feature map of any height and width.

    Args:
        width: channels of the map.
        depth: number of blocks.
        side: height and width of the map for which the positions are learned.
    """

    def __init__(self, width: int, depth: int, side: int) -> None:
        super().__init__()
        self.positions = Positions(width, side)
        self.blocks = nn.Sequential(*(TransformerBlock(width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """N×C×h×w to the same shape."""
        tokens = self.positions(x).flatten(2).transpose(1, 2)  # N×(h·w)×C
        y: Tensor = self.norm(self.blocks(tokens)).transpose(1, 2).unflatten(2, x.shape[2:])
        return y


def heads(width: int) -> int:
    """Return the number of heads for tokens of this many channels.

    >>> heads(768), heads(192), heads(16)
    (12, 3, 1)
    """
    return max(width // HEAD, 1)


def width_error(width: int) -> str | None:
    """Return the reason why tokens cannot have this many channels, or None."""
    if width % heads(width) == 0:
        return None
    return f"width is {width}; it must be a multiple of {HEAD}, the channels of a head, or less than {2 * HEAD}."
