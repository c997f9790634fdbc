"""Transposed convolution: the kernel, scaled by each pixel, is added to the result, where kernels overlap.

The picture is surrounded by zeros, as in torch, so fewer kernels overlap at the border. Uneven overlap causes
checkerboards; see checkerboard-free. The kernel must be at least as large as the scale. The result is exactly scale
times larger; output padding is added where the kernel needs it.
"""

from typing import TYPE_CHECKING

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler
from repix.upsampling._conv_transpose import (
    TRANSPOSED_LINEAR,
    TransposedSettings,
    kernel_error,
    kernel_side,
    padding_amounts,
    scatter_kernels,
    scatter_trace,
    torch_convolution,
    transposed_halo,
    transposed_shapes,
)

if TYPE_CHECKING:
    from torch import Tensor, nn


def _compute(given: ReferenceInput[TransposedSettings]) -> Array:
    """Return the transposed convolution of x."""
    return scatter_kernels(given.x, given.weights["convolution.weight"], given)


def _trace(given: ReferenceInput[TransposedSettings]) -> Trace:
    return scatter_trace(given.x, given.weights["convolution.weight"], given)


def _adjoint(given: ReferenceInput[TransposedSettings]) -> Array:
    """Return the convolution whose transpose this is."""
    padding, _ = padding_amounts(kernel_side(given.scale, given.settings), given.scale)
    return conv2d(given.x, given.weights["convolution.weight"], stride=int(given.scale), padding=padding)


def _layer(place: LayerSpec[TransposedSettings]) -> "nn.Module":
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
    trace=_trace,
    build=_layer,
    halo_of=transposed_halo,
    preserves_constants=False,
    channels="any",
    shapes=transposed_shapes,
    settings_error=kernel_error,
    adjoint=_adjoint,
    linear=TRANSPOSED_LINEAR,
    use="published networks; the study of checkerboards",
)
