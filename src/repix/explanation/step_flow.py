"""A step as a row of arrays and signs, from what it reads to what it writes: the content of tables and frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Step, Trace
from repix.explanation.array_text import format_value
from repix.explanation.captions import OPERATORS, RESULT_LABELS
from repix.explanation.planes import AXES, Plane, Snapshot, axis_names, mask, planes

Role = Literal["read region", "read values", "operand", "result", "written"]
"""An array with the region that the step reads, the values that it reads, another input or an intermediate array, the
step's result, or the array that it writes."""


@dataclass(frozen=True)
class Sign:
    """The text between two arrays."""

    text: str


@dataclass(frozen=True, eq=False)
class Shown:
    """A plane and its role in the step."""

    plane: Plane
    role: Role


Part = Sign | Shown


def step_parts(trace: Trace, arrays: dict[str, Array], moment: Snapshot, is_last: bool) -> Iterator[Part]:
    """Yield the parts of one step.

    Args:
        trace: the trace.
        arrays: the inputs and the final arrays of the stages, by name.
        moment: the step, with the array that it writes.
        is_last: whether it is the last step of its stage.

    >>> from repix.arithmetic import max_pool2d
    >>> from repix.explanation.planes import snapshots
    >>> trace = max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)
    >>> *_, last = snapshots(trace)
    >>> parts = step_parts(trace, trace.inputs, last, is_last=True)
    >>> [part.text if isinstance(part, Sign) else part.plane.title for part in parts]
    ['picture', 'max  →', 'now']
    """
    step = moment.step
    first, *others = step.inputs
    yield from _source(trace, arrays, step, first)
    for position, name in enumerate(others):
        if position == 0 and step.rule in OPERATORS:
            yield Sign(OPERATORS[step.rule])
        yield from _array(step.labels.get(name, name), step.inputs[name], "operand")
    word = RESULT_LABELS.get(step.rule, "=")
    if step.rule == "dot":
        products = step.inputs["values"] * step.inputs["weights"]
        if products.size > 1:
            yield Sign("=")
            yield from _array("products", products, "operand")
        else:
            word = "="
    yield from _result(step, word, is_whole=np.size(step.result) == moment.after.size and not step.adds)
    known = np.ones_like(moment.decided) if is_last else moment.decided
    title = "now" if is_last else "so far"
    axes = axis_names(trace, step.stage)
    for plane in planes(title, moment.after, mask(moment.after, step.index), known, axes):
        yield Shown(plane, "written" if plane.marked.any() else "operand")


def input_parts(trace: Trace) -> Iterator[Part]:
    """Yield the inputs of a trace."""
    for name, array in trace.inputs.items():
        yield from _array(name, array, "operand", axis_names(trace, name))


def output_parts(trace: Trace) -> Iterator[Part]:
    """Yield the output of a trace."""
    return _array("output", trace.output, "written")


def _array(title: str, array: Array, role: Role, axes: tuple[str, ...] = AXES) -> Iterator[Part]:
    """Yield the planes of an array."""
    yield from (Shown(plane, role) for plane in planes(title, np.asarray(array), axes=axes))


def _result(step: Step, word: str, is_whole: bool) -> Iterator[Part]:
    """Yield the result of a step, unless it is the whole array, which is shown anyway."""
    if step.rule == "copy":
        yield Sign("→")
    elif is_whole:
        yield Sign(word if word == "=" else f"{word}  →")
    elif np.size(step.result) > 1:
        yield Sign(word)
        yield from _array("result", step.result, "result")
        yield Sign("→")
    else:
        yield Sign(f"{word} {format_value(np.asarray(step.result).item())}  →")


def _source(trace: Trace, arrays: dict[str, Array], step: Step, name: str) -> Iterator[Part]:
    """Yield the array that the first input of a step is read from, with the region marked; or the input itself."""
    region = step.reads.get(name)
    if region is not None:
        array = arrays[region.array]
        if _shows(array[region.index], step.inputs[name]):
            title, axes = region.array.replace("-", " "), axis_names(trace, region.array)
            marked = planes(title, array, mask(array, region.index), axes=axes)
            yield from (Shown(plane, "read region") for plane in marked if plane.marked.any())
            return
    yield from _array(step.labels.get(name, name), step.inputs[name], "read values")


def _shows(region: Array, values: Array) -> bool:
    """Return whether a region holds exactly the values that the step reads."""
    return region.size == np.size(values) and bool(np.array_equal(region.ravel(), np.ravel(values)))
