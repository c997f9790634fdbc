"""A trace as one picture: inputs, kernels and output side by side, windows framed, overlaps shaded."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Stage, Step, Trace
from repix.arithmetic.wording import count
from repix.errors import WrongUse
from repix.explanation.numbers import written
from repix.explanation.planes import Mask, mask, planes, spoken
from repix.explanation.svg import INK, PAPER, QUIET, Grid, Item, Outline, Sheet, column, row, sentence, sign, wrapped
from repix.explanation.words import ABOUT, SIGNS, WORDS

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#5b3fa0", "#c0392b", "#3b7a8c")
"""Told apart by colour-blind readers too, in this order; light tints of them fill boxes."""

LIGHTEST, DARKEST = "#fdf0cf", "#e08a1e"
"""Numbers touched by the fewest and by the most kernels."""

LARGEST = 24
"""Rows or columns that a slide can still show."""

CHAIN = 6
"""So few steps are all told."""

MARGIN, ROOM = 28.0, 1180.0

Way = Literal["overlap", "pieces", "windows", "chain"]
"""Kernels that overlap, pieces that move, windows that slide, or a few steps that follow from each other."""


@dataclass(frozen=True, eq=False)
class _Story:
    """What of a trace is told, and how."""

    trace: Trace
    way: Way
    chosen: tuple[Step, ...]
    colours: tuple[str, ...]
    """One for each chosen step."""
    focus: Stage
    """The stage that the chosen steps write, all but a last one that only cuts out the answer."""

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
    parts = [_chain(story)] if story.way == "chain" else [_body(story), *_aside(story), *_legend(story)]
    page = column([column(head, 4), *parts], 22)
    sheet = Sheet()
    page.draw(sheet, MARGIN, MARGIN)
    return sheet.finish(page.size[0] + 2 * MARGIN, page.size[1] + 2 * MARGIN, name, _description(trace, idea))


def _chain(story: _Story) -> Item:
    """What goes in, then every step in a line of numbers under its sentence."""
    given = [item for name, array in story.trace.inputs.items() for item in _plain(name, array)]
    lines = [wrapped(given, ROOM, 40)] if given else []
    for step in story.chosen:
        words = [sentence(line, 14) for line in textwrap.wrap(spoken(step), 110)]
        lines.append(column([column(words, 0), _working(story, step)], 2))
    return column(lines, 22)


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
    needed = {stage.title: stage.start for stage in (*_read(trace), trace.stages[-1])}
    for name, array in (trace.inputs | needed).items():
        if _is_too_large(array):
            shape = "×".join(str(n) for n in np.shape(array))
            raise WrongUse(f"{name} is {shape}; a picture has room for {LARGEST}×{LARGEST}; give less data.")


def _is_too_large(array: Array) -> bool:
    return max(np.shape(array)[-2:], default=1) > LARGEST or np.size(array) > 4 * LARGEST**2


def _story(trace: Trace) -> _Story:
    stages = {stage.name: stage for stage in trace.stages}
    last = trace.stages[-1]
    steps = tuple(step for step in trace.steps if step.stage == last.name)
    laid = tuple(step for step in trace.steps if step.rule == "scale" and step.adds)
    if laid:
        cut = tuple(step for step in steps if step.rule == "copy")
        chosen = laid if len(laid) <= CHAIN else laid[:3]
        colours = (*COLOURS[: len(chosen)], *[INK] * len(cut))
        return _Story(trace, "overlap", chosen + cut, colours, stages[laid[0].stage])
    if _are_pieces(trace, steps):
        sources = [_source(step) for step in steps]
        found = list(dict.fromkeys(sources))
        colours = tuple(COLOURS[found.index(source) % len(COLOURS)] for source in sources)
        return _Story(trace, "pieces", steps, colours, last)
    if len(trace.stages) > 1 and len(trace.steps) <= CHAIN and all(step.rule != "copy" for step in trace.steps):
        return _Story(trace, "chain", trace.steps, COLOURS, last)
    return _Story(trace, "windows", tuple(steps[i] for i in _diagonal(trace, len(steps))), COLOURS, last)


def _diagonal(trace: Trace, steps: int) -> list[int]:
    """Three steps down the diagonal of the output, where each number is a step; else three of all."""
    rows, columns = (1, 1, *np.shape(trace.output))[-2:]
    thirds = (0, 1, 2)
    if rows > 1 and np.size(trace.output) == steps:
        return sorted({i * rows // 3 * columns + i * columns // 3 for i in thirds})
    return sorted({i * steps // 3 for i in thirds})


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
    convolves = trace.operation.startswith("conv")
    for position, (name, array) in enumerate(trace.inputs.items()):
        mark = "" if position == 0 else "∗" if convolves else ","
        yield from _signed(mark, _marked(story, name, name, array))
    for stage in trace.stages:
        is_last = stage is trace.stages[-1]
        if is_last or stage in _read(trace):
            mark = f"{_bias(stage)} =".strip() if is_last else "→"
            yield from _signed(mark, _marked(story, stage.name, stage.title, held[stage.name]))


def _signed(mark: str, items: Iterable[Item]) -> Iterator[Item]:
    """Items with a sign before the first, which no line break parts from it."""
    first, *others = items
    yield row([sign(mark), first]) if mark else first
    yield from others


def _bias(stage: Stage) -> str:
    """What the answer held before the first step."""
    biases = np.unique(stage.start)
    return f"+ {written(biases.item())}" if biases.size == 1 and biases.any() else "+ bias" if biases.any() else ""


def _read(trace: Trace) -> list[Stage]:
    """The stages that later steps read from."""
    names = {region.array for step in trace.steps for region in step.reads.values()}
    return [stage for stage in trace.stages if stage.name in names]


def _aside(story: _Story) -> list[Item]:
    """Stages that nothing else is made of, where there is room for them."""
    held = story.trace.stage_arrays()
    others = [stage for stage in story.trace.stages[:-1] if stage not in _read(story.trace)]
    others = [stage for stage in others if not _is_too_large(stage.start)]
    items = [item for stage in others for item in _marked(story, stage.name, stage.title, held[stage.name])]
    return [wrapped(items, ROOM, 48)] if items else []


def _marked(story: _Story, name: str, title: str, array: Array) -> Iterator[Item]:
    """An array with the chosen steps' regions in it, framed or filled."""
    array = np.asarray(array)
    regions = [(step, mask(array, index)) for step in story.chosen for index in _places(step, name)]
    whole = [region.all() for _, region in regions]
    if story.way != "pieces" and len(regions) > 1 and all(whole):
        regions = []
    touches = _touches(story.trace, array) if story.way == "overlap" and name == story.focus.name else None
    bold = _highest(story, name, array)
    for number, plane in enumerate(planes(title, array)):
        cut = [(step, planes("", array, region)[number].marked) for step, region in regions]
        fills: dict[tuple[int, int], str] = {}
        if story.way == "pieces":
            fills = {place: _tint(story.colour(step)) for step, part in cut for place in _cells(part)}
        elif touches is not None:
            counts = planes("", touches)[number].numbers
            shades = _shades(touches)
            fills = {place: shades[int(counts[place])] for place in np.ndindex(*counts.shape)}
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
        if step.rule == "scale" and step.adds:
            counts[step.index] += 1
    return counts


