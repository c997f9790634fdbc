"""Projection of uneven kernels onto even ones: the closest in least squares.

To change the sum of a phase by d, the smallest change adds d / n to each of its n values; the sum of its squares is
d² / n. So the common sum m that costs least minimizes Σ (m - sₚ)² / nₚ over the phases p: it is the mean of the sums sₚ
with the weights 1 / nₚ. Phases of few values move less. A pair of an output and an input channel depends on no other.
"""

from collections.abc import Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.upsampling._phases import equalize_phases, phase_sizes, phase_sums


def even_transposed(kernel: Array, strides: Sequence[int], dilations: Sequence[int] | None = None) -> Array:
    """Return the even kernel of a transposed convolution that is closest to a given one, in float64.

    Groups make no difference.

    Args:
        kernel: the weights: input channels, output channels of a group, and one axis for each stride.
        strides: the stride of each axis.
        dilations: the dilation of each axis; by default 1.

    Raises:
        WrongUse: a phase has no values, so only a kernel that makes 0 of each constant is even.

    >>> even_transposed(np.array([[[1.0, 1.0, 1.0]]]), [2]).round(3).tolist()
    [[[0.667, 1.333, 0.667]]]
    """
    dilations = dilations or [1] * len(strides)
    sizes = phase_sizes(kernel.shape[2:], strides, dilations)
    if not sizes.all():
        raise WrongUse(
            f"a kernel of {_times(kernel.shape[2:])} at stride {_times(strides)} and dilation {_times(dilations)} "
            "has phases without weights, so the only even kernels make 0 of every constant."
        )
    wide = kernel.astype(np.float64)
    weights = 1 / sizes
    axes = tuple(range(2, wide.ndim))
    common = (phase_sums(wide, strides, dilations) * weights).sum(axis=axes) / weights.sum()
    return equalize_phases(wide, strides, dilations, common)


def even_shuffled(
    kernel: Array, bias: Array | None, block: int, *, columns_first: bool = False
) -> tuple[Array, Array | None]:
    """Return kernel and bias of a convolution before a pixel shuffle, even and closest to the given ones, in float64.

    All phases have the same number of values, so the common sum is the mean of the sums; the common bias is the mean.

    Args:
        kernel: the weights: output channels, input channels of a group, rows and columns.
        bias: a bias for each output channel, or None.
        block: the scale of the shuffle.
        columns_first: True if consecutive channels form a block (PyTorch's order, ONNX's CRD); False for ONNX's DCR.

    >>> even_shuffled(np.ones((4, 1, 1, 1)), np.array([0.0, 0, 0, 1]), 2)[1].tolist()
    [0.25, 0.25, 0.25, 0.25]
    """

    def by_phase(values: Array) -> Array:
        """Return a view with the phases as one axis of three: the second in CRD, the first in DCR."""
        channels = len(values) // block**2
        return values.reshape((channels, block**2, -1) if columns_first else (block**2, channels, -1))

    def missing_of(values: Array) -> Array:
        """Return the difference of each value to the mean of its phases."""
        split = by_phase(values)
        missing = split.mean(axis=1 if columns_first else 0, keepdims=True) - split
        made: Array = missing.reshape(values.shape)
        return made

    wide = kernel.astype(np.float64)
    axes = tuple(range(2, wide.ndim))
    share = missing_of(wide.sum(axis=axes)) / np.prod(wide.shape[2:])
    made = wide + share.reshape(*share.shape, *[1] * len(axes))
    if bias is None:
        return made, None
    offset = bias.astype(np.float64)
    return made, offset + missing_of(offset)


def _times(sides: Sequence[int]) -> str:
    return "×".join(map(str, sides))
