"""Sliding windows: the computation that convolution and the `insert` view of transposed convolution share."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from repix.arithmetic.arrays import Array, require_dimensions, require_finite, require_planes, require_same_dtype, whole
from repix.arithmetic.kernel_axis import KernelAxis
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_position,
    format_products,
    format_region,
    plural,
)
from repix.arithmetic.trace import Index, Region, Stage, Step, sequential_sum
from repix.errors import WrongShape

CHUNK = 1 << 24
"""Bytes of windows gathered at once; it limits the extra memory for large pictures."""

KernelAxes = tuple[KernelAxis, KernelAxis]
"""The vertical and the horizontal axis."""


def require_kernel(picture: Array, kernel: Array, groups: int, transposed: bool) -> None:
    """Refuse a kernel that does not fit the picture's channels.

    >>> require_kernel(np.ones((3, 8, 8)), np.ones((4, 2, 3, 3)), 1, transposed=False)
    Traceback (most recent call last):
    repix.errors.WrongShape: kernel has shape (4, 2, 3, 3); for 3 channels in 1 group it must be (filters, 3, K, L).
    """
    require_planes(picture, "picture")
    require_same_dtype(kernel, "kernel", picture, "picture")
    require_dimensions(kernel, "kernel", 2 if picture.ndim == 2 else 4)
    require_finite(kernel, "kernel")
    channels = as_batch(picture).shape[1]
    first, second = as_batch(kernel).shape[:2]
    if channels % whole(groups, "groups", 1):
        raise WrongShape(f"{channels} channels cannot be split into {groups} groups of the same size.")
    if transposed and first != channels:
        raise WrongShape(
            f"kernel has shape {kernel.shape}; for {channels} channels it must be ({channels}, filters/groups, K, L)."
        )
    if not transposed and (second * groups != channels or first % groups):
        many = f"{groups} groups" if groups > 1 else "1 group"
        filters = f"a multiple of {groups} filters" if groups > 1 else "filters"
        raise WrongShape(
            f"kernel has shape {kernel.shape}; for {channels} channels in {many} it must be "
            f"({filters}, {channels // groups}, K, L)."
        )


def as_batch(array: Array) -> Array:
    """Return H×W or C×H×W as N×C×H×W.

    >>> as_batch(np.ones((2, 3))).shape
    (1, 1, 2, 3)
    """
    return array.reshape((1,) * (4 - array.ndim) + array.shape)


def as_bias(bias: Array | float | None, filters: int, picture: Array) -> Array:
    """Return the bias as (filters, 1, 1); a single number is used for all filters, None gives zeros."""
    if bias is None:
        return np.zeros((filters, 1, 1), picture.dtype)
    if isinstance(bias, int | float | np.integer | np.floating):
        bias = np.full(filters, bias, picture.dtype)
    require_same_dtype(bias, "bias", picture, "picture")
    require_finite(bias, "bias")
    if bias.shape != (filters,):
        raise WrongShape(f"bias has shape {bias.shape}; with {filters} filters it must have ({filters},).")
    return bias[:, np.newaxis, np.newaxis]


def padded(batch: Array, lines: KernelAxes) -> Array:
    """Return the batch with its padding of zeros; negative padding crops rows or columns."""
    for axis, line in zip((2, 3), lines, strict=True):
        zeros = [(0, 0)] * 4
        zeros[axis] = (max(line.before, 0), max(line.after, 0))
        kept = slice(max(-line.before, 0), batch.shape[axis] - max(-line.after, 0))
        batch = batch[:, :, kept] if axis == 2 else batch[..., kept]
        if any(zeros[axis]):
            batch = np.pad(batch, zeros)
    return batch


def slide(batch: Array, kernel: Array, lines: KernelAxes, groups: int) -> Array:
    """Return the sums of windows times filters, N×C×H×W to N×O×rows×columns, computed some rows at a time."""
    n, channels = batch.shape[:2]
    filters, _, *sides = kernel.shape
    rows, columns = lines[0].output, lines[1].output
    windows = sliding_window_view(batch, (lines[0].effective_kernel, lines[1].effective_kernel), axis=(2, 3))
    windows = windows[:, :, :: lines[0].stride, :: lines[1].stride, :: lines[0].dilation, :: lines[1].dilation]
    windows = windows.transpose(0, 1, 4, 5, 2, 3)  # (N, C, K, L, rows, columns)
    matrices = kernel.reshape(groups, filters // groups, -1)
    out = np.empty((n, filters, rows, columns), batch.dtype)
    step = max(1, CHUNK // (n * channels * sides[0] * sides[1] * columns * batch.itemsize))
    for start in range(0, rows, step):
        some = windows[..., start : start + step, :].reshape(n, groups, matrices.shape[2], -1)
        out[:, :, start : start + step] = (matrices @ some).reshape(n, filters, -1, columns)
    return out


def pad_step(source_name: str, batch: Array, lines: KernelAxes, dimensions: int) -> tuple[Stage, Step]:
    """Return the stage and the step that pad an array with zeros (or crop it)."""
    result = without_axes(padded(batch, lines), dimensions)
    start = np.zeros_like(result)
    kept, index = [], []
    for line in lines:
        kept.append(slice(max(-line.before, 0), line.size - max(-line.after, 0)))
        first = max(line.before, 0)
        index.append(slice(first, first + kept[-1].stop - kept[-1].start))
    everything = (slice(None),) * (dimensions - 2)
    values = without_axes(batch, dimensions)[(*everything, *kept)]
    step = Step(
        "padded",
        f"Add {_ends(lines[0])} the rows and {_ends(lines[1])} the columns: the values are now at "
        f"{format_region(*index)}",
        "copy",
        {"values": values},
        (*everything, *index),
        values,
        reads={"values": Region(source_name, (*everything, *kept))},
    )
    return Stage("padded", "Padded with zeros", start), step


def _ends(line: KernelAxis) -> str:
    before, after = (plural(n, "zero") if n >= 0 else f"{n} (crop {-n})" for n in (line.before, line.after))
    return f"{before} before and {after} after"


@dataclass(frozen=True)
class SlidingWindow:
    """Filters and the padded source that they slide along, with the names that a trace's regions use."""

    source: Array
    """(N, C, H, W), padded."""
    source_name: str
    filters: Array
    """(O, C/groups, K, L)."""
    filters_name: str
    lines: KernelAxes
    groups: int
    dimensions: int
    """The number of axes of the picture and of the regions in the trace."""

    def steps(self, start: Array) -> list[Step]:
        """Return one step for each value of the output (N, O, rows, columns); the output starts as the bias."""
        return [self._step(start, at) for at in np.ndindex(start.shape)]

    def _step(self, start: Array, at: tuple[int, ...]) -> Step:
        n, o, y, x = at
        filters, per_group = self.filters.shape[:2]
        first = o // (filters // self.groups) * per_group
        channels = slice(first, first + per_group)
        window = (slice(n, n + 1), channels, self.lines[0].window(y), self.lines[1].window(x))
        values = without_axes(self.source[window], min(self.dimensions, 3))
        weights = without_axes(self.filters[o : o + 1], min(self.dimensions, 3))
        total = sequential_sum(values * weights)
        bias = start[at]
        before = f"{format_number(bias)} + " if bias else ""
        whole_filter = (slice(None),) * 2 if self.dimensions == 2 else (slice(o, o + 1), *(slice(None),) * 3)
        return Step(
            "output",
            f"{format_position(*at[4 - self.dimensions :])}: {before}{format_products(values, weights)} = "
            f"{format_number(bias + total)}",
            "dot",
            {"values": values, "weights": weights},
            without_lead(cell_index(*at), self.dimensions),
            total,
            adds=bool(start.any()),
            reads={
                "values": Region(self.source_name, without_lead(window, self.dimensions)),
                "weights": Region(self.filters_name, whole_filter),
            },
        )


def without_axes(batch: Array, dimensions: int) -> Array:
    """Drop the leading axes that `as_batch` added."""
    return batch.reshape(batch.shape[batch.ndim - dimensions :])


def without_lead(index: Index, dimensions: int) -> Index:
    """Drop an index's leading axes that `as_batch` added."""
    return index[len(index) - dimensions :]
