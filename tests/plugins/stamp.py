"""Stamp: every pixel lays a small learned picture, times its own value, on a place of its own."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic import conv_transpose2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class StampSettings(Settings):
    """The settings of stamps."""

    bias: Annotated[bool, "add a learned number to every channel"] = True


def _compute(given: ReferenceInput[StampSettings]) -> Array:
    """Lay a block for every pixel; blocks do not touch."""
    stamps = given.weights["convolution.weight"]  # C×1×S×S
    blocks = np.einsum("nchw,cij->nchiwj", given.x, stamps[:, 0])
    n, c, h, s, w, _ = blocks.shape
    y = blocks.reshape(n, c, h * s, w * s)
    return y + given.weights["convolution.bias"][:, None, None] if given.settings.bias else y


def _trace(given: ReferenceInput[StampSettings]) -> Trace:
    """Show it as the transposed convolution of one channel that it is."""
    bias = given.weights.get("convolution.bias")
    laid = conv_transpose2d.trace(given.x, given.weights["convolution.weight"], bias, stride=int(given.scale))
    return replace(laid, operation="stamp", summary="Stamp: every pixel becomes a small picture times its value.")


def _build(place: LayerSpec[StampSettings]) -> "nn.Module":
    from torch import nn

    class Stamp(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels, side = place.in_channels, int(place.scale)
            bias = place.settings.bias
            self.convolution = nn.ConvTranspose2d(channels, channels, side, side, groups=channels, bias=bias)
            nn.init.uniform_(self.convolution.weight, -1, 1)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.convolution(x)
            return y

    return Stamp()


def _halo(_: float, __: StampSettings) -> int:
    return 0


def _shapes(place: LayerSpec[StampSettings]) -> dict[str, tuple[int, ...]]:
    side = int(place.scale)
    bias = {"convolution.bias": (place.in_channels,)} if place.settings.bias else {}
    return {"convolution.weight": (place.in_channels, 1, side, side), **bias}


UPSAMPLER = Upsampler(
    "stamp",
    StampSettings,
    compute=_compute,
    trace=_trace,
    build=_build,
    halo_of=_halo,
    preserves_constants=False,
    channels="same",
    shapes=_shapes,
    use="tests need an upsampler of another distribution",
)
