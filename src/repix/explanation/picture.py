"""A trace as one picture: inputs, kernels and output side by side, windows framed, overlaps shaded."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Stage, Step, Trace
from repix.errors import WrongUse
from repix.explanation.numbers import written
from repix.explanation.planes import Mask, mask, planes
from repix.explanation.svg import PAPER, QUIET, Grid, Item, Outline, Sheet, column, row, sentence, sign, wrapped
from repix.explanation.words import ABOUT, SIGNS, WORDS

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#5b3fa0", "#c0392b", "#3b7a8c")
"""Told apart by colour-blind readers too, in this order; light tints of them fill boxes."""

SHADES = ("#ffffff", "#fdf0cf", "#fad98f", "#f4b64d", "#e08a1e")
"""Touched by no kernel, by one, two, three, four or more."""

LARGEST = 24
"""Rows or columns that a slide can still show."""

MARGIN, ROOM = 28.0, 1180.0

Way = Literal["overlap", "pieces", "windows"]


@dataclass(frozen=True, eq=False)
class _Story:
    """What of a trace is told, and how: kernels that overlap, pieces that move, or windows that slide."""

    trace: Trace
    way: Way
    chosen: tuple[Step, ...]
    colours: tuple[str, ...]
    """One for each chosen step."""
    last: Stage

    def colour(self, step: Step) -> str:
        return self.colours[self.chosen.index(step)]


def picture(trace: Trace) -> str:
    """A trace as an SVG of its own, white behind, with a title for those who cannot see it.

    >>> from repix.arithmetic import max_pool2d
    >>> picture(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).startswith("<svg")
    True
    """
    _require_drawable(trace)
    story = _story(trace)
    name, _, idea = ABOUT.get(trace.operation, trace.operation).partition(": ")
    head = [sentence(name, 22, style="bold"), *[sentence(line, 14, QUIET) for line in textwrap.wrap(idea, 110)]]
    page = column([column(head, 4), _body(story), *_aside(story), *_legend(story)], 22)
    sheet = Sheet()
    page.draw(sheet, MARGIN, MARGIN)
    return sheet.finish(page.size[0] + 2 * MARGIN, page.size[1] + 2 * MARGIN, name, _description(trace, idea))


def _body(story: _Story) -> Item:
    """The whole, and the chosen steps beside it where there is room, else below it."""
    whole = wrapped(list(_overview(story)), ROOM)
    workings = _workings(story)
    if not workings:
        return whole
    beside = row([whole, column(workings, 10)], 56, top=True)
    if story.way == "windows" and beside.size[0] <= ROOM:
        return beside
    return column([whole, wrapped(workings, ROOM, 8 if story.way == "overlap" else 40)], 22)


def _require_drawable(trace: Trace) -> None:
    for name, array in [*trace.inputs.items(), ("output", trace.output)]:
        if max(np.shape(array)[-2:], default=1) > LARGEST or np.size(array) > 4 * LARGEST**2:
            shape = "×".join(str(n) for n in np.shape(array))
            raise WrongUse(f"{name} is {shape}; a picture has room for {LARGEST}×{LARGEST}; give less data.")


def _story(trace: Trace) -> _Story:
    last = trace.stages[-1]
    steps = [step for step in trace.steps if step.stage == last.name]
    laid = tuple(step for step in steps if step.rule == "scale")[: len(COLOURS)]
    if laid:
        return _Story(trace, "overlap", laid, COLOURS, last)
    if _are_pieces(trace, steps):
        sources = [_source(step) for step in steps]
        found = list(dict.fromkeys(sources))
        colours = tuple(COLOURS[found.index(source) % len(COLOURS)] for source in sources)
        return _Story(trace, "pieces", tuple(steps), colours, last)
    spread = np.unique(np.linspace(0, len(steps) - 1, 3).astype(int))
    return _Story(trace, "windows", tuple(steps[i] for i in spread), COLOURS, last)


def _are_pieces(trace: Trace, steps: Sequence[Step]) -> bool:
    """Whether the steps only move parts of the data that do not overlap, few enough for a colour each."""
    if any(step.rule not in ("copy", "max") or not step.reads for step in steps):
        return False
    sources = {_source(step): next(iter(step.reads.values())) for step in steps}
    taken = {name: np.zeros(array.shape, int) for name, array in (trace.inputs | trace.stage_arrays()).items()}
    for region in sources.values():
        taken[region.array][region.index] += 1
    return len(sources) <= 2 * len(COLOURS) and all(counts.max(initial=0) <= 1 for counts in taken.values())


def _source(step: Step) -> str:
    """Where a step reads, as something to compare."""
    return repr(next(iter(step.reads.values())))


def _overview(story: _Story) -> Iterator[Item]:
    """Inputs, stages on the way, output: whole, with the chosen steps marked in them."""
    trace = story.trace
    held = trace.stage_arrays()
    signs = {"conv": "∗", "conv-dilated": "∗", "conv-transpose": "∗"}.get(trace.operation, "")
    for position, (name, array) in enumerate(trace.inputs.items()):
        if position:
            yield sign(signs if position == 1 and signs else "+" if name == "bias" else ",")
        yield from _marked(story, name, name, array)
    for stage in trace.stages:
        if stage is story.last:
            yield sign("=")
        elif stage in _read(trace):
            yield sign("→")
        else:
            continue
        yield from _marked(story, stage.name, stage.title, held[stage.name])


def _read(trace: Trace) -> list[Stage]:
    """The stages that later steps read from."""
    names = {region.array for step in trace.steps for region in step.reads.values()}
    return [stage for stage in trace.stages if stage.name in names]


def _aside(story: _Story) -> list[Item]:
    """Stages that nothing else is made of."""
    held = story.trace.stage_arrays()
    others = [stage for stage in story.trace.stages if stage is not story.last and stage not in _read(story.trace)]
    items = [item for stage in others for item in _marked(story, stage.name, stage.title, held[stage.name])]
    return [wrapped(items, ROOM, 48)] if items else []


def _marked(story: _Story, name: str, title: str, array: Array) -> Iterator[Item]:
    """An array with the chosen steps' regions in it, framed or filled."""
    array = np.asarray(array)
    regions = [(step, mask(array, index)) for step in story.chosen for index in _places(step, name)]
    whole = [region.all() for _, region in regions]
    if story.way != "pieces" and len(regions) > 1 and all(whole):
        regions = []
    touches = _touches(story.trace, array) if story.way == "overlap" and name == story.last.name else None
    bold = _highest(story, name, array)
    for number, plane in enumerate(planes(title, array)):
        cut = [(step, planes("", array, region)[number].marked) for step, region in regions]
        fills: dict[tuple[int, int], str] = {}
        if story.way == "pieces":
            fills = {place: _tint(story.colour(step)) for step, part in cut for place in _cells(part)}
        elif touches is not None:
            counts = planes("", touches)[number].numbers
            fills = {place: SHADES[min(int(counts[place]), 4)] for place in np.ndindex(*counts.shape)}
        frames = () if story.way == "pieces" else _frames(story, cut)
        yield Grid(plane, fills, frames, None if bold is None else planes("", array, bold)[number].marked).item()


