"""Spread of a kernel: the distance of its phase sums from equality.

With stride S, an output pixel of a transposed convolution reads every S-th value of the kernel, its phase. A constant
input stays constant in the interior if and only if the sums of all phases are equal, for every pair of an output and an
input channel. Kernel sizes do not matter for this.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.upsampling._phases import phase_sums

ROUNDING = 8.0
"""Sums that differ by so many units in the last place of the weights' type are equal."""


@dataclass(frozen=True)
class PhaseSums:
    """The phase sums of a kernel, and their distance from equality."""

    sums: Array
    """One sum for each output channel, input channel and phase; the last axes are the strides."""
    spread: float
    """The root mean square deviation of the sums from their means; 1 is the size of the mean of a positive kernel."""
    tolerance: float
    """The largest spread that rounding of the weights explains."""

    @property
    def even(self) -> bool:
        """True if all sums are equal: a constant stays constant."""
        return self.spread <= self.tolerance

    @property
    def worst(self) -> tuple[int, int]:
        """The output channel and the input channel whose phases differ most."""
        deviations = np.abs(self.sums - _mean(self.sums)).max(axis=_phase_axes(self.sums))
        output_channel, input_channel = np.unravel_index(deviations.argmax(), deviations.shape)
        return int(output_channel), int(input_channel)


def transposed_phases(
    kernel: Array, strides: Sequence[int], dilations: Sequence[int] | None = None, groups: int = 1
) -> PhaseSums:
    """Return the phase sums of a transposed convolution.

    Args:
        kernel: the weights: input channels, output channels of a group, and one axis for each stride.
        strides: the stride of each axis.
        dilations: the dilation of each axis; by default 1.
        groups: the number of groups. The sums have the input channels of a group.

    >>> transposed_phases(np.ones((1, 1, 3)), [2]).spread, transposed_phases(np.array([[[1.0, 2, 1]]]), [2]).even
    (0.333..., True)
    """
    dilations = dilations or [1] * len(strides)
    wide = kernel.astype(np.float64)
    own = np.concatenate([one.swapaxes(0, 1) for one in np.split(wide, groups)])  # (outputs, inputs of a group, ...)
    return measured_phases(phase_sums(own, strides, dilations), phase_sums(np.abs(own), strides, dilations), kernel)


def strided_phases(kernel: Array, strides: Sequence[int], dilations: Sequence[int] | None = None) -> PhaseSums:
    """Return the phase sums that decide on the gradients of a strided convolution.

    Its gradient with respect to the input is a transposed convolution with the same kernel, which takes the output
    channels in.

    Args:
        kernel: the weights: output channels, input channels of a group, and one axis for each stride.
        strides: the stride of each axis.
        dilations: the dilation of each axis; by default 1.

    >>> strided_phases(np.ones((1, 1, 3)), [2]).even, strided_phases(np.ones((1, 1, 4)), [2]).even
    (False, True)
    """
    dilations = dilations or [1] * len(strides)
    wide = kernel.astype(np.float64)
    return measured_phases(phase_sums(wide, strides, dilations), phase_sums(np.abs(wide), strides, dilations), kernel)


def shuffled_phases(kernel: Array, bias: Array | None, block: int, *, columns_first: bool = False) -> PhaseSums:
    """Return the phase sums of a convolution before a pixel shuffle.

    The phases are the channels of a block: their kernels must have equal sums, and their biases must be equal. A bias
    counts as the kernel of one more input channel, which is constant.

    Args:
        kernel: the weights: output channels, input channels of a group, rows and columns.
        bias: a bias for each output channel, or None.
        block: the scale of the shuffle.
        columns_first: True if consecutive channels form a block (PyTorch's order, ONNX's CRD); False for ONNX's DCR,
            in which the channels of a block are far apart.

    >>> shuffled_phases(np.ones((4, 1, 3, 3)), np.array([0.0, 0, 0, 1]), 2).even
    False
    """
    wide = kernel.astype(np.float64)
    by_axes = tuple(range(2, wide.ndim))
    sums, sizes = wide.sum(axis=by_axes), np.abs(wide).sum(axis=by_axes)
    if bias is not None:
        sums = np.concatenate([sums, bias.astype(np.float64).reshape(-1, 1)], axis=1)
        sizes = np.concatenate([sizes, np.abs(bias).reshape(-1, 1)], axis=1)

    def by_phase(values: Array) -> Array:
        channels = len(values) // block**2
        if columns_first:
            parts = values.reshape(channels, block, block, -1)
            return parts.transpose(0, 3, 1, 2)
        return values.reshape(block, block, channels, -1).transpose(2, 3, 0, 1)

    return measured_phases(by_phase(sums), by_phase(sizes), kernel)


def measured_phases(sums: Array, sizes: Array, kernel: Array) -> PhaseSums:
    """Return phase sums with their spread; `sizes` are the phase sums of the magnitudes."""
    axes = _phase_axes(sums)
    scale = float(np.sqrt((sizes.mean(axis=axes) ** 2).mean()))
    deviation = float(np.sqrt(((sums - _mean(sums)) ** 2).mean()))
    with np.errstate(over="ignore"):  # a weight that is too large for 16 bits is not equal afterwards
        half = kernel.astype(np.float16, copy=False)  # weights may be stored in 16 bits and computed with in 32
    precision = np.finfo(np.float16 if np.array_equal(half, kernel) else np.float32).eps
    return PhaseSums(sums, deviation / scale if scale else 0.0, float(ROUNDING * precision))


def _phase_axes(sums: Array) -> tuple[int, ...]:
    return tuple(range(2, sums.ndim))


def _mean(sums: Array) -> Array:
    mean: Array = sums.mean(axis=_phase_axes(sums), keepdims=True)
    return mean
