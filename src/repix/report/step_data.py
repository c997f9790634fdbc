"""An explanation as data for the page that steps: a trace whose inputs can be changed.

The page computes the steps again from changed inputs. For this it must know where each value of a step comes from: the
place in the region that the step reads. Where the values are not the region itself, as with borders, a *probe* shows
it: the same operation on numbers that are all different. A second probe, with other numbers yet, shows if the steps
give what the operation gives; if they do not, as with DySample, whose points move, the numbers are fixed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import RULES, Index, Region, Step, Trace
from repix.errors import RepixError
from repix.explanation.array_text import parse_array
from repix.explanation.captions import summary_of
from repix.explanation.code import LIBRARIES, code_of
from repix.explanation.json_trace import plain, ranges
from repix.explanation.operations import OPERATIONS
from repix.explanation.planes import axis_names

Orders = list[dict[str, list[int] | None]]
"""For each step, by input: the place in the region of each value, -1 if it is a constant; None: the region itself."""
Values = Mapping[str, Any]
"""The values of an operation's options by name."""
PROBES = (1, 2)
"""Seeds of the probes' numbers."""


def explanation(name: str, values: Values, command: str) -> dict[str, Any]:
    """Return what the page shows of an operation, for JSON.

    Args:
        name: the operation, such as "conv".
        values: the values of its options by name.
        command: the command that gives the same page.
    """
    trace = OPERATIONS[name](**values)
    orders = _orders(name, values, trace)
    described = recorded(trace) if orders is None else _described(trace, orders, can_change=True)
    return described | {"operation": name, "command": command, "code": _programs(name, values)}


def recorded(trace: Trace) -> dict[str, Any]:
    """Return what the page shows of a trace as it was recorded: its numbers cannot be changed.

    >>> from repix.arithmetic import softmax
    >>> recorded(softmax.trace(np.ones(2)))["title"]
    'Softmax'
    """
    orders: Orders = [{key: [-1] * np.size(step.inputs[key]) for key in step.reads} for step in trace.steps]
    return _described(trace, orders, can_change=False)


def _described(trace: Trace, orders: Orders, can_change: bool) -> dict[str, Any]:
    title, _, idea = summary_of(trace).partition(": ")
    read = {region.array for step in trace.steps for region in step.reads.values()}
    arrays = trace.inputs | {stage.name: stage.start for stage in trace.stages}
    return {
        "operation": trace.operation,
        "title": title,
        "idea": idea[:1].upper() + idea[1:],
        "command": "",
        "inputs": [
            _named(trace, one, one, array) | {"editable": can_change and one in read and np.ndim(array) > 0}
            for one, array in trace.inputs.items()
        ],
        "stages": [_named(trace, stage.name, stage.title, stage.start) for stage in trace.stages],
        "steps": [_step(step, arrays, orders[i]) for i, step in enumerate(trace.steps)],
        "code": {},
    }


def _named(trace: Trace, name: str, title: str, array: Array) -> dict[str, Any]:
    axes = list(axis_names(trace, name))
    return {"name": name, "title": title.replace("-", " "), "values": plain(array), "axes": axes}


def _step(step: Step, arrays: Mapping[str, Array], orders: Mapping[str, list[int] | None]) -> dict[str, Any]:
    return {
        "stage": step.stage,
        "rule": step.rule,
        "text": step.text,
        "inputs": {name: _input(step, name, arrays, orders.get(name)) for name in step.inputs},
        "index": ranges(step.index, arrays[step.stage]),
        "adds": step.adds,
    }


def _input(step: Step, name: str, arrays: Mapping[str, Array], order: list[int] | None) -> dict[str, Any]:
    given: dict[str, Any] = {"label": step.labels.get(name, name), "values": plain(step.inputs[name])}
    region = step.reads.get(name)
    if region is not None:
        given["read"] = {"array": region.array, "index": ranges(region.index, arrays[region.array])}
        if order is not None:
            given["read"]["order"] = order
    return given


