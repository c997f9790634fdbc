"""Checkerboard-free: a transposed convolution that keeps constant areas constant, also during training.

An output pixel reads only a part of the kernel: its phase, by its position in the block of scale × scale. A constant
area shows a checkerboard exactly when the sums of the phases differ. So the phases are equalized before every use: a
constant is added to all values of a phase, so that all phases have the mean sum. This holds after every optimizer step.
The border is repeated, so it holds at the border too. The weights have the names and shapes of the transposed
convolution, so its trained weights can be loaded.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.replicate_padding import replicate_pad, replicate_pad_trace
from repix.arithmetic.trace import Trace
from repix.arithmetic.trace_chain import chain_traces
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler, Weights
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
from repix.upsampling._linear import LinearWeights
from repix.upsampling._phases import equalize_phases, equalize_trace

if TYPE_CHECKING:
    from torch import Tensor, nn

SUMMARY = (
    "Checkerboard-free: a transposed convolution whose kernel phases are first equalized, so that "
    "each phase has the same sum and a constant area stays constant."
)
"""The heading of its explanation."""


def _compute(given: ReferenceInput[TransposedSettings]) -> Array:
    """Return the transposed convolution of x with an equalized kernel and repeated borders."""
    margin = transposed_halo(given.scale, given.settings)
    kernel = equalize_phases(given.weights["convolution.weight"], int(given.scale))
    return scatter_kernels(replicate_pad(given.x, margin), kernel, given, margin)


def _trace(given: ReferenceInput[TransposedSettings]) -> Trace:
    margin = transposed_halo(given.scale, given.settings)
    kernel = equalize_trace(given.weights["convolution.weight"], int(given.scale))
    padded = replicate_pad_trace(given.x, margin)
    summed = scatter_trace(padded.output, kernel.output, given, margin)
    names = {"picture": "edges", "kernel": "even-kernel"}
    trace = chain_traces("checkerboard-free", (kernel, {}), (padded, {}), (summed, names))
    return replace(trace, summary=SUMMARY)


def _layer(place: LayerSpec[TransposedSettings]) -> "nn.Module":
    from torch import nn
    from torch.nn import functional

    scale = int(place.scale)
    margin = transposed_halo(scale, place.settings)
    padding, extra = padding_amounts(kernel_side(scale, place.settings), scale)

    class CheckerboardFree(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch_convolution(place)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            wider = functional.pad(x, (margin,) * 4, mode="replicate") if margin else x
            cut = padding + margin * scale
            return functional.conv_transpose2d(wider, self.kernel(), self.convolution.bias, scale, cut, extra)

        def kernel(self) -> "Tensor":
            """Return the equalized kernel."""
            return equalize_tensor(self.convolution.weight, scale)

    return CheckerboardFree()


def equalize_tensor(kernel: "Tensor", scale: int) -> "Tensor":
    """Return a kernel (channels in, channels out, rows, columns) with equalized phases, see `equalize_phases`."""
    from torch import ones_like
    from torch.nn import functional

    size = kernel.shape[-1]
    blocks = -(-size // scale)
    missing = (0, blocks * scale - size) * 2

    def sums(values: "Tensor") -> "Tensor":  # (C, O, scale, scale)
        split = functional.pad(values, missing).reshape(*values.shape[:2], blocks, scale, blocks, scale)
        return split.sum((2, 4))

    total, count = sums(kernel), sums(ones_like(kernel[:1, :1]))
    shift = (total.mean((2, 3), keepdim=True) - total) / count
    made: Tensor = kernel + shift.repeat(1, 1, blocks, blocks)[:, :, :size, :size]
    return made


def _read(spec: LayerSpec[TransposedSettings], weights: Weights) -> LinearWeights:
    found = TRANSPOSED_LINEAR.read(spec, weights)
    return replace(found, factors=equalize_phases(found.factors, int(spec.scale)))


UPSAMPLER = Upsampler(
    "checkerboard-free",
    TransposedSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=transposed_halo,
    preserves_constants=True,
    channels="any",
    shapes=transposed_shapes,
    settings_error=kernel_error,
    linear=replace(TRANSPOSED_LINEAR, read=_read),
    use="in place of a transposed convolution, also a trained one, without its checkerboards",
)
