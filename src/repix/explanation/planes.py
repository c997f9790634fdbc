"""Arrays as 2-D planes with titles, for tables and pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Index, Step, Trace

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Plane:
    """One channel of an array, with its title and two masks."""

    title: str
    numbers: Array  # (H, W)
    marked: Mask  # (H, W)
    decided: Mask  # (H, W)


AXES = ("sample", "channel")
"""The names of the axes before rows and columns."""


POINT_AXES = ("sample", "group", "row", "column")
"""The names of the axes before the last two of an array of points, or of the weights of each point."""


def axis_names(trace: Trace, name: str) -> tuple[str, ...]:
    """Return the names of the leading axes of an input or a stage; kernels have one of torch's two orders.

    >>> from repix.arithmetic import conv2d
    >>> axis_names(conv2d.trace(np.eye(3), np.eye(2)), "kernel")
    ('filter', 'channel')
    """
    if name == "score-weights":
        return ("channel", "tap", "row", "column")
    if not name.endswith(KERNELS):
        return AXES if dimensions(trace, name) <= 4 else POINT_AXES[: dimensions(trace, name) - 2]
    lays = any(step.rule == "scale" for step in trace.steps)
    return ("channel", "filter") if lays else ("filter", "channel")


def dimensions(trace: Trace, name: str) -> int:
    """Return the number of axes of an input or a stage."""
    starts = {stage.name: stage.start for stage in trace.stages}
    return np.ndim((trace.inputs | starts)[name])


KERNELS = ("kernel", "phase-sums", "missing", "shares")
"""Suffixes of the names of kernels and of arrays with the axes of a kernel."""


def planes(
    title: str,
    array: Array,
    marked: Mask | None = None,
    decided: Mask | None = None,
    axes: tuple[str, ...] = AXES,
) -> list[Plane]:
    """Return an array as planes, one for each channel, with the channel in the title; (N,) becomes one row.

    >>> [plane.title for plane in planes("data", np.zeros((2, 3, 3)))]
    ['data, channel 0', 'data, channel 1']
    >>> planes("values", np.zeros(4))[0].numbers.shape
    (1, 4)
    """
    marked = np.zeros(array.shape, bool) if marked is None else marked
    decided = np.ones(array.shape, bool) if decided is None else decided
    rows, columns = (1, 1, *array.shape)[-2:]
    stacked = [part.reshape(-1, rows, columns) for part in (array, marked, decided)]
    lead = array.shape[:-2]
    names = ("part",) * (len(lead) - len(axes)) + axes[max(len(axes) - len(lead), 0) :]
    titles = [
        ", ".join([title] * bool(title) + [f"{names[i]} {at}" for i, at in enumerate(place) if lead[i] > 1])
        for place in np.ndindex(*lead)
    ]
    return [Plane(one, *sheets) for one, *sheets in zip(titles, *stacked, strict=True)]


def mask(array: Array, region: Index) -> Mask:
    """Return the mask of the values that a region of an array covers."""
    covered = np.zeros(array.shape, bool)
    covered[region] = True
    return covered


def step_sentence(step: Step) -> str:
    """Return the text of a step as a sentence."""
    return step.text[:1].upper() + step.text[1:]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A step, and the array that it writes, right after the step."""

    step: Step
    after: Array
    decided: Mask
    """The mask of the values that are computed by then."""


def snapshots(trace: Trace) -> Iterator[Snapshot]:
    """Yield a snapshot of each step of a trace."""
    arrays = {stage.name: np.array(stage.start) for stage in trace.stages}
    decided_by_stage = {stage.name: np.asarray(np.asarray(stage.start) != 0) for stage in trace.stages}
    for step in trace.steps:
        after, decided = arrays[step.stage].copy(), decided_by_stage[step.stage].copy()
        after[step.index] = after[step.index] + step.result if step.adds else step.result
        decided[step.index] = True
        arrays[step.stage], decided_by_stage[step.stage] = after, decided
        yield Snapshot(step, after, decided)