def _programs(name: str, values: Values) -> dict[str, str]:
    """Return the programs by library, as far as a library can compute it."""
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = code_of(name, values, library)
        except RepixError:
            continue
    return found


def _orders(name: str, values: Values, trace: Trace) -> Orders | None:
    """Return the places of all values, if the steps hold for other numbers, too; None if they do not."""
    try:
        first, second = (OPERATIONS[name](**_probe(values, seed)) for seed in PROBES)
    except RepixError:
        return None
    if not _alike(trace, first) or not _alike(trace, second):
        return None
    final = first.inputs | first.stage_arrays()
    orders: Orders = []
    for step, own in zip(first.steps, trace.steps, strict=True):
        found: dict[str, list[int] | None] = {}
        for key, region in step.reads.items():
            places = _places(step.inputs[key], np.asarray(final[region.array][region.index]), own.inputs[key])
            if places is None:
                return None
            found[key] = None if places == list(range(np.size(final[region.array][region.index]))) else places
        orders.append(found)
    return orders if all(_holds(trace, orders, probe) for probe in (first, second)) else None


def _probe(values: Values, seed: int) -> dict[str, Any]:
    """Return the options with other numbers as data: the same count, all different, none of them round."""
    data = values.get("data")
    if not isinstance(data, str):
        return dict(values)
    rng = np.random.default_rng(seed)
    array = parse_array(data, "--data")
    array = array if array.ndim == 3 else array[np.newaxis]
    numbers = rng.uniform(0.1, 0.9, array.shape)
    return dict(values) | {
        "data": " | ".join(" ; ".join(" ".join(map(repr, row)) for row in plane.tolist()) for plane in numbers)
    }


def _alike(one: Trace, other: Trace) -> bool:
    """Return whether two traces differ in their numbers only."""
    return len(one.steps) == len(other.steps) and all(
        (a.stage, a.rule, a.index, a.adds) == (b.stage, b.rule, b.index, b.adds) and _regions(a) == _regions(b)
        for a, b in zip(one.steps, other.steps, strict=True)
    )


def _regions(step: Step) -> dict[str, tuple[str, Index]]:
    return {name: (region.array, region.index) for name, region in step.reads.items()}


def _places(values: Array, region: Array, own: Array) -> list[int] | None:
    """Return the place in the region of each value of a probe; -1 where it is the same number without the probe."""
    flat, source = np.ravel(values), np.ravel(region)
    if flat.size == source.size and np.array_equal(flat, source):
        return list(range(flat.size))
    found = []
    for value, unprobed in zip(flat, np.ravel(own), strict=True):
        at = np.flatnonzero(source == value)
        if not at.size and value != unprobed:
            return None
        found.append(int(at[0]) if at.size else -1)
    return found


def _holds(trace: Trace, orders: Orders, probe: Trace) -> bool:
    """Return whether the steps of a trace, with the inputs of a probe, give the probe's output."""
    arrays = {name: np.array(array) for name, array in probe.inputs.items()}
    arrays |= {stage.name: np.array(stage.start, dtype=float) for stage in trace.stages}
    for step, order in zip(trace.steps, orders, strict=True):
        result = RULES[step.rule](**{name: _value(step, name, arrays, order) for name in step.inputs})
        target = arrays[step.stage]
        target[step.index] = target[step.index] + result if step.adds else result
    return bool(np.allclose(arrays[trace.stages[-1].name], probe.output, rtol=1e-9, atol=1e-12))


def _value(step: Step, name: str, arrays: Mapping[str, Array], order: Mapping[str, list[int] | None]) -> Array:
    own = np.asarray(step.inputs[name])
    region: Region | None = step.reads.get(name)
    if region is None:
        return own
    source = np.ravel(arrays[region.array][region.index])
    places = order[name]
    if places is None:
        return source.reshape(own.shape)
    flat = own.ravel()
    return np.array([flat[i] if at < 0 else source[at] for i, at in enumerate(places)]).reshape(own.shape)
