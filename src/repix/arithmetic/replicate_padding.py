"""Replicate padding: the border is repeated, so that a convolution keeps a constant area constant at the border."""

from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import require_short_trace
from repix.arithmetic.trace import Region, Stage, Step, Trace


def replicate_pad(x: Array, width: int) -> Array:
    """Return N×C×H×W with its border pixels repeated `width` times on every side.

    >>> replicate_pad(np.array([[[[1.0, 2.0]]]]), 1)[0, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """
    return np.pad(x, ((0, 0), (0, 0), (width, width), (width, width)), mode="edge")


def replicate_pad_trace(x: Array, width: int) -> Trace:
    """Return the trace of `replicate_pad`: first the columns, then the rows."""
    output = replicate_pad(x, width)
    require_short_trace(sum(output.shape[-2:]))
    wider = output[:, :, width : width + x.shape[2]]
    steps = [_copy("wider", "picture", x, "column", i, width) for i in range(output.shape[3])]
    steps += [_copy("edges", "wider", wider, "row", i, width) for i in range(output.shape[2])]
    stages = (
        Stage("wider", "Border columns repeated", np.zeros_like(wider)),
        Stage("edges", "Border rows repeated too", np.zeros_like(output)),
    )
    return Trace("edges", stages, tuple(steps), {"picture": x})


def _copy(stage: str, source_name: str, source: Array, line: Literal["row", "column"], i: int, width: int) -> Step:
    """Return the step that copies one row or column of the picture into the padded picture."""
    axis = 2 if line == "row" else 3
    nearest = min(max(i - width, 0), source.shape[axis] - 1)
    every = (slice(None),) * axis
    values = source[(*every, slice(nearest, nearest + 1))]
    read = Region(source_name, _index(axis, nearest))
    text = f"{line} {i} is {line} {nearest} of the picture"
    return Step(stage, text, "copy", {"values": values}, _index(axis, i), values, reads={"values": read})


def _index(axis: int, i: int) -> tuple[slice, ...]:
    return tuple(slice(i, i + 1) if a == axis else slice(None) for a in range(4))
