"""Max pooling with indices, and max unpooling."""

import math

import numpy as np

from repix.arithmetic.arrays import (
    Array,
    Integers,
    require_dimensions,
    require_floats,
    require_planes,
    whole_pair,
)
from repix.arithmetic.kernel_axis import KernelAxis, conv_axis
from repix.arithmetic.sliding_window import KernelAxes, as_batch, without_axes, without_lead
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_numbers,
    format_position,
    format_region,
    require_short_trace,
)
from repix.arithmetic.trace import Region, Stage, Step, Trace, copy_step, first_max, traced_by
from repix.errors import WrongDtype, WrongShape, WrongUse


def _trace_max_pool2d(
    picture: Array,
    kernel_size: int | tuple[int, int],
    *,
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
) -> Trace:
    lines = _pool_lines(picture, kernel_size, stride, padding, dilation)
    require_short_trace(2 * math.prod(picture.shape[:-2]) * lines[0].output * lines[1].output)
    values, _ = max_pool2d(picture, kernel_size, stride=stride, padding=padding, dilation=dilation)
    stages = (
        Stage("indices", "Index of each maximum, counted row by row from 0", np.zeros(values.shape)),
        Stage("output", "Maxima", np.zeros_like(values)),
    )
    batch = as_batch(picture)
    steps = [s for at in np.ndindex(as_batch(values).shape) for s in _pool_steps(batch, lines, at, picture.ndim)]
    return Trace("max-pool", stages, tuple(steps), {"picture": picture})


@traced_by(_trace_max_pool2d)
def max_pool2d(
    picture: Array,
    kernel_size: int | tuple[int, int],
    *,
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
) -> tuple[Array, Integers]:
    """Return the maximum of each window and its index in the plane, counted row by row from 0; the first of equals.

    The picture is H×W, C×H×W or N×C×H×W. The stride is the kernel size unless it is given.

    Args:
        picture: H×W, C×H×W or N×C×H×W, of float32 or float64.
        kernel_size: the size of the windows; one number or (rows, columns).
        stride: the distance between windows; by default their size.
        padding: rows and columns around the picture, which are never the maximum.
        dilation: the distance between the values of a window.

    Returns:
        The maxima and their indices, both with as many axes as the picture.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> values, indices = max_pool2d(np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), 2)
    >>> values.tolist(), indices.tolist()
    ([[6.0, 8.0]], [[5, 7]])
    """
    lines = _pool_lines(picture, kernel_size, stride, padding, dilation)
    pad = [(line.before, line.after) for line in lines]
    batch = np.pad(as_batch(picture), [(0, 0), (0, 0), *pad], constant_values=-np.inf)
    size = (*batch.shape[:2], lines[0].output, lines[1].output)
    best, where = np.full(size, -np.inf, picture.dtype), np.zeros(size, np.int64)
    for i, j in np.ndindex(lines[0].kernel, lines[1].kernel):
        rows, columns = _tap(lines[0], i), _tap(lines[1], j)
        seen = batch[:, :, rows, columns]
        larger = seen > best
        np.copyto(best, seen, where=larger)
        places = _places(rows, lines[0])[:, np.newaxis] * lines[1].size + _places(columns, lines[1])
        np.copyto(where, places, where=larger)
    if best.min() == -np.inf:
        raise WrongUse("With this dilation a window holds padding only; use less dilation or less padding.")
    return without_axes(best, picture.ndim), where.reshape(best.shape[4 - picture.ndim :])


def _pool_lines(
    picture: Array,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None,
    padding: int | tuple[int, int],
    dilation: int | tuple[int, int],
) -> KernelAxes:
    require_planes(picture, "picture")
    kernels = whole_pair(kernel_size, "kernel_size", 1)
    strides = kernels if stride is None else whole_pair(stride, "stride", 1)
    paddings, dilations = whole_pair(padding, "padding", 0), whole_pair(dilation, "dilation", 1)
    for zeros, size in zip(paddings, kernels, strict=True):
        if zeros > size // 2:
            raise WrongUse(f"padding is {zeros}; it may be at most half the kernel size {size}.")
    sizes = zip(picture.shape[-2:], kernels, strides, paddings, dilations, strict=True)
    rows, columns = (conv_axis(*one) for one in sizes)
    return rows, columns


def _tap(line: KernelAxis, offset: int) -> slice:
    """Return the positions of the kernel's value `offset` on the padded axis, for every window."""
    first = offset * line.dilation
    return slice(first, first + (line.output - 1) * line.stride + 1, line.stride)


def _places(tap: slice, line: KernelAxis) -> Integers:
    """Return the same positions on the axis without its padding."""
    return np.arange(tap.start, tap.stop, tap.step) - line.before


