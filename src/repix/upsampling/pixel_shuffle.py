"""Pixel shuffle (sub-pixel convolution): convolve to scale² channels per output channel, then rearrange into blocks.

The convolution works at the low resolution, so it is the cheapest upsampler with weights. Independent kernels for the
pixels of a block cause checkerboards at the start of training. By default they start equal (ICNR initialization): the
layer then starts as a convolution followed by nearest-neighbor upsampling.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix import arithmetic
from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.arithmetic.trace_chain import chain_traces
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler, Weights
from repix.upsampling._conv_transpose import Bias, bias_of, convolution_shapes
from repix.upsampling._linear import Basis, Linear, LinearWeights, bias_of_block, with_bias

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class PixelShuffleSettings(Settings):
    """The settings of a pixel shuffle."""

    kernel: Annotated[int, "kernel size", Bounds(1, 99, odd=True)] = 3
    icnr: Annotated[
        bool, "whether the kernels of a block start equal (ICNR), so that training starts without checkerboard"
    ] = True
    bias: Bias = True


def _compute(given: ReferenceInput[PixelShuffleSettings]) -> Array:
    """Return the convolution of x, pixel-shuffled."""
    padding = given.settings.kernel // 2
    blocks = conv2d(given.x, given.weights["convolution.weight"], bias_of(given.weights), padding=padding)
    return arithmetic.pixel_shuffle(blocks, int(given.scale))


def _trace(given: ReferenceInput[PixelShuffleSettings]) -> Trace:
    padding = given.settings.kernel // 2
    blocks = conv2d.trace(given.x, given.weights["convolution.weight"], bias_of(given.weights), padding=padding)
    shuffled = arithmetic.pixel_shuffle.trace(blocks.output, int(given.scale))
    return chain_traces(
        "pixel-shuffle",
        (blocks, {"output": "blocks"}),
        (shuffled, {"picture": "blocks"}),
        titles={"blocks": "Convolved"},
    )


def _halo(_: float, settings: PixelShuffleSettings) -> int:
    return settings.kernel // 2


def _shapes(place: LayerSpec[PixelShuffleSettings]) -> dict[str, tuple[int, ...]]:
    kernel, block = place.settings.kernel, int(place.scale) ** 2
    return convolution_shapes((place.out_channels * block, place.in_channels, kernel, kernel), place, block)


def _layer(place: LayerSpec[PixelShuffleSettings]) -> "nn.Module":
    from torch import nn

    settings, scale = place.settings, int(place.scale)

    class PixelShuffle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = place.in_channels, place.out_channels * scale**2
            padding = settings.kernel // 2
            self.convolution = nn.Conv2d(*channels, settings.kernel, padding=padding, bias=settings.bias)
            self.shuffle = nn.PixelShuffle(scale)
            if settings.icnr:
                init_icnr(self.convolution, scale**2)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.shuffle(self.convolution(x))
            return y

    return PixelShuffle()


def init_icnr(convolution: "nn.Conv2d", block: int) -> None:
    """Give every `block` consecutive filters the weights and the bias of the first (ICNR initialization)."""
    import torch

    with torch.no_grad():
        for values in convolution.parameters():
            values.copy_(values[::block].repeat_interleave(block, 0))


def _basis(scale: int, settings: PixelShuffleSettings) -> Basis:
    """Return the basis: any kernel; each value is that of one pixel of the block and one position in its kernel."""
    kernel, reach = settings.kernel, settings.kernel // 2
    matrix = np.zeros((scale * kernel, scale * kernel))
    for pixel, at in np.ndindex(scale, kernel):
        matrix[pixel - scale * (at - reach) + scale * reach, pixel * kernel + at] = 1
    return Basis(matrix, -scale * reach)


def _read(spec: LayerSpec[PixelShuffleSettings], weights: Weights) -> LinearWeights:
    scale, kernel = int(spec.scale), spec.settings.kernel
    split = weights["convolution.weight"].reshape(-1, scale, scale, spec.in_channels, kernel, kernel)
    factors = split.transpose(3, 0, 1, 4, 2, 5).reshape(spec.in_channels, -1, scale * kernel, scale * kernel)
    return LinearWeights(factors.astype(np.float64), bias_of_block(spec, weights, scale**2))


def _write(spec: LayerSpec[PixelShuffleSettings], found: LinearWeights) -> Weights:
    scale, kernel = int(spec.scale), spec.settings.kernel
    split = found.factors.reshape(spec.in_channels, -1, scale, kernel, scale, kernel)
    merged = split.transpose(1, 2, 4, 0, 3, 5).reshape(-1, spec.in_channels, kernel, kernel)
    return with_bias(spec, merged, found.bias.reshape(-1))


UPSAMPLER = Upsampler(
    "pixel-shuffle",
    PixelShuffleSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=False,
    channels="any",
    shapes=_shapes,
    linear=Linear(_basis, _read, _write, biases="pixel"),
    use="the last layer of super-resolution networks; convolutions work at low resolution",
)
