"""Shared code of the two transposed convolutions: settings, padding, weights and the torch layer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from repix.arithmetic import conv_transpose2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Weights
from repix.upsampling._linear import Basis, Linear, LinearWeights, bias_of_block, with_bias

if TYPE_CHECKING:
    from torch import nn

Bias = Annotated[bool, "whether a learned bias is added to every channel"]
"""The setting `bias` of all upsamplers with a convolution."""


@dataclass(frozen=True)
class TransposedSettings(Settings):
    """The settings of a transposed convolution, checkerboard-free or not."""

    kernel: Annotated[int | None, "kernel size; default: twice the scale", Bounds(1, 99)] = None
    bias: Bias = True


def kernel_side(scale: float, settings: TransposedSettings) -> int:
    """Return the kernel size: the setting, or twice the scale."""
    return settings.kernel or 2 * int(scale)


def padding_amounts(kernel: int, scale: float) -> tuple[int, int]:
    """Return padding and output padding for a result that is exactly scale times larger: K - 2P + Po = S.

    >>> padding_amounts(4, 2), padding_amounts(3, 2), padding_amounts(2, 2)
    ((1, 0), (1, 1), (0, 0))
    """
    padding = max(-(-(kernel - int(scale)) // 2), 0)
    return padding, int(scale) - kernel + 2 * padding


def transposed_halo(scale: float, settings: TransposedSettings) -> int:
    """Return the halo (margin of the receptive field), in input pixels."""
    kernel, stride = kernel_side(scale, settings), int(scale)
    padding, _ = padding_amounts(kernel, scale)
    return max((stride - 1 + padding) // stride, (kernel - 1 - padding) // stride)


def transposed_shapes(place: LayerSpec[Any]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights, in torch's order: channels in, channels out, rows, columns."""
    kernel = kernel_side(place.scale, place.settings)
    return convolution_shapes((place.in_channels, place.out_channels, kernel, kernel), place)


def convolution_shapes(weight: tuple[int, ...], place: LayerSpec[Any], biases: int = 1) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights of a layer's `convolution`, with `biases` biases per output channel."""
    bias = {"convolution.bias": (place.out_channels * biases,)} if place.settings.bias else {}
    return {"convolution.weight": weight, **bias}


def transposed_basis(scale: int, settings: TransposedSettings) -> Basis:
    """Return the basis of a transposed convolution: it can have any kernel of its size."""
    side = kernel_side(scale, settings)
    return Basis(np.eye(side), -padding_amounts(side, scale)[0])


def _read(spec: LayerSpec[TransposedSettings], weights: Weights) -> LinearWeights:
    return LinearWeights(weights["convolution.weight"].astype(np.float64), bias_of_block(spec, weights))


def _write(spec: LayerSpec[TransposedSettings], found: LinearWeights) -> Weights:
    return with_bias(spec, found.factors, found.bias.mean((1, 2)))


TRANSPOSED_LINEAR = Linear(transposed_basis, _read, _write)
"""The linear form of a transposed convolution."""


def kernel_error(scale: float, settings: TransposedSettings) -> str | None:
    """Return the reason if a kernel is smaller than its stride, so that it leaves gaps in the output."""
    if kernel_side(scale, settings) >= scale:
        return None
    return f"A kernel of {settings.kernel} leaves gaps at scale {scale:g}; it must be at least {scale:g}."


def bias_of(weights: Weights) -> Array | None:
    """Return the bias, or None."""
    return weights.get("convolution.bias")


def scatter_kernels(x: Array, kernel: Array, given: ReferenceInput[Any], margin: int = 0) -> Array:
    """Return the transposed convolution of x, without the output of its `margin` border pixels."""
    stride, padding, extra = _steps(given, margin)
    bias = bias_of(given.weights)
    return conv_transpose2d(x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def scatter_trace(x: Array, kernel: Array, given: ReferenceInput[Any], margin: int = 0) -> Trace:
    """Return the trace of `scatter_kernels`."""
    stride, padding, extra = _steps(given, margin)
    bias = bias_of(given.weights)
    return conv_transpose2d.trace(x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def _steps(given: ReferenceInput[Any], margin: int) -> tuple[int, int, int]:
    """Return stride, padding and output padding."""
    stride = int(given.scale)
    padding, extra = padding_amounts(kernel_side(stride, given.settings), stride)
    return stride, padding + margin * stride, extra


def torch_convolution(place: LayerSpec[Any]) -> "nn.ConvTranspose2d":
    """Return torch's layer with the padding for an exact scale, initialized to the output variance of a convolution.

    Torch's own initialization assumes that every kernel value contributes to every output pixel. At scale 4 it gives a
    standard deviation four times too small.
    """
    from torch import nn

    kernel, stride = kernel_side(place.scale, place.settings), int(place.scale)
    padding, extra = padding_amounts(kernel, stride)
    channels = place.in_channels, place.out_channels
    convolution = nn.ConvTranspose2d(*channels, kernel, stride, padding, extra, bias=place.settings.bias)
    bound = stride / (kernel * place.in_channels**0.5)  # terms per output pixel: channels · (kernel / stride)²
    for values in convolution.parameters():
        nn.init.uniform_(values, -bound, bound)
    return convolution
