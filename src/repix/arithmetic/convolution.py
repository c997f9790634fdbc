"""Convolution as in neural networks: the kernel slides along the picture and is not flipped (cross-correlation)."""

import numpy as np

from repix.arithmetic.arrays import Array, split_pair, whole_pair
from repix.arithmetic.kernel_axis import Padding, conv_axis
from repix.arithmetic.sliding_window import (
    KernelAxes,
    SlidingWindow,
    as_batch,
    as_bias,
    pad_step,
    padded,
    require_kernel,
    slide,
    without_axes,
)
from repix.arithmetic.step_text import require_short_trace
from repix.arithmetic.trace import Stage, Trace, traced_by


def _trace_conv2d(
    picture: Array,
    kernel: Array,
    bias: Array | float | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Trace:
    require_kernel(picture, kernel, groups, transposed=False)
    lines = conv_axes(picture, kernel, stride, padding, dilation)
    batch, filters = as_batch(picture), as_batch(kernel)
    require_short_trace(len(batch) * len(filters) * lines[0].output * lines[1].output + 1)
    stages, steps = [], []
    if any(line.before or line.after for line in lines):
        stage, step = pad_step("picture", batch, lines, picture.ndim)
        stages, steps = [stage], [step]
    size = (len(batch), len(filters), lines[0].output, lines[1].output)
    start = np.zeros(size, picture.dtype) + as_bias(bias, len(filters), picture)
    source_name = "padded" if stages else "picture"
    sliding = SlidingWindow(padded(batch, lines), source_name, filters, "kernel", lines, groups, picture.ndim)
    stages.append(Stage("output", "Output", without_axes(start, picture.ndim)))
    steps += sliding.steps(start)
    return Trace("conv", tuple(stages), tuple(steps), {"picture": picture, "kernel": kernel})


@traced_by(_trace_conv2d)
def conv2d(
    picture: Array,
    kernel: Array,
    bias: Array | float | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Array:
    """Slide a kernel along a picture: H×W with a kernel K×L, or (N×)C×H×W with kernels O×(C/groups)×K×L.

    `padding="same"` follows Keras: the output size is the size divided by the stride, rounded up. If the number of
    zeros is odd, the extra zero is at the end.

    Args:
        picture: H×W, C×H×W or N×C×H×W, of float32 or float64.
        kernel: K×L for H×W, else O×(C/groups)×K×L.
        bias: one number, or one for each of the O filters.
        stride: the step of the kernel; one number or (rows, columns).
        padding: zeros at each end, or "valid" or "same".
        dilation: the distance between the values of the kernel.
        groups: the number of groups of channels.

    Returns:
        The output, with as many axes as the picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> conv2d(np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, -1.0]])).tolist()
    [[-1.0, -2.0]]
    """
    require_kernel(picture, kernel, groups, transposed=False)
    lines = conv_axes(picture, kernel, stride, padding, dilation)
    filters = as_batch(kernel)
    shift = as_bias(bias, len(filters), picture)
    out = slide(padded(as_batch(picture), lines), filters, lines, groups)
    out += shift
    return without_axes(out, picture.ndim)


def conv_axes(
    picture: Array,
    kernel: Array,
    stride: int | tuple[int, int],
    padding: Padding | tuple[int, int],
    dilation: int | tuple[int, int],
) -> KernelAxes:
    """Return the vertical and the horizontal axis of a convolution."""
    strides, dilations = whole_pair(stride, "stride", 1), whole_pair(dilation, "dilation", 1)
    paddings = split_pair(padding, "padding")
    sizes = zip(picture.shape[-2:], kernel.shape[-2:], strides, paddings, dilations, strict=True)
    rows, columns = (conv_axis(*size) for size in sizes)
    return rows, columns
