"""NumPy operations that can be traced step by step: interpolation, rearrangement, pooling and convolution.

`conv2d(picture, kernel)` computes the result. `conv2d.trace(picture, kernel)` returns every step of the computation.
Pictures are arrays H×W, C×H×W or N×C×H×W of float32 or float64. The result has the same type.
"""

from repix.arithmetic.convolution import conv2d
from repix.arithmetic.hypercolumns import hypercolumns
from repix.arithmetic.interpolation import interpolate_1d, sample_bilinear
from repix.arithmetic.pooling import max_pool2d, max_unpool2d
from repix.arithmetic.probabilities import cross_entropy, softmax
from repix.arithmetic.rearrangement import (
    pixel_shuffle,
    pixel_unshuffle,
    reshape_upsample,
    shuffle_height,
    shuffle_width,
)
from repix.arithmetic.resampling import resize, resize_picture, shrink_matlab
from repix.arithmetic.resize_convolution import resize_convolution_kernel
from repix.arithmetic.sizes import conv_output_size, conv_remainder, conv_transpose_output_size
from repix.arithmetic.trace import Operation, Region, Stage, Step, Trace
from repix.arithmetic.transposed import conv_transpose2d

__all__ = [
    "Operation",
    "Region",
    "Stage",
    "Step",
    "Trace",
    "conv2d",
    "conv_output_size",
    "conv_remainder",
    "conv_transpose2d",
    "conv_transpose_output_size",
    "cross_entropy",
    "hypercolumns",
    "interpolate_1d",
    "max_pool2d",
    "max_unpool2d",
    "pixel_shuffle",
    "pixel_unshuffle",
    "reshape_upsample",
    "resize",
    "resize_convolution_kernel",
    "resize_picture",
    "sample_bilinear",
    "shrink_matlab",
    "shuffle_height",
    "shuffle_width",
    "softmax",
]
