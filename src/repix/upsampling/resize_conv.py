"""Resize-convolution: interpolate, then convolve; it causes no checkerboard.

Interpolation alone adds no detail; the convolution does. The border is repeated for the convolution, so constant areas
stay constant at the border. The convolution works at the high resolution, which costs scale² times more than one before
the interpolation.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.replicate_padding import replicate_pad, replicate_pad_trace
from repix.arithmetic.trace import Trace
from repix.arithmetic.trace_chain import chain_traces
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler, Weights
from repix.upsampling._conv_transpose import Bias, bias_of, convolution_shapes
from repix.upsampling._interpolation import (
    interpolate_array,
    interpolate_tensor,
    interpolation_basis,
    interpolation_halo,
    interpolation_trace,
)
from repix.upsampling._linear import Basis, Linear, LinearWeights, bias_of_block, with_bias

if TYPE_CHECKING:
    from torch import Tensor, nn


SUMMARY = "Resize-convolution: the picture is enlarged and its border repeated; a convolution adds detail."
"""The heading of its explanation."""


@dataclass(frozen=True)
class ResizeConvSettings(Settings):
    """The settings of a resize-convolution."""

    method: Annotated[Literal["nearest", "bilinear"], "interpolation before the convolution"] = "nearest"
    kernel: Annotated[int, "kernel size", Bounds(1, 99, odd=True)] = 3
    bias: Bias = True


def _compute(given: ReferenceInput[ResizeConvSettings]) -> Array:
    """Return x, interpolated and then convolved with repeated borders."""
    larger = interpolate_array(given.x, given.scale, given.settings.method)
    padded = replicate_pad(larger, given.settings.kernel // 2)
    return conv2d(padded, given.weights["convolution.weight"], bias_of(given.weights))


def _trace(given: ReferenceInput[ResizeConvSettings]) -> Trace:
    larger = interpolation_trace(given.x, given.scale, given.settings.method)
    padded = replicate_pad_trace(larger.output, given.settings.kernel // 2)
    convolved = conv2d.trace(padded.output, given.weights["convolution.weight"], bias_of(given.weights))
    trace = chain_traces(
        "resize-conv",
        (larger, {"output": "larger"}),
        (padded, {"picture": "larger"}),
        (convolved, {"picture": "edges"}),
        titles={"larger": "The picture, enlarged"},
    )
    return replace(trace, summary=SUMMARY)


def _halo(scale: float, settings: ResizeConvSettings) -> int:
    return interpolation_halo(scale, settings.method, settings.kernel // 2)


def _shapes(place: LayerSpec[ResizeConvSettings]) -> dict[str, tuple[int, ...]]:
    kernel = place.settings.kernel
    return convolution_shapes((place.out_channels, place.in_channels, kernel, kernel), place)


def _layer(place: LayerSpec[ResizeConvSettings]) -> "nn.Module":
    from torch import nn

    settings = place.settings

    class ResizeConvolution(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(
                place.in_channels,
                place.out_channels,
                settings.kernel,
                padding=settings.kernel // 2,
                padding_mode="replicate",
                bias=settings.bias,
            )

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.convolution(interpolate_tensor(x, place.scale, settings.method))
            return y

    return ResizeConvolution()


def _basis(scale: int, settings: ResizeConvSettings) -> Basis:
    """Return the basis: the kernel of the interpolation, shifted by each position in the kernel."""
    one, reach = interpolation_basis(scale, settings.method), settings.kernel // 2
    first, last = one.first - reach, one.last + reach
    columns = [one.within(first + shift, last + shift) for shift in range(-reach, reach + 1)]
    return Basis(np.concatenate(columns, 1), first)


def _read(spec: LayerSpec[ResizeConvSettings], weights: Weights) -> LinearWeights:
    kernel = weights["convolution.weight"].astype(np.float64)
    return LinearWeights(kernel.swapaxes(0, 1), bias_of_block(spec, weights))


def _write(spec: LayerSpec[ResizeConvSettings], found: LinearWeights) -> Weights:
    return with_bias(spec, found.factors.swapaxes(0, 1), found.bias.mean((1, 2)))


UPSAMPLER = Upsampler(
    "resize-conv",
    ResizeConvSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    channels="any",
    shapes=_shapes,
    linear=Linear(_basis, _read, _write),
    use="no checkerboards, even in bf16; scale² times the work",
)