def _places(step: Step, name: str) -> list[tuple[slice, ...]]:
    places = [region.index for region in step.reads.values() if region.array == name]
    return [*places, step.index] if step.stage == name else places


def _frames(story: _Story, cut: Sequence[tuple[Step, Mask]]) -> tuple[Outline, ...]:
    """Frames in the steps' colours; where they overlap, each a little further in, so that none hides another."""
    overlap = sum(part.astype(int) for _, part in cut)
    further = 3.0 if np.max(overlap, initial=0) > 1 else 0.0
    return tuple(
        Outline(part, story.colour(step), inset=1.5 + further * (number % 3))
        for number, (step, part) in enumerate(cut)
        if part.any()
    )


def _touches(trace: Trace, array: Array) -> Array:
    """How many steps add to each number."""
    counts = np.zeros(array.shape)
    for step in trace.steps:
        if step.rule == "scale" and step.stage == trace.stages[-1].name:
            counts[step.index] += 1
    return counts


def _highest(story: _Story, name: str, array: Array) -> Mask | None:
    """The numbers that a maximum picked, to be written bold."""
    bold = np.zeros(array.shape, bool)
    for step in story.chosen:
        region = step.reads.get("values")
        if step.rule == "max" and region is not None and region.array == name:
            bold[region.index] |= array[region.index] == step.result
    return bold if bold.any() else None