def _shades(touches: Array) -> dict[int, str]:
    """A shade for each count that occurs, the darker the more; untouched is white."""
    counts = sorted({int(count) for count in touches.ravel()} - {0})
    between = [number / max(len(counts) - 1, 1) for number in range(len(counts))]
    shades = {count: _mixed(LIGHTEST, DARKEST, part) for count, part in zip(counts, between, strict=True)}
    return ({0: PAPER} if np.any(touches == 0) else {}) | shades


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


def _tint(colour: str) -> str:
    """A light version of a colour; dark numbers stay readable on it."""
    return _mixed(PAPER, colour, 0.28)


def _mixed(one: str, other: str, part: float) -> str:
    """A colour between two.

    >>> _mixed("#ffffff", "#000000", 0.5)
    '#808080'
    """
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(low + part * (high - low)):02x}" for low, high in pairs)


def _workings(story: _Story) -> list[Item]:
    """The chosen steps in numbers, each in its colour."""
    if story.way == "overlap":
        return _laid_kernels(story)
    if story.way == "pieces":
        return []
    total = [step for step in story.trace.steps if step.stage == story.focus.name]
    workings = []
    for step in story.chosen:
        head = sentence(f"Step {total.index(step) + 1} of {len(total)}", 13, chip=story.colour(step))
        workings.append(column([head, _working(story, step)], 0))
    return workings


