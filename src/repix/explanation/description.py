"""The description of a picture for screen readers: what the operation does, its inputs and its output."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.explanation.array_text import format_value
from repix.explanation.planes import planes


def description(trace: Trace, idea: str) -> str:
    """Return a text description of the picture of a trace.

    >>> from repix.arithmetic import max_pool2d
    >>> description(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2), "The maximum is kept.")
    'The maximum is kept. picture: 1 2; 3 4; output: 4.'
    """
    given = "; ".join(f"{name}: {_array_text(array)}" for name, array in trace.inputs.items())
    return f"{idea} {given}; output: {_array_text(trace.output)}."


def _array_text(array: Array) -> str:
    all_planes = planes("", np.asarray(array))
    rows = ["; ".join(" ".join(format_value(v) for v in row) for row in plane.numbers.tolist()) for plane in all_planes]
    return " | ".join(rows)