def _pool_steps(batch: Array, lines: KernelAxes, at: tuple[int, ...], dimensions: int) -> tuple[Step, Step]:
    """Return the two steps of one window: the index of its maximum, and the maximum."""
    n, c, y, x = at
    rows, columns = _seen(lines[0], y), _seen(lines[1], x)
    values = batch[n, c, rows, columns]
    width = lines[1].size
    first = np.arange(rows.start, rows.stop, rows.step)[:, np.newaxis] * width
    indices = (first + np.arange(columns.start, columns.stop, columns.step)).astype(np.float64)
    winner, most = indices.reshape(-1)[np.argmax(values)], first_max(values)
    region = Region("picture", without_lead((slice(n, n + 1), slice(c, c + 1), rows, columns), dimensions))
    target, where = without_lead(cell_index(*at), dimensions), format_position(*at[4 - dimensions :])
    found = (
        f"{where}: {format_region(rows, columns)} hold {format_numbers(values)}; the largest is {format_number(most)}"
    )
    return (
        Step(
            "indices",
            f"{found}, number {format_number(winner)} of the plane",
            "index-of-max",
            {"values": values, "indices": indices},
            target,
            np.asarray(winner),
            reads={"values": region},
        ),
        Step(
            "output",
            found,
            "max",
            {"values": values},
            target,
            most,
            reads={"values": region},
        ),
    )


def _seen(line: KernelAxis, step: int) -> slice:
    """Return the part of a window that is on the picture, not on its padding."""
    first = step * line.stride - line.before
    places = [p for p in range(first, first + line.effective_kernel, line.dilation) if 0 <= p < line.size]
    return slice(places[0], places[-1] + 1, line.dilation if len(places) > 1 else 1)


def _trace_max_unpool2d(values: Array, indices: Integers, output_size: int | tuple[int, int]) -> Trace:
    height, width = _unpooled_size(values, indices, output_size)
    require_short_trace(values.size, math.prod(values.shape[:-2]) * height * width)
    steps = []
    for at in np.ndindex(values.shape):
        flat = int(indices[at])
        target = cell_index(*at[:-2], flat // width, flat % width)
        text = (
            f"{format_position(*at)}: {format_number(values[at])} goes back to index {flat}, "
            f"{format_position(flat // width, flat % width)}"
        )
        steps.append(copy_step(text, values[cell_index(*at)], Region("values", cell_index(*at)), target))
    start = np.zeros((*values.shape[:-2], height, width), values.dtype)
    stage = Stage("output", "Maxima at their indices, zeros elsewhere", start)
    return Trace("unpool", (stage,), tuple(steps), {"values": values, "indices": indices.astype(np.float64)})


@traced_by(_trace_max_unpool2d)
def max_unpool2d(values: Array, indices: Integers, output_size: int | tuple[int, int]) -> Array:
    """Return planes of size (rows, columns) with each value at its index, and zeros elsewhere.

    Args:
        values: H×W, C×H×W or N×C×H×W, of float32 or float64.
        indices: integers of the same shape, as `max_pool2d` returns them.
        output_size: the size of the planes; one number or (rows, columns).

    Returns:
        The planes.

    Raises:
        WrongDtype, WrongShape, WrongUse: an argument has the wrong type, shape or value.

    >>> max_unpool2d(np.array([[6.0, 8.0]]), np.array([[5, 7]]), (2, 4)).tolist()
    [[0.0, 0.0, 0.0, 0.0], [0.0, 6.0, 0.0, 8.0]]
    """
    height, width = _unpooled_size(values, indices, output_size)
    planes = np.zeros((*values.shape[:-2], height * width), values.dtype)
    places = indices.reshape(*values.shape[:-2], -1)
    np.put_along_axis(planes, places, values.reshape(places.shape), axis=-1)
    return planes.reshape(*values.shape[:-2], height, width)


def _unpooled_size(values: Array, indices: Integers, output_size: int | tuple[int, int]) -> tuple[int, int]:
    """Return the height and the width of the plane; refuse values, indices and size that do not fit each other."""
    require_floats(values, "values")
    require_dimensions(values, "values", 2, 3, 4)
    height, width = whole_pair(output_size, "output_size", 1)
    if not np.issubdtype(getattr(indices, "dtype", np.object_), np.integer):
        kind = getattr(indices, "dtype", f"a {type(indices).__name__}")
        raise WrongDtype(f"indices are {kind}; they must be integers, as max_pool2d returns them.")
    if indices.shape != values.shape:
        raise WrongShape(f"values have shape {values.shape} but indices {indices.shape}; give each value its index.")
    if indices.min() < 0 or indices.max() >= height * width:
        raise WrongUse(
            f"The indices are {indices.min()} to {indices.max()}, but a plane {height}×{width} has the indices 0 to "
            f"{height * width - 1}; give the size that was pooled."
        )
    return height, width
