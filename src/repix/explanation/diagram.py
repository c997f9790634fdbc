"""A trace as one picture: inputs, kernels and output side by side, windows framed, overlaps shaded."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Step, Trace
from repix.arithmetic.wording import count
from repix.errors import WrongUse
from repix.explanation import flow
from repix.explanation.numbers import written
from repix.explanation.planes import Mask, axes, mask, planes, spoken
from repix.explanation.selection import Story, story, touches
from repix.explanation.svg import PAPER, QUIET, Grid, Item, Outline, Sheet, column, row, sentence, wrapped
from repix.explanation.words import about
from repix.explanation.working import ROOM, laid_kernels, mixed, repetition, tint, working, workings

LIGHTEST, DARKEST = "#fdf0cf", "#e08a1e"
"""Numbers touched by the fewest and by the most kernels."""

LARGEST = 24
"""Rows or columns that a slide can still show."""

MARGIN = 28.0


def picture(trace: Trace) -> str:
    """A trace as an SVG of its own, white behind, with a title for those who cannot see it.

    >>> from repix.arithmetic import max_pool2d
    >>> picture(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).startswith("<svg")
    True
    """
    _require_drawable(trace)
    told = story(trace)
    name, _, idea = about(trace).partition(": ")
    head = [sentence(name, 22, style="bold"), *[sentence(line, 14, QUIET) for line in textwrap.wrap(idea, 110)]]
    parts = [_chain(told)] if told.way == "chain" else [_body(told), *_legend(told)]
    page = column([column(head, 4), *parts], 22)
    sheet = Sheet()
    page.draw(sheet, MARGIN, MARGIN)
    return sheet.finish(page.size[0] + 2 * MARGIN, page.size[1] + 2 * MARGIN, name, _description(trace, idea))


def _chain(told: Story) -> Item:
    """What goes in, then every step in a line of numbers under its sentence."""
    given = [item for name in told.trace.inputs for item in _grids(told, name)]
    parts = [wrapped(given, ROOM, 40)] if given else []
    for step in told.chosen:
        words = [sentence(line, 14) for line in textwrap.wrap(spoken(step) + repetition(told, step), 110)]
        parts.append(column([column(words, 0), working(told, step)], 2))
    return column(parts, 22)


def _body(told: Story) -> Item:
    """The whole, and the chosen steps beside it where there is room, else below it."""
    lines = flow.lines(told.trace, lambda name: list(_grids(told, name)))
    whole = column([wrapped(line, ROOM) for line in lines], 22)
    aside = _aside(told)
    if aside and row([whole, *aside], 48).size[0] <= ROOM / 2:
        whole, aside = row([whole, *aside], 48), []
    if told.way == "pieces":
        return column([whole, *aside], 22)
    if told.way == "overlap":
        return column([whole, *aside, column(laid_kernels(told), 4)] if laid_kernels(told) else [whole, *aside], 22)
    shown = workings(told)
    beside = row([whole, column(shown, 10)], 56, top=True)
    if beside.size[0] <= ROOM:
        return column([beside, *aside], 22)
    return column([whole, *aside, wrapped(shown, ROOM, 40)], 22)


def _require_drawable(trace: Trace) -> None:
    needed = {stage.title: stage.start for stage in flow.used(trace)}
    for name, array in (trace.inputs | needed).items():
        if _is_too_large(array):
            shape = "×".join(str(n) for n in np.shape(array))
            raise WrongUse(f"{name} is {shape}; a picture has room for {LARGEST}×{LARGEST}; give less data.")


def _is_too_large(array: Array) -> bool:
    return max(np.shape(array)[-2:], default=1) > LARGEST or np.size(array) > 4 * LARGEST**2


def _aside(told: Story) -> list[Item]:
    """Stages that the answer is not made of, where there is room for them."""
    made_of = flow.used(told.trace)
    others = [stage for stage in told.trace.stages if stage not in made_of and not _is_too_large(stage.start)]
    items = [item for stage in others for item in _grids(told, stage.name)]
    return [wrapped(items, ROOM, 48)] if items else []


def _grids(told: Story, name: str) -> Iterator[Item]:
    """An input or a stage with the chosen steps' regions in it, framed or filled."""
    trace = told.trace
    stages = {stage.name: stage for stage in trace.stages}
    array = np.asarray(trace.stage_arrays()[name] if name in stages else trace.inputs[name])
    title = stages[name].title if name in stages else name
    regions = [(step, mask(array, index)) for step in told.chosen for index in _places(step, name)]
    if told.way != "pieces" and len(regions) > 1 and all(region.all() for _, region in regions):
        regions = []
    laid = touches(trace, array) if told.way == "overlap" and name == told.focus.name else None
    bold = _highest(told, name, array)
    named = axes(trace, name)
    for number, plane in enumerate(planes(title, array, axes=named)):
        cut = [(step, planes("", array, region)[number].marked) for step, region in regions]
        fills = _fills(told, cut, laid, number)
        frames = () if told.way == "pieces" else _frames(told, cut)
        yield Grid(plane, fills, frames, None if bold is None else planes("", array, bold)[number].marked).item()


