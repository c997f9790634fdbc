"""Transposed convolution in two equivalent views.

"scatter": the kernel is scaled by each value of the picture and added to the output.
"insert": zeros are inserted between and around the values, then the flipped kernel slides along.
A transposed convolution enlarges a picture. It is the transpose of a convolution, not its inverse.
"""

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array, split_pair, whole_pair
from repix.arithmetic.kernel_axis import Padding, transposed_axis
from repix.arithmetic.sliding_window import (
    CHUNK,
    KernelAxes,
    SlidingWindow,
    as_batch,
    as_bias,
    pad_step,
    padded,
    require_kernel,
    slide,
    without_axes,
    without_lead,
)
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_position,
    format_region,
    plural,
    require_short_trace,
)
from repix.arithmetic.trace import Region, Stage, Step, Trace, run_steps, traced_by
from repix.errors import WrongUse

View = Literal["scatter", "insert"]


def _trace_conv_transpose2d(
    picture: Array,
    kernel: Array,
    bias: Array | float | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[int, int] = 0,
    output_padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
    view: View = "scatter",
) -> Trace:
    require_kernel(picture, kernel, groups, transposed=True)
    lines = transposed_axes(picture, kernel, stride, padding, output_padding, dilation)
    results = len(as_batch(picture)) * as_batch(kernel).shape[1] * groups * math.prod(_sum_size(lines))
    require_short_trace((picture.size if view == "scatter" else results) + 3, results)
    _require_view(view)
    filters = as_batch(kernel).shape[1] * groups
    size = (len(as_batch(picture)), filters, lines[0].transposed_output, lines[1].transposed_output)
    start = np.zeros(size, picture.dtype) + as_bias(bias, filters, picture)
    explain = _scatter_trace if view == "scatter" else _insert_trace
    stages, steps = explain(picture, kernel, lines, groups, start)
    return Trace("conv-transpose", tuple(stages), tuple(steps), {"picture": picture, "kernel": kernel})


@traced_by(_trace_conv_transpose2d)
def conv_transpose2d(
    picture: Array,
    kernel: Array,
    bias: Array | float | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: Padding | tuple[int, int] = 0,
    output_padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
    view: View = "scatter",
) -> Array:
    """Return the transposed convolution of H×W with a kernel K×L, or of (N×)C×H×W with kernels C×(O/groups)×K×L.

    `padding` crops the output at both ends, `output_padding` adds rows and columns at the bottom and right. "same" and
    "valid" follow Keras: "same" gives size times stride, "valid" crops nothing and gives at least that.

    Args:
        picture: H×W, C×H×W or N×C×H×W, of float32 or float64.
        kernel: K×L for H×W, else C×(O/groups)×K×L.
        bias: one number, or one for each of the O filters.
        stride: the distance between neighboring kernels on the output; one number or (rows, columns).
        padding: rows and columns to crop at each end, or "valid" or "same".
        output_padding: rows and columns to add at the bottom and right.
        dilation: the distance between the values of the kernel.
        groups: the number of groups of channels.
        view: the order of the computation: "scatter" or "insert".

    Returns:
        The output, with as many axes as the picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> conv_transpose2d(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[0.0, 1.0], [2.0, 3.0]])).tolist()
    [[0.0, 0.0, 1.0], [0.0, 4.0, 6.0], [4.0, 12.0, 9.0]]
    """
    require_kernel(picture, kernel, groups, transposed=True)
    lines = transposed_axes(picture, kernel, stride, padding, output_padding, dilation)
    _require_view(view)
    shift = as_bias(bias, as_batch(kernel).shape[1] * groups, picture)
    if view == "scatter":
        out = scatter(as_batch(picture), as_batch(kernel), lines, groups)[(..., *_kept(lines))]
    else:
        out = slide(
            padded(inserted(as_batch(picture), lines), _insert_lines(lines)),
            flipped(as_batch(kernel), groups),
            _insert_lines(lines),
            groups,
        )
    out += shift
    return without_axes(out, picture.ndim)


def _require_view(view: str) -> None:
    if view not in ("scatter", "insert"):
        raise WrongUse(f"There is no view {view!r}; choose 'scatter' or 'insert'.")


