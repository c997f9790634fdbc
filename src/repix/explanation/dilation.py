"""Dilated convolution compared with transposed convolution: one inserts zeros in the kernel, the other in the data."""

from dataclasses import replace
from typing import Any

import numpy as np

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Region, Stage, Step, Trace

Pair = int | tuple[int, int]


def dilated_trace(
    picture: Array, kernel: Array, bias: Array | None = None, *, dilation: Pair, stride: Pair = 1, padding: Any = 0
) -> Trace:
    """Return the trace of a dilated convolution, with two more stages: the spread kernel, and the spread data.

    >>> trace = dilated_trace(np.ones((3, 3)), np.ones((2, 2)), dilation=2)
    >>> trace.output.tolist(), [stage.name for stage in trace.stages][:2]
    ([[4.0]], ['spread kernel', 'spread data'])
    """
    trace = conv2d.trace(picture, kernel, bias, stride=stride, padding=padding, dilation=dilation)
    apart = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    names = list(trace.inputs)
    spread = [
        _spread(
            "spread kernel",
            "The kernel with zeros inserted",
            (names[1], kernel),
            apart,
            "Insert zeros between the values of the kernel: this kernel slides along the data.",
        ),
        _spread(
            "spread data",
            "Not used: the data with zeros inserted, as in a transposed convolution",
            (names[0], picture),
            apart,
            "Insert zeros between the values of the data: a transposed convolution with this stride does that instead.",
        ),
    ]
    stages = (*(stage for stage, _ in spread), *trace.stages)
    return replace(trace, operation="conv-dilated", stages=stages, steps=(*(step for _, step in spread), *trace.steps))


def _spread(name: str, title: str, source: tuple[str, Array], apart: tuple[int, int], text: str) -> tuple[Stage, Step]:
    """Return an array with zeros between its rows and columns, as a stage and the step that fills it."""
    read, array = source
    rows, columns = ((n - 1) * step + 1 for n, step in zip(array.shape[-2:], apart, strict=True))
    whole = (slice(None),) * array.ndim
    index = (*whole[:-2], slice(0, rows, apart[0]), slice(0, columns, apart[1]))
    stage = Stage(name, title, np.zeros((*array.shape[:-2], rows, columns), array.dtype))
    return stage, Step(name, text, "copy", {"values": array}, index, array, reads={"values": Region(read, whole)})