def _cells(part: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(part)]


def _tint(colour: str, strength: float = 0.28) -> str:
    """A light version of a colour, dark numbers stay readable on it.

    >>> _tint("#000000", 0.5)
    '#808080'
    """
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - strength * (255 - part)):02x}" for part in parts)


def _workings(story: _Story) -> list[Item]:
    """The chosen steps in numbers, each in its colour."""
    if story.way == "overlap":
        return _laid_kernels(story)
    if story.way == "pieces":
        return []
    total = [step for step in story.trace.steps if step.stage == story.last.name]
    workings = []
    for step in story.chosen:
        head = sentence(f"Step {total.index(step) + 1} of {len(total)}", 13, chip=story.colour(step))
        workings.append(column([head, row(list(_working(story, step)), 10)], 0))
    return workings


def _laid_kernels(story: _Story) -> list[Item]:
    """Each scaled kernel where it stands on the output; their sum is the output."""
    shape = np.shape(story.last.start)
    if max(shape[-2:]) > 9:
        return []
    items: list[Item] = []
    for count, step in enumerate(story.chosen):
        laid = np.zeros(shape)
        laid[step.index] = step.result
        where = mask(laid, step.index)
        text = f"{written(np.asarray(step.inputs['value']).item())} × kernel"
        items.append(sign("+" if count else "=", 0.8))
        for plane in planes(text, laid, where, where):
            fills = {place: _tint(story.colour(step)) for place in _cells(plane.marked)}
            items.append(Grid(plane, fills, _frames(story, [(step, plane.marked)]), scale=0.75).item())
    more = sum(step.rule == "scale" for step in story.trace.steps) - len(story.chosen)
    if more > 0:
        items.append(sign(f"+ {more} more", 0.8))
    return items


def _working(story: _Story, step: Step) -> Iterator[Item]:
    """What a step joins and what comes of it."""
    for position, name in enumerate(step.inputs):
        if position:
            yield sign(SIGNS.get(step.rule, ","), 0.8)
        fill = _tint(story.colour(step)) if position == 0 else PAPER
        yield from _small(name, step.inputs[name], fill)
    if step.rule == "dot" and np.size(step.inputs["values"]) > 1:
        yield sign("=", 0.8)
        yield from _small("products", step.inputs["values"] * step.inputs["weights"], PAPER)
    yield sign(WORDS.get(step.rule, "="), 0.8)
    yield from _small("", step.result, _tint(story.colour(step)))


def _small(title: str, array: Array, fill: str) -> Iterator[Item]:
    for plane in planes(title, np.asarray(array)):
        fills = dict.fromkeys(np.ndindex(*plane.numbers.shape), fill)
        yield Grid(plane, fills, scale=0.75).item()


def _legend(story: _Story) -> list[Item]:
    """What the shades say."""
    if story.way != "overlap":
        return []
    counts = _touches(story.trace, np.asarray(story.last.start))
    present = sorted({int(count) for count in counts.ravel()})
    words = [f"{count} kernel{'' if count == 1 else 's'}" for count in present]
    chips = [sentence(text, 13, chip=SHADES[min(count, 4)]) for count, text in zip(present, words, strict=True)]
    return [row([sentence("Output numbers touched by", 13, QUIET), *chips])]


def _description(trace: Trace, idea: str) -> str:
    """The picture in words: what went in, every chosen step, what came out."""
    given = "; ".join(f"{name}: {_spoken(array)}" for name, array in trace.inputs.items())
    return f"{idea} {given}; output: {_spoken(trace.output)}."


def _spoken(array: Array) -> str:
    sheets = planes("", np.asarray(array))
    rows = ["; ".join(" ".join(written(v) for v in row) for row in sheet.numbers.tolist()) for sheet in sheets]
    return " | ".join(rows)
