"""The operations of `repix explain`: functions that return a trace; their parameters are the command's options."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from repix.explanation.operations.carafe import carafe
from repix.explanation.operations.compositions import conv_1x1, hypercolumns, icnr, phase_sums, resize_conv
from repix.explanation.operations.convolutions import conv, conv_dilated, conv_transpose, output_size
from repix.explanation.operations.dysample import dysample
from repix.explanation.operations.interpolation import bicubic, bilinear, interpolate, lanczos, nearest, sample
from repix.explanation.operations.large_kernel_transposed import large_kernel_transposed
from repix.explanation.operations.losses import cross_entropy, mae, mse, softmax
from repix.explanation.operations.pooling import max_pool, unpool
from repix.explanation.operations.rearrangement import pixel_shuffle, pixel_unshuffle, reshape

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

OPERATIONS: dict[str, Callable[..., "Trace"]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        conv,
        conv_dilated,
        conv_1x1,
        conv_transpose,
        large_kernel_transposed,
        max_pool,
        unpool,
        nearest,
        bilinear,
        bicubic,
        lanczos,
        resize_conv,
        reshape,
        pixel_shuffle,
        pixel_unshuffle,
        icnr,
        carafe,
        dysample,
        phase_sums,
        hypercolumns,
        sample,
        interpolate,
        output_size,
        softmax,
        cross_entropy,
        mae,
        mse,
    )
}
"""The operations by their command-line names."""
