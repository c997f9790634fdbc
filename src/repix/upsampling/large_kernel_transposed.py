"""Large-kernel transposed convolution: a large kernel and a parallel small one, whose results are added.

Each new pixel depends on more of the picture than with a kernel of 2 to 4, which makes the result more stable against
changes of the input and lowers artifacts in its spectrum (LCTC, large context transposed convolution: Agnihotri,
Grabinski and Keuper, "Improving Feature Stability during Upsampling", ECCV 2024, with kernels 7 and 11 and a parallel
3). The small kernel keeps local detail. Both are linear, so the layer adds the kernels and convolves once: the small
one costs no time.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix.arithmetic import conv2d, conv_transpose2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Region, Stage, Step, Trace
from repix.arithmetic.trace_chain import chain_traces
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler, Weights
from repix.upsampling._conv_transpose import (
    Bias,
    TransposedSettings,
    bias_of,
    convolution_shapes,
    padding_amounts,
    torch_convolution,
    transposed_basis,
    transposed_halo,
)
from repix.upsampling._linear import Basis, Linear, LinearWeights, bias_of_block, with_bias

if TYPE_CHECKING:
    from torch import Tensor, nn

SUMMARY = "Large-kernel transposed convolution: a large and a small kernel are scaled by each value; results are added."
"""The heading of its explanation."""


@dataclass(frozen=True)
class LargeKernelSettings(Settings):
    """The settings of a large-kernel transposed convolution."""

    kernel: Annotated[int, "size of the large kernel", Bounds(1, 99)] = 7
    parallel: Annotated[int, "size of the parallel small kernel", Bounds(1, 99)] = 3
    bias: Bias = True


def _sizes(settings: LargeKernelSettings) -> dict[str, int]:
    """Return the kernel size of each weight."""
    return {"convolution": settings.kernel, "parallel": settings.parallel}


def _error(scale: float, settings: LargeKernelSettings) -> str | None:
    if settings.kernel < scale:
        return f"A kernel of {settings.kernel} leaves gaps at scale {scale:g}; it must be at least {scale:g}."
    if settings.parallel > settings.kernel:
        return f"The parallel kernel, {settings.parallel}, is larger than the kernel, {settings.kernel}; swap them."
    return None


def _scattered(given: ReferenceInput[LargeKernelSettings], name: str) -> Array:
    """Return the transposed convolution of x with one of the two kernels; the bias belongs to the large one."""
    padding, extra = padding_amounts(_sizes(given.settings)[name], given.scale)
    bias = bias_of(given.weights) if name == "convolution" else None
    kernel, stride = given.weights[f"{name}.weight"], int(given.scale)
    return conv_transpose2d(given.x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def _compute(given: ReferenceInput[LargeKernelSettings]) -> Array:
    """Return the sum of both transposed convolutions of x."""
    return _scattered(given, "convolution") + _scattered(given, "parallel")


def _scattered_trace(given: ReferenceInput[LargeKernelSettings], name: str) -> Trace:
    padding, extra = padding_amounts(_sizes(given.settings)[name], given.scale)
    bias = bias_of(given.weights) if name == "convolution" else None
    kernel, stride = given.weights[f"{name}.weight"], int(given.scale)
    return conv_transpose2d.trace(given.x, kernel, bias, stride=stride, padding=padding, output_padding=extra)


def _trace(given: ReferenceInput[LargeKernelSettings]) -> Trace:
    large, small = _scattered_trace(given, "convolution"), _scattered_trace(given, "parallel")
    whole = (slice(None),) * 4
    parts = {"large": large.output, "small": small.output}
    steps = [
        Step("output", text, "copy", {"values": parts[name]}, whole, parts[name], adds, {"values": Region(name, whole)})
        for text, name, adds in (
            ("start with the result of the large kernel", "large", False),
            ("add the result of the small kernel", "small", True),
        )
    ]
    total = Trace(
        "large-kernel-transposed",
        (Stage("output", "Sum of both", np.zeros_like(large.output)),),
        tuple(steps),
        parts,
    )
    trace = chain_traces(
        "large-kernel-transposed",
        (large, {"kernel": "large-kernel", "sum": "large-sum", "output": "large"}),
        (small, {"kernel": "small-kernel", "sum": "small-sum", "output": "small"}),
        (total, {}),
        titles={
            "large-sum": "Sum of scaled large kernels",
            "small-sum": "Sum of scaled small kernels",
            "large": "Of the large kernel",
            "small": "Of the small kernel",
        },
    )
    return replace(trace, summary=SUMMARY)


def _adjoint(given: ReferenceInput[LargeKernelSettings]) -> Array:
    """Return the sum of the two convolutions whose transposes these are."""
    total: Array = np.zeros(1, given.x.dtype)
    for name, size in _sizes(given.settings).items():
        padding, _ = padding_amounts(size, given.scale)
        kernel, stride = given.weights[f"{name}.weight"], int(given.scale)
        total = total + conv2d(given.x, kernel, stride=stride, padding=padding)
    return total


def _halo(scale: float, settings: LargeKernelSettings) -> int:
    return transposed_halo(scale, TransposedSettings(settings.kernel))


def _shapes(place: LayerSpec[LargeKernelSettings]) -> dict[str, tuple[int, ...]]:
    kernel, small = place.settings.kernel, place.settings.parallel
    large = convolution_shapes((place.in_channels, place.out_channels, kernel, kernel), place)
    return large | {"parallel.weight": (place.in_channels, place.out_channels, small, small)}


def _margins(scale: float, settings: LargeKernelSettings) -> tuple[int, int]:
    """Return the number of values of the large kernel before and after the small one."""
    before = padding_amounts(settings.kernel, scale)[0] - padding_amounts(settings.parallel, scale)[0]
    return before, settings.kernel - settings.parallel - before


def _basis(scale: int, settings: LargeKernelSettings) -> Basis:
    return transposed_basis(scale, TransposedSettings(settings.kernel))


def _read(spec: LayerSpec[LargeKernelSettings], weights: Weights) -> LinearWeights:
    margins = (_margins(spec.scale, spec.settings),) * 2
    small = np.pad(weights["parallel.weight"].astype(np.float64), ((0, 0), (0, 0), *margins))
    return LinearWeights(weights["convolution.weight"] + small, bias_of_block(spec, weights))


def _write(spec: LayerSpec[LargeKernelSettings], found: LinearWeights) -> Weights:
    """Return the weights with all in the large kernel."""
    side = spec.settings.parallel
    small = np.zeros((spec.in_channels, spec.out_channels, side, side))
    return {**with_bias(spec, found.factors, found.bias.mean((1, 2))), "parallel.weight": small}


def _layer(place: LayerSpec[LargeKernelSettings]) -> "nn.Module":
    from torch import nn
    from torch.nn import functional

    scale, settings = int(place.scale), place.settings
    padding, extra = padding_amounts(settings.kernel, scale)
    margins = _margins(scale, settings)

    class LargeKernelTransposed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch_convolution(_with_kernel(place, settings.kernel, settings.bias))
            self.parallel = torch_convolution(_with_kernel(place, settings.parallel, False))
            for values in self.parameters():  # of two sums, each has half the variance
                values.data.mul_(0.5**0.5)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            kernel = self.convolution.weight + functional.pad(self.parallel.weight, margins * 2)
            return functional.conv_transpose2d(x, kernel, self.convolution.bias, scale, padding, extra)

    return LargeKernelTransposed()


def _with_kernel(place: LayerSpec[LargeKernelSettings], kernel: int, bias: bool) -> LayerSpec[TransposedSettings]:
    """Return the place of a plain transposed convolution."""
    return LayerSpec(place.in_channels, place.out_channels, place.scale, TransposedSettings(kernel, bias))


UPSAMPLER = Upsampler(
    "large-kernel-transposed",
    LargeKernelSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=False,
    channels="any",
    shapes=_shapes,
    settings_error=_error,
    adjoint=_adjoint,
    linear=Linear(_basis, _read, _write),
    use="restoration and segmentation that must stay stable; more context than transposed, and more work",
)
