"""Single steps as grids of numbers: inputs, operators, result."""

from collections.abc import Iterator, Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import format_position
from repix.arithmetic.trace import Stage, Step
from repix.explanation.array_text import format_value
from repix.explanation.captions import BRACKETS, OPERATORS
from repix.explanation.planes import mask, planes
from repix.explanation.selection import Selection
from repix.explanation.svg import PAPER, Grid, Item, Outline, column, operator, row, text_line, wrap

ROOM = 1180.0
"""The largest width of a line in a picture."""

SMALL = 0.8
"""Size of the grids of a step, relative to those of whole arrays; their smallest letters have 10.4 pixels."""


def step_items(selection: Selection) -> list[Item]:
    """Return the chosen steps as grids, each in its color, below a line that names the step."""
    return [
        column(
            [text_line(_step_label(selection, step), 13, swatch=selection.color(step)), step_item(selection, step)], 0
        )
        for step in selection.chosen
    ]


def _step_label(selection: Selection, step: Step) -> str:
    """Return the number and position of a step, with its array if that is not the output."""
    siblings = selection.siblings(step)
    sides = np.shape(_stage(selection, step).start)
    parts = [axis.start or 0 for axis, side in zip(step.index[:-2], sides[:-2], strict=True) if side > 1]
    where = [*parts, *(axis.start or 0 for axis in step.index[-2:])]
    named = "" if step.stage == selection.focus.name else f"{_stage(selection, step).title}, "
    words = f"{named}step {siblings.index(step) + 1} of {len(siblings)}" + (
        f": {format_position(*where)}" if where else ""
    )
    return words[0].upper() + words[1:] + border_note(selection, step)


def _stage(selection: Selection, step: Step) -> Stage:
    return next(stage for stage in selection.trace.stages if stage.name == step.stage)


def border_note(selection: Selection, step: Step) -> str:
    """Return a note where a step reads repeated border pixels; else nothing."""
    region = step.reads.get("values")
    if region is None:
        return ""
    repeats = _array(selection, region.array)[region.index].size < np.size(step.inputs["values"])
    return "; outside the picture its border is repeated" if repeats else ""


def _array(selection: Selection, name: str) -> Array:
    """Return an input, or the final array of a stage."""
    return (selection.trace.inputs | selection.trace.stage_arrays())[name]


def step_item(selection: Selection, step: Step) -> Item:
    """Return a step as grids: inputs and result, wrapped to several lines where it is long."""
    return wrap([row(part, 10) for part in _parts(selection, step)], ROOM, 10)


def _parts(selection: Selection, step: Step) -> Iterator[list[Item]]:
    """Yield the parts of a step; each but the first starts with its operator."""
    color = tint(selection.color(step))
    before, behind = BRACKETS.get(step.rule, ("", ""))
    for position, name in enumerate(step.inputs):
        mark = OPERATORS.get(step.rule, ",") if position else before
        closed = [operator(behind, 0.8)] if behind and position == len(step.inputs) - 1 else []
        grids = _small_grids(_input_title(selection, step, name), step.inputs[name], PAPER if position else color)
        yield [*([operator(mark, 0.8)] if mark else []), *grids, *closed]
    equal = "="
    if step.rule == "dot" and np.size(step.inputs["values"]) > 1:
        yield [operator("=", 0.8), *_small_grids("products", step.inputs["values"] * step.inputs["weights"], PAPER)]
        equal = "sum ="
    if not step.adds:
        yield [operator(equal, 0.8), *_small_grids("", step.result, color)]
        return
    start = _stage(selection, step).start[step.index]
    yield [operator(equal, 0.8), *_small_grids("", step.result, PAPER)]
    yield [operator("+", 0.8), *_small_grids("bias", start, PAPER)]
    yield [operator("=", 0.8), *_small_grids("", start + step.result, color)]


def _input_title(selection: Selection, step: Step, name: str) -> str:
    """Return the title of an input: its label, the array that it is read from, or its name in the rule."""
    if name in step.labels:
        return step.labels[name]
    region = step.reads.get(name)
    if region is None or (name == "values" and selection.layout != "chain"):
        return name
    return region.array.replace("-", " ")


def _small_grids(title: str, array: Array, fill: str) -> Iterator[Item]:
    for plane in planes(title, np.asarray(array)):
        fills = dict.fromkeys(np.ndindex(*plane.numbers.shape), fill)
        yield Grid(plane, fills, scale=SMALL).item()


def scaled_kernels(selection: Selection) -> list[Item]:
    """Return scaled kernels at their positions on the output: all of them as a sum, or some as examples."""
    shape = np.shape(selection.focus.start)
    if max(shape[-2:]) > 9:
        return []
    chosen = [step for step in selection.chosen if step.rule == "scale"]
    total = sum(step.rule == "scale" for step in selection.trace.steps)
    items: list[Item] = []
    for number, step in enumerate(chosen):
        if number and len(chosen) == total:
            items.append(operator("+", 0.8))
        items += _scaled_kernel(selection, step, shape)
    head = "The sum:" if len(chosen) == total else f"{len(chosen)} of the {total} scaled kernels in the sum:"
    return [text_line(head, 14), wrap(items, ROOM, 8 if len(chosen) == total else 24)]


def _scaled_kernel(selection: Selection, step: Step, shape: Sequence[int]) -> Iterator[Item]:
    """Yield one scaled kernel on an empty output."""
    placed = np.zeros(shape)
    placed[step.index] = step.result
    where = mask(placed, step.index)
    text = f"{format_value(np.asarray(step.inputs['value']).item())} × kernel{_of_channel(selection, step)}"
    for plane in planes(text, placed, where, where):
        cells = [(int(r), int(c)) for r, c in np.argwhere(plane.marked)]
        frames = (Outline(plane.marked, selection.color(step), inset=1.5),) if cells else ()
        yield Grid(plane, dict.fromkeys(cells, tint(selection.color(step))), frames, scale=SMALL).item()


def _of_channel(selection: Selection, step: Step) -> str:
    """Return the channel of a step's kernel as text, where there are several."""
    region = step.reads["kernel"]
    kernels = _array(selection, region.array)
    return f" of channel {region.index[0].start}" if kernels.ndim > 2 and len(kernels) > 1 else ""


def tint(color: str) -> str:
    """Return a light tint of a color, for the background of dark text.

    >>> tint("#0072b2")
    '#b8d8e9'
    """
    return mixed(PAPER, color, 0.28)


def mixed(one: str, other: str, part: float) -> str:
    """Return the mix of two colors; `part` is the share of the second.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(low + part * (high - low)):02x}" for low, high in pairs)
