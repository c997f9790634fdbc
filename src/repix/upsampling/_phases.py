"""The phases of a kernel of a transposed convolution, and how to equalize their sums.

With stride S, the output pixels at one position of the S×S block read every S-th row and column of the kernel: its
phase. In a constant area such a pixel is the constant times the sum of its phase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import cell_index, format_number, format_numbers, require_short_trace
from repix.arithmetic.trace import Index, Region, Stage, Step, Trace, sequential_sum


def phase_sums(kernel: Array, stride: int | Sequence[int], dilation: int | Sequence[int] = 1) -> Array:
    """Return the sum of each phase: (C, O, K, L) to (C, O, stride, stride), and so for any number of axes after O.

    Args:
        kernel: the weights.
        stride: the stride, for all axes after the channels or one for each.
        dilation: the distance of neighboring kernel values, in output pixels.

    >>> phase_sums(np.ones((1, 1, 3, 3)), 2).tolist()
    [[[[4.0, 2.0], [2.0, 1.0]]]]
    >>> phase_sums(np.ones((1, 1, 3)), 2, dilation=2).tolist()
    [[[3.0, 0.0]]]
    """
    sides = kernel.shape[2:]
    strides = [stride] * len(sides) if isinstance(stride, int) else stride
    dilations = [dilation] * len(sides) if isinstance(dilation, int) else dilation
    sums = np.zeros((*kernel.shape[:2], *strides), kernel.dtype)
    for position in np.ndindex(*sides):  # one value after the other, in the order of the trace
        phase = _phase_at(position, strides, dilations)
        sums[:, :, *phase] += kernel[:, :, *position]
    return sums


def equalize_phases(
    kernel: Array, strides: int | Sequence[int], dilations: int | Sequence[int] = 1, common: Array | None = None
) -> Array:
    """Return the kernel with the same constant added to all values of a phase, so that all phases have one sum.

    Args:
        kernel: the weights: (C, O, K, L), and so for any number of axes after O.
        strides: the stride, for all axes after the channels or one for each.
        dilations: the distance of neighboring kernel values, in output pixels.
        common: the sum that all phases get, (C, O); by default the mean of their sums.

    >>> equalize_phases(np.array([[[[1.0, 3.0]] * 2]]), 2).tolist()
    [[[[2.0, 2.0], [2.0, 2.0]]]]
    >>> equalize_phases(np.array([[[1.0, 1.0, 1.0]]]), 2, common=np.array([[2.0]])).tolist()
    [[[1.0, 2.0, 1.0]]]
    """
    sides = kernel.shape[2:]
    steps = [strides] * len(sides) if isinstance(strides, int) else strides
    distances = [dilations] * len(sides) if isinstance(dilations, int) else dilations
    sums, sizes = phase_sums(kernel, steps, distances), phase_sizes(sides, steps, distances)
    if common is None:
        common = np.stack([[one.mean() for one in pair] for pair in sums])
    missing = common.reshape(*common.shape, *[1] * len(sides)) - sums
    made = kernel.copy()
    for position in np.ndindex(*sides):
        phase = _phase_at(position, steps, distances)
        made[:, :, *position] += missing[:, :, *phase] / int(sizes[phase])
    return made


def phase_sizes(sides: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> Array:
    """Return the number of kernel values of each phase; the axes are the strides.

    >>> phase_sizes([3], [2], [1]).tolist()
    [2.0, 1.0]
    """
    sizes: Array = phase_sums(np.ones((1, 1, *sides)), strides, dilations)[0, 0]
    return sizes


def _phase_at(position: Sequence[int], strides: Sequence[int], dilations: Sequence[int]) -> tuple[Any, ...]:
    """Return the phase of a kernel value."""
    return tuple(at * far % step for at, far, step in zip(position, dilations, strides, strict=True))


def equalize_trace(kernel: Array, scale: int) -> Trace:
    """Return the trace of `equalize_phases`."""
    require_short_trace(kernel.shape[0] * kernel.shape[1] * (3 * scale**2 + 3))
    by_phase = np.zeros((*kernel.shape[:2], scale, scale), kernel.dtype)
    stages = (
        Stage("phase-sums", "The sum of each phase of the kernel", by_phase),
        Stage("mean-sum", "The mean of these sums", np.zeros(kernel.shape[:2], kernel.dtype)),
        Stage("missing", "The difference of each sum to the mean", by_phase),
        Stage("shares", "The share of each value of a phase", by_phase),
        Stage("even-kernel", "The kernel with equalized phases", np.zeros_like(kernel)),
    )
    steps = [step for pair in np.ndindex(kernel.shape[:2]) for step in _pair_steps(kernel, scale, pair)]
    return Trace("even-phases", stages, tuple(steps), {"kernel": kernel})


def _pair_steps(kernel: Array, scale: int, pair: tuple[int, ...]) -> list[Step]:
    """Return the steps for one input channel and one output channel."""
    own = cell_index(*pair)
    sums, start = phase_sums(kernel[own], scale), kernel[own]
    mean = np.asarray(sums.mean())
    found = f"the sums are {format_numbers(sums)}; their mean is {format_number(mean)}"
    phases = [_Phase(own, i, j, scale) for i, j in np.ndindex(scale, scale)]
    return [
        *(_summed(kernel, phase) for phase in phases),
        Step("mean-sum", found, "mean", {"values": sums}, own, mean, reads={"values": Region("phase-sums", own)}),
        Step(
            "even-kernel", "start with the kernel", "copy", {"values": start}, own, start,
            reads={"values": Region("kernel", own)},
        ),
        *(step for phase in phases for step in _moves(kernel, phase, sums, mean)),
    ]  # fmt: skip


@dataclass(frozen=True)
class _Phase:
    """One phase of the kernel between two channels."""

    pair: Index
    row: int
    column: int
    scale: int

    @property
    def entries(self) -> Index:
        """The index of its values in the kernel."""
        return (*self.pair, slice(self.row, None, self.scale), slice(self.column, None, self.scale))

    @property
    def place(self) -> Index:
        """Its index among the phases."""
        return (*self.pair, *cell_index(self.row, self.column))

    def __str__(self) -> str:
        return f"the phase at row {self.row}, column {self.column}"


def _summed(kernel: Array, phase: _Phase) -> Step:
    values = kernel[phase.entries]
    total = sequential_sum(values)
    return Step(
        "phase-sums",
        f"{phase}: the sum of {format_numbers(values)} is {format_number(total)}",
        "sum",
        {"values": values},
        phase.place,
        total,
        reads={"values": Region("kernel", phase.entries)},
    )


def _moves(kernel: Array, phase: _Phase, sums: Array, mean: Array) -> list[Step]:
    """Return three steps: the difference of a phase to the mean, the share of each value, and the sum of both."""
    size = kernel[phase.entries].size
    total = sums[0, 0, phase.row, phase.column][np.newaxis, np.newaxis, np.newaxis, np.newaxis]
    missing = mean - total
    parts = np.asarray(size, kernel.dtype)
    share = missing / parts
    return [
        Step(
            "missing",
            f"{phase}: {format_number(mean)} minus {format_number(total.item())} is {format_number(missing.item())}",
            "difference",
            {"first": mean, "second": total},
            phase.place,
            missing,
            reads={"first": Region("mean-sum", phase.pair), "second": Region("phase-sums", phase.place)},
        ),
        Step(
            "shares",
            f"{phase}: {format_number(missing.item())} divided by {size} is {format_number(share.item())}",
            "divide",
            {"values": missing, "total": parts},
            phase.place,
            share,
            reads={"values": Region("missing", phase.place)},
            labels={"total": "size of the phase"},
        ),
        Step(
            "even-kernel",
            f"{phase}: add {format_number(share.item())} to every value",
            "copy",
            {"values": share},
            phase.entries,
            share,
            adds=True,
            reads={"values": Region("shares", phase.place)},
        ),
    ]
