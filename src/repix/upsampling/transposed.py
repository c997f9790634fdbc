"""Transposed convolution: every pixel lays its scaled kernel on the result, and overlaps add up.

Zeros around the picture, as in torch: near the border fewer kernels overlap. Where the kernels of neighbors overlap
unevenly it draws checkerboards; see checkerboard-free. Any kernel from the scale on; the result is exactly scale times
larger, with an output padding where the kernel needs one.
"""

from typing import TYPE_CHECKING

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, Place, Upsampler
from repix.upsampling._transposing import (
    TransposedSettings,
    cuts,
    holes,
    laid,
    laid_trace,
    side,
    torch_convolution,
    transposed_reach,
    transposed_shapes,
)

if TYPE_CHECKING:
    from torch import Tensor, nn


def _compute(given: Given[TransposedSettings]) -> Array:
    """Lay scaled kernels on the result."""
    return laid(given.x, given.weights["convolution.weight"], given)


def _working(given: Given[TransposedSettings]) -> Trace:
    return laid_trace(given.x, given.weights["convolution.weight"], given)


def _adjoint(given: Given[TransposedSettings]) -> Array:
    """The convolution that it is the transpose of."""
    padding, _ = cuts(side(given.scale, given.settings), given.scale)
    return conv2d(given.x, given.weights["convolution.weight"], stride=int(given.scale), padding=padding)


def _layer(place: Place[TransposedSettings]) -> "nn.Module":
    from torch import nn

    class Transposed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch_convolution(place)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.convolution(x)
            return y

    return Transposed()


UPSAMPLER = Upsampler(
    "transposed",
    TransposedSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=transposed_reach,
    stays_flat=False,
    channels="any",
    shapes=transposed_shapes,
    objection=holes,
    adjoint=_adjoint,
    use="a published network has one, or checkerboards are to be studied",
)