def transposed_axes(
    picture: Array,
    kernel: Array,
    stride: int | tuple[int, int],
    padding: Padding | tuple[int, int],
    output_padding: int | tuple[int, int],
    dilation: int | tuple[int, int],
) -> KernelAxes:
    """Return the vertical and the horizontal axis of a transposed convolution."""
    strides, dilations = whole_pair(stride, "stride", 1), whole_pair(dilation, "dilation", 1)
    paddings, extras = split_pair(padding, "padding"), whole_pair(output_padding, "output padding", 0)
    sizes = zip(picture.shape[-2:], kernel.shape[-2:], strides, paddings, extras, dilations, strict=True)
    rows, columns = (transposed_axis(*size) for size in sizes)
    return rows, columns


def scatter(batch: Array, kernel: Array, lines: KernelAxes, groups: int) -> Array:
    """Return the sum of all scaled kernels before cropping, with output padding: N×C×H×W to N×O×rows×columns."""
    n, channels, height, width = batch.shape
    per_group, *sides = kernel.shape[1:]
    matrices = kernel.reshape(groups, channels // groups, -1).transpose(0, 2, 1)  # (groups, O/groups * K * L, C/groups)
    out = np.zeros((n, groups * per_group, *_sum_size(lines)), batch.dtype)
    rows, columns = lines
    step = max(1, CHUNK // (n * out.shape[1] * sides[0] * sides[1] * width * batch.itemsize))
    for start in range(0, height, step):
        some = batch[:, :, start : start + step].reshape(n, groups, channels // groups, -1)
        scaled = (matrices @ some).reshape(n, groups * per_group, *sides, -1, width)
        for i, j in np.ndindex(*sides):
            top, left = start * rows.stride + i * rows.dilation, j * columns.dilation
            bottom = top + (scaled.shape[4] - 1) * rows.stride + 1
            right = left + (width - 1) * columns.stride + 1
            out[:, :, top : bottom : rows.stride, left : right : columns.stride] += scaled[:, :, i, j]
    return out


def inserted(batch: Array, lines: KernelAxes) -> Array:
    """Return the batch with stride - 1 zeros between its values."""
    rows, columns = lines
    height, width = rows.stride * (rows.size - 1) + 1, columns.stride * (columns.size - 1) + 1
    out = np.zeros((*batch.shape[:2], height, width), batch.dtype)
    out[:, :, :: rows.stride, :: columns.stride] = batch
    return out


def flipped(kernel: Array, groups: int) -> Array:
    """Return kernels (C, O/groups, K, L) as filters (O, C/groups, K, L) of the `insert` view, flipped on both axes."""
    channels, per_group, *sides = kernel.shape
    split = kernel.reshape(groups, channels // groups, per_group, *sides).swapaxes(1, 2)
    return split.reshape(groups * per_group, channels // groups, *sides)[:, :, ::-1, ::-1]


def _insert_lines(lines: KernelAxes) -> KernelAxes:
    """Return the axes of the flipped kernel, padded with effective kernel size - 1 zeros minus the padding."""
    rows, columns = (
        replace(
            line,
            size=line.stride * (line.size - 1) + 1,
            stride=1,
            before=line.effective_kernel - 1 - line.before,
            after=line.effective_kernel - 1 - line.after,
        )
        for line in lines
    )
    return rows, columns


def _sum_size(lines: KernelAxes) -> tuple[int, int]:
    """Return the size of the sum of all kernels; output padding may extend it."""
    rows, columns = (line.full_output + max(-line.after, 0) for line in lines)
    return rows, columns


def _kept(lines: KernelAxes) -> tuple[slice, slice]:
    rows, columns = (slice(line.before, line.before + line.transposed_output) for line in lines)
    return rows, columns


StagesAndSteps = tuple[list[Stage], list[Step]]


def _scatter_trace(picture: Array, kernel: Array, lines: KernelAxes, groups: int, start: Array) -> StagesAndSteps:
    """Return the sum of scaled kernels; with padding or a bias, also the step that crops it to the output."""
    batch, kernels = as_batch(picture), as_batch(kernel)
    size = (*start.shape[:2], *_sum_size(lines))
    plain = size == start.shape and not start.any()
    sum_stage = Stage(
        "output" if plain else "sum",
        "Sum of scaled kernels",
        without_axes(np.zeros(size, picture.dtype), picture.ndim),
    )
    scatter_steps = [
        _scatter_step(batch, kernels, lines, at, groups, sum_stage.name, picture.ndim) for at in np.ndindex(batch.shape)
    ]
    if plain:
        return [sum_stage], scatter_steps
    rows, columns = _kept(lines)
    index = without_lead((slice(None), slice(None), rows, columns), picture.ndim)
    values = run_steps([sum_stage], scatter_steps)["sum"][index]
    biased = bool(start.any())
    kept = Step(
        "output",
        f"Keep {format_region(rows, columns)}" + (" and add the bias" if biased else ""),
        "copy",
        {"values": values},
        (slice(None),) * picture.ndim,
        values,
        adds=biased,
        reads={"values": Region("sum", index)},
    )
    output = Stage("output", "Output", without_axes(start, picture.ndim))
    return [sum_stage, output], [*scatter_steps, kept]


def _scatter_step(
    batch: Array, kernels: Array, lines: KernelAxes, at: tuple[int, ...], groups: int, stage: str, dimensions: int
) -> Step:
    """Return the step that adds the kernel, scaled by one value of the picture, to the sum."""
    n, c, y, x = at
    per_group = kernels.shape[1]
    first = c // (len(kernels) // groups) * per_group
    rows, columns = lines[0].window(y), lines[1].window(x)
    index = (slice(n, n + 1), slice(first, first + per_group), rows, columns)
    value = without_axes(batch[cell_index(*at)], dimensions)
    weights = without_axes(kernels[c : c + 1], dimensions) if dimensions == 2 else kernels[c]
    whole_kernel = (slice(None),) * 2 if dimensions == 2 else (slice(c, c + 1), *(slice(None),) * 3)
    where = format_position(*at[4 - dimensions :])
    return Step(
        stage,
        f"{where}: {format_number(value.item())} x kernel added at {format_region(rows, columns)}",
        "scale",
        {"value": value, "kernel": weights},
        without_lead(index, dimensions),
        value * weights,
        adds=True,
        reads={
            "value": Region("picture", without_lead(cell_index(*at), dimensions)),
            "kernel": Region("kernel", whole_kernel),
        },
    )


def _insert_trace(picture: Array, kernel: Array, lines: KernelAxes, groups: int, start: Array) -> StagesAndSteps:
    """Return the steps of the `insert` view: insert zeros, pad, flip the kernel, convolve."""
    dimensions = picture.ndim
    spaced = inserted(as_batch(picture), lines)
    axes = _insert_lines(lines)
    filters = flipped(as_batch(kernel), groups)
    pad_stage, pad = pad_step("inserted", spaced, axes, dimensions)
    shown = filters.reshape(kernel.shape) if dimensions == 2 else filters
    between = (slice(None, None, lines[0].stride), slice(None, None, lines[1].stride))
    steps = [
        Step(
            "inserted",
            f"Insert {plural(lines[0].stride - 1, 'zero')} between rows and {plural(lines[1].stride - 1, 'zero')} "
            "between columns: one less than the stride",
            "copy",
            {"values": picture},
            (*(slice(None),) * (dimensions - 2), *between),
            picture,
            reads={"values": Region("picture", (slice(None),) * dimensions)},
        ),
        pad,
        Step(
            "flipped-kernel",
            "Flip the kernel along both axes",
            "copy",
            {"values": shown},
            (slice(None),) * shown.ndim,
            shown,
            reads={"values": Region("kernel", (slice(None),) * kernel.ndim)},
        ),
        *SlidingWindow(padded(spaced, axes), "padded", filters, "flipped-kernel", axes, groups, dimensions).steps(
            start
        ),
    ]
    stages = [
        Stage("inserted", "With zeros inserted", without_axes(np.zeros_like(spaced), dimensions)),
        pad_stage,
        Stage("flipped-kernel", "The kernel, flipped", np.zeros_like(shown)),
        Stage("output", "Output", without_axes(start, dimensions)),
    ]
    return stages, steps
