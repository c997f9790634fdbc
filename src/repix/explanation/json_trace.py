"""A trace as a JSON object that holds every number of every step, enough to run all steps again."""

import math
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Index, Stage, Step, Trace


def to_json(trace: Trace) -> dict[str, Any]:
    """Return a trace as `{"operation", "steps", "output"}` of lists, numbers and strings.

    Each step is `stage[index] = rule(inputs)`, or `+=` where `adds` is true. An index is `[start, stop, step]` for each
    axis. The first step of each stage has the rule `copy` and holds the stage's initial values. Infinite values are
    null, because JSON has none.

    >>> from repix.arithmetic import max_pool2d
    >>> to_json(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2))["output"]
    [[4]]
    """
    begun: set[str] = set()
    steps = []
    arrays = trace.inputs | {stage.name: stage.start for stage in trace.stages}
    by_name = {stage.name: stage for stage in trace.stages}
    for step in trace.steps:
        if step.stage not in begun:
            begun.add(step.stage)
            steps.append(_beginning(by_name[step.stage]))
        steps.append(_step(step, arrays))
    return {"operation": trace.operation, "steps": steps, "output": plain(trace.output)}


def _beginning(stage: Stage) -> dict[str, Any]:
    start = plain(stage.start)
    whole = [[0, n, 1] for n in np.shape(stage.start)]
    kind = "from zeros" if not np.any(stage.start) else "from these numbers"
    return {
        "stage": stage.name,
        "text": f"{stage.title}: start {kind}.",
        "rule": "copy",
        "inputs": {"values": start},
        "index": whole,
        "adds": False,
        "result": start,
    }


def _step(step: Step, arrays: dict[str, Array]) -> dict[str, Any]:
    reads = {
        name: {"array": region.array, "index": ranges(region.index, arrays[region.array])}
        for name, region in step.reads.items()
    }
    return {
        "stage": step.stage,
        "text": step.text,
        "rule": step.rule,
        "inputs": {name: plain(values) for name, values in step.inputs.items()},
        "reads": reads,
        "index": ranges(step.index, arrays[step.stage]),
        "adds": step.adds,
        "result": plain(step.result),
    }


def ranges(index: Index, array: Array) -> list[list[int]]:
    """Return an index into an array as `[start, stop, step]` for each axis.

    >>> ranges((slice(None), slice(1, 2)), np.zeros((3, 4)))
    [[0, 3, 1], [1, 2, 1]]
    """
    return [list(axis.indices(n)) for axis, n in zip(index, np.shape(array), strict=True)]


def plain(array: Array) -> Any:
    """Return an array as nested lists of Python numbers; whole numbers are int.

    >>> plain(np.array([0.5, -0.0, 3.0, np.inf]))
    [0.5, 0, 3, None]
    """
    if np.ndim(array):
        return [plain(part) for part in array]
    value = float(array)
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value
