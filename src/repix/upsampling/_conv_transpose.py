"""What the two transposed convolutions share: how much to cut off so that the result is exactly scale times larger."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from repix.arithmetic import conv_transpose2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Weights

if TYPE_CHECKING:
    from torch import nn

Bias = Annotated[bool, "whether a learned number is added to every channel"]
"""The setting `bias` of everything that convolves."""


@dataclass(frozen=True)
class TransposedSettings(Settings):
    """The settings of a transposed convolution, checkerboard-free or not."""

    kernel: Annotated[int | None, "side of the kernel; left out: twice the scale", Bounds(1, 99)] = None
    bias: Bias = True


def kernel_side(scale: float, settings: TransposedSettings) -> int:
    """The kernel's side: what was asked for, or twice the scale."""
    return settings.kernel or 2 * int(scale)


def padding_amounts(kernel: int, scale: float) -> tuple[int, int]:
    """Padding and output padding that make the result exactly scale times larger: K - 2P + Po = S.

    >>> padding_amounts(4, 2), padding_amounts(3, 2), padding_amounts(2, 2)
    ((1, 0), (1, 1), (0, 0))
    """
    padding = -(-(kernel - int(scale)) // 2)
    return padding, int(scale) - kernel + 2 * padding


def transposed_halo(scale: float, settings: TransposedSettings) -> int:
    """How many input pixels around its own an output pixel depends on."""
    kernel, stride = kernel_side(scale, settings), int(scale)
    padding, _ = padding_amounts(kernel, scale)
    return max((stride - 1 + padding) // stride, (kernel - 1 - padding) // stride)


def transposed_shapes(place: LayerSpec[Any]) -> dict[str, tuple[int, ...]]:
    """Torch's order: channels in, channels out, rows, columns."""
    kernel = kernel_side(place.scale, place.settings)
    return convolution_shapes((place.in_channels, place.out_channels, kernel, kernel), place)


def convolution_shapes(weight: tuple[int, ...], place: LayerSpec[Any], biases: int = 1) -> dict[str, tuple[int, ...]]:
    """The weights of a layer's `convolution`, with so many biases for each channel that comes out, if any."""
    bias = {"convolution.bias": (place.out_channels * biases,)} if place.settings.bias else {}
    return {"convolution.weight": weight, **bias}


def kernel_error(scale: float, settings: TransposedSettings) -> str | None:
    """A kernel that is smaller than its stride leaves rows and columns that nothing reaches."""
    if kernel_side(scale, settings) >= scale:
        return None
    return f"A kernel of {settings.kernel} leaves holes at scale {scale:g}; it must be at least {scale:g}."


def bias_of(weights: Weights) -> Array | None:
    """The bias, where there is one."""
    return weights.get("convolution.bias")


def scatter_kernels(x: Array, kernel: Array, given: ReferenceInput[Any], margin: int = 0) -> Array:
    """Scaled kernels laid on the result; of x, so many border pixels are there for the kernels only."""
    stride, padding, extra = _steps(given, margin)
    bias = bias_of(given.weights)
    return conv_transpose2d(x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def scatter_trace(x: Array, kernel: Array, given: ReferenceInput[Any], margin: int = 0) -> Trace:
    """The same, step by step."""
    stride, padding, extra = _steps(given, margin)
    bias = bias_of(given.weights)
    return conv_transpose2d.trace(x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def _steps(given: ReferenceInput[Any], margin: int) -> tuple[int, int, int]:
    """Stride, padding and output padding."""
    stride = int(given.scale)
    padding, extra = padding_amounts(kernel_side(stride, given.settings), stride)
    return stride, padding + margin * stride, extra


def torch_convolution(place: LayerSpec[Any]) -> "nn.ConvTranspose2d":
    """Torch's own layer with the right cuts, started so that its output varies as much as a convolution's.

    Torch's start counts as if every kernel met every output pixel, which at scale 4 makes it four times too faint.
    """
    from torch import nn

    kernel, stride = kernel_side(place.scale, place.settings), int(place.scale)
    padding, extra = padding_amounts(kernel, stride)
    channels = place.in_channels, place.out_channels
    convolution = nn.ConvTranspose2d(*channels, kernel, stride, padding, extra, bias=place.settings.bias)
    bound = stride / (kernel * place.in_channels**0.5)  # what meets in one output pixel: channels · (kernel / stride)²
    for values in convolution.parameters():
        nn.init.uniform_(values, -bound, bound)
    return convolution
