"""Single steps in numbers: what they join, the signs between, and what comes of it."""

from collections.abc import Iterator, Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Stage, Step
from repix.arithmetic.wording import place
from repix.explanation.numbers import written
from repix.explanation.planes import mask, planes
from repix.explanation.selection import Story
from repix.explanation.svg import PAPER, Grid, Item, Outline, column, row, sentence, sign, wrapped
from repix.explanation.words import AROUND, SIGNS

ROOM = 1180.0
"""How wide a picture's lines may be."""


def workings(story: Story) -> list[Item]:
    """The chosen steps in numbers, each in its color, under a line that says which one it is."""
    return [
        column([sentence(_which(story, step), 13, chip=story.color(step)), working(story, step)], 0)
        for step in story.chosen
    ]


def _which(story: Story, step: Step) -> str:
    """Which of all steps this is, of which array if not of the answer, and what may look odd in it."""
    siblings = story.siblings(step)
    sides = np.shape(_stage(story, step).start)
    parts = [axis.start or 0 for axis, side in zip(step.index[:-2], sides[:-2], strict=True) if side > 1]
    where = [*parts, *(axis.start or 0 for axis in step.index[-2:])]
    named = "" if step.stage == story.focus.name else f"{_stage(story, step).title}, "
    words = f"{named}step {siblings.index(step) + 1} of {len(siblings)}" + (f": {place(*where)}" if where else "")
    return words[0].upper() + words[1:] + repetition(story, step)


def _stage(story: Story, step: Step) -> Stage:
    return next(stage for stage in story.trace.stages if stage.name == step.stage)


def repetition(story: Story, step: Step) -> str:
    """What is to be said of a step that uses a number more often than it is there; else nothing."""
    region = step.reads.get("values")
    if region is None:
        return ""
    repeats = _array(story, region.array)[region.index].size < np.size(step.inputs["values"])
    return "; outside the picture its border is repeated" if repeats else ""


def _array(story: Story, name: str) -> Array:
    """An input, or a stage as it is in the end."""
    return (story.trace.inputs | story.trace.stage_arrays())[name]


def working(story: Story, step: Step) -> Item:
    """What a step joins and what comes of it, on more than one line where it is long."""
    return wrapped([row(part, 10) for part in _parts(story, step)], ROOM, 10)


def _parts(story: Story, step: Step) -> Iterator[list[Item]]:
    """The working in parts, each but the first led by its sign."""
    color = tint(story.color(step))
    before, behind = AROUND.get(step.rule, ("", ""))
    for position, name in enumerate(step.inputs):
        mark = SIGNS.get(step.rule, ",") if position else before
        closed = [sign(behind, 0.8)] if behind and position == len(step.inputs) - 1 else []
        grids = _small(_called(story, step, name), step.inputs[name], PAPER if position else color)
        yield [*([sign(mark, 0.8)] if mark else []), *grids, *closed]
    equal = "="
    if step.rule == "dot" and np.size(step.inputs["values"]) > 1:
        yield [sign("=", 0.8), *_small("products", step.inputs["values"] * step.inputs["weights"], PAPER)]
        equal = "sum ="
    if not step.adds:
        yield [sign(equal, 0.8), *_small("", step.result, color)]
        return
    start = _stage(story, step).start[step.index]
    yield [sign(equal, 0.8), *_small("", step.result, PAPER)]
    yield [sign("+", 0.8), *_small("bias", start, PAPER)]
    yield [sign("=", 0.8), *_small("", start + step.result, color)]


def _called(story: Story, step: Step, name: str) -> str:
    """What an input is called: by its label, by the array that it is or is read from, or as the rule calls it."""
    if name in step.labels:
        return step.labels[name]
    region = step.reads.get(name)
    if region is None or (name == "values" and story.way != "chain"):
        return name
    return region.array.replace("-", " ")


def _small(title: str, array: Array, fill: str) -> Iterator[Item]:
    for plane in planes(title, np.asarray(array)):
        fills = dict.fromkeys(np.ndindex(*plane.numbers.shape), fill)
        yield Grid(plane, fills, scale=0.75).item()


def laid_kernels(story: Story) -> list[Item]:
    """Scaled kernels where they lie on the output: all, with a plus between, or some of them as examples."""
    shape = np.shape(story.focus.start)
    if max(shape[-2:]) > 9:
        return []
    chosen = [step for step in story.chosen if step.rule == "scale"]
    total = sum(step.rule == "scale" for step in story.trace.steps)
    items: list[Item] = []
    for number, step in enumerate(chosen):
        if number and len(chosen) == total:
            items.append(sign("+", 0.8))
        items += _laid(story, step, shape)
    head = (
        "What is added up:"
        if len(chosen) == total
        else f"{len(chosen)} of the {total} scaled kernels that are added up:"
    )
    return [sentence(head, 14), wrapped(items, ROOM, 8 if len(chosen) == total else 24)]


def _laid(story: Story, step: Step, shape: Sequence[int]) -> Iterator[Item]:
    """One of them on an empty output."""
    laid = np.zeros(shape)
    laid[step.index] = step.result
    where = mask(laid, step.index)
    text = f"{written(np.asarray(step.inputs['value']).item())} × kernel{_of_channel(story, step)}"
    for plane in planes(text, laid, where, where):
        cells = [(int(r), int(c)) for r, c in np.argwhere(plane.marked)]
        frames = (Outline(plane.marked, story.color(step), inset=1.5),) if cells else ()
        yield Grid(plane, dict.fromkeys(cells, tint(story.color(step))), frames, scale=0.75).item()


def _of_channel(story: Story, step: Step) -> str:
    """Which channel's kernel a step lays, where there are several."""
    region = step.reads["kernel"]
    kernels = _array(story, region.array)
    return f" of channel {region.index[0].start}" if kernels.ndim > 2 and len(kernels) > 1 else ""


def tint(color: str) -> str:
    """A light version of a color; dark numbers stay readable on it.

    >>> tint("#0072b2")
    '#b8d8e9'
    """
    return mixed(PAPER, color, 0.28)


def mixed(one: str, other: str, part: float) -> str:
    """A color between two.

    >>> mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(low + part * (high - low)):02x}" for low, high in pairs)