def _laid_kernels(story: _Story) -> list[Item]:
    """Each scaled kernel where it stands on the output; their sum is the output."""
    shape = np.shape(story.focus.start)
    if max(shape[-2:]) > 9:
        return []
    items: list[Item] = []
    chosen = [step for step in story.chosen if step.rule == "scale"]
    for number, step in enumerate(chosen):
        laid = np.zeros(shape)
        laid[step.index] = step.result
        where = mask(laid, step.index)
        text = f"{written(np.asarray(step.inputs['value']).item())} × kernel"
        items.append(sign("+" if number else "=", 0.8))
        for plane in planes(text, laid, where, where):
            fills = {place: _tint(story.colour(step)) for place in _cells(plane.marked)}
            items.append(Grid(plane, fills, _frames(story, [(step, plane.marked)]), scale=0.75).item())
    more = sum(step.rule == "scale" for step in story.trace.steps) - len(chosen)
    if more > 0:
        items.append(sign(f"+ {more} more", 0.8))
    return items


def _working(story: _Story, step: Step) -> Item:
    """What a step joins and what comes of it, on more than one line where it is long."""
    return wrapped([row(part, 10) for part in _parts(story, step)], ROOM, 10)


def _parts(story: _Story, step: Step) -> Iterator[list[Item]]:
    """The working in parts, each but the first led by its sign."""
    tint = _tint(story.colour(step))
    for position, name in enumerate(step.inputs):
        before = [sign(SIGNS.get(step.rule, ","), 0.8)] if position else []
        yield [*before, *_small(name, step.inputs[name], PAPER if position else tint)]
    if step.rule == "dot" and np.size(step.inputs["values"]) > 1:
        yield [sign("=", 0.8), *_small("products", step.inputs["values"] * step.inputs["weights"], PAPER)]
    word = WORDS.get(step.rule, "")
    if not step.adds:
        yield [sign(f"{word} =".strip(), 0.8), *_small("", step.result, tint)]
        return
    start = next(stage.start for stage in story.trace.stages if stage.name == step.stage)[step.index]
    yield [sign(f"{word} =".strip(), 0.8), *_small("", step.result, PAPER)]
    yield [sign("+", 0.8), *_small("bias", start, PAPER)]
    yield [sign("=", 0.8), *_small("", start + step.result, tint)]


def _small(title: str, array: Array, fill: str) -> Iterator[Item]:
    for plane in planes(title, np.asarray(array)):
        fills = dict.fromkeys(np.ndindex(*plane.numbers.shape), fill)
        yield Grid(plane, fills, scale=0.75).item()


def _plain(title: str, array: Array) -> Iterator[Item]:
    for plane in planes(title, np.asarray(array)):
        yield Grid(plane).item()


def _legend(story: _Story) -> list[Item]:
    """What the shades say."""
    if story.way != "overlap":
        return []
    shades = _shades(_touches(story.trace, np.asarray(story.focus.start)))
    chips = [sentence(count(kernels, "kernel"), 13, chip=shade) for kernels, shade in shades.items()]
    return [row([sentence("Output numbers touched by", 13, QUIET), *chips])]


def _description(trace: Trace, idea: str) -> str:
    """The picture in words: what went in, every chosen step, what came out."""
    given = "; ".join(f"{name}: {_as_words(array)}" for name, array in trace.inputs.items())
    return f"{idea} {given}; output: {_as_words(trace.output)}."


def _as_words(array: Array) -> str:
    sheets = planes("", np.asarray(array))
    rows = ["; ".join(" ".join(written(v) for v in row) for row in sheet.numbers.tolist()) for sheet in sheets]
    return " | ".join(rows)