def _fills(
    told: Story, cut: Sequence[tuple[Step, Mask]], laid: Array | None, number: int
) -> dict[tuple[int, int], str]:
    """The colors of a plane's boxes: whose piece each is, or how many kernels touch it."""
    if told.way == "pieces":
        return {place: tint(told.color(step)) for step, part in cut for place in _cells(part)}
    if laid is None:
        return {}
    counts, shades = planes("", laid)[number].numbers, _shades(laid)
    return {place: shades[int(counts[place])] for place in np.ndindex(*counts.shape)}


def _places(step: Step, name: str) -> list[tuple[slice, ...]]:
    places = [region.index for region in step.reads.values() if region.array == name]
    return [*places, step.index] if step.stage == name else places


def _frames(told: Story, cut: Sequence[tuple[Step, Mask]]) -> tuple[Outline, ...]:
    """Frames in the steps' colors; one that overlaps others lies further in than they, so that none hides another."""
    frames: list[tuple[Outline, int]] = []
    for step, part in cut:
        if not part.any():
            continue
        taken = {level for frame, level in frames if np.any(frame.region & part)}
        level = next(level for level in range(len(cut)) if level not in taken)
        frames.append((Outline(part, told.color(step), inset=1.5 + 3.0 * (level % 3)), level))
    return tuple(frame for frame, _ in frames)


def _shades(laid: Array) -> dict[int, str]:
    """A shade for each count that occurs, the darker the more; untouched is white."""
    counts = sorted({int(count) for count in laid.ravel()} - {0})
    between = [number / max(len(counts) - 1, 1) for number in range(len(counts))]
    shades = {count: mixed(LIGHTEST, DARKEST, part) for count, part in zip(counts, between, strict=True)}
    return ({0: PAPER} if np.any(laid == 0) else {}) | shades


def _highest(told: Story, name: str, array: Array) -> Mask | None:
    """The numbers that a maximum picked, of equals the first, to be written bold."""
    bold = np.zeros(array.shape, bool)
    for step in told.chosen:
        region = step.reads.get("values")
        if step.rule == "max" and region is not None and region.array == name:
            equal = np.flatnonzero(mask(array, region.index) & (array == step.result))
            bold.flat[equal[0]] = True
    return bold if bold.any() else None


def _cells(part: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(part)]


def _legend(told: Story) -> list[Item]:
    """What the shades say, and what is cut out of the sum."""
    if told.way != "overlap":
        return []
    shades = _shades(touches(told.trace, np.asarray(told.focus.start)))
    chips = [sentence(count(kernels, "kernel"), 13, chip=shade) for kernels, shade in shades.items()]
    cut = [sentence(spoken(step), 13, chip=told.color(step)) for step in told.chosen if step.rule == "copy"]
    return [column([row([sentence("Numbers of the sum touched by", 13, QUIET), *chips]), *cut], 8)]


def _description(trace: Trace, idea: str) -> str:
    """The picture in words: what went in, what came out."""
    given = "; ".join(f"{name}: {_as_words(array)}" for name, array in trace.inputs.items())
    return f"{idea} {given}; output: {_as_words(trace.output)}."


def _as_words(array: Array) -> str:
    sheets = planes("", np.asarray(array))
    rows = ["; ".join(" ".join(written(v) for v in row) for row in sheet.numbers.tolist()) for sheet in sheets]
    return " | ".join(rows)
