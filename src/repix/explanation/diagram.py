"""A trace as an SVG diagram: inputs, kernels and output side by side, windows framed, overlaps shaded."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import plural
from repix.arithmetic.trace import Step, Trace
from repix.explanation import dataflow
from repix.explanation.captions import summary_of
from repix.explanation.description import description
from repix.explanation.drawing_limits import is_too_large, require_drawable
from repix.explanation.planes import Mask, axis_names, mask, planes, step_sentence
from repix.explanation.selection import Selection, overlap_counts, select_steps
from repix.explanation.step_grids import ROOM, border_note, mixed, scaled_kernels, step_item, step_items, tint
from repix.explanation.svg import PAPER, QUIET, Canvas, Grid, Item, Outline, column, heading, row, text_line, wrap

LIGHTEST, DARKEST = "#fdf0cf", "#e08a1e"
"""Colors of values that the fewest and the most kernels overlap."""

MARGIN = 28.0


def to_svg(trace: Trace) -> str:
    """Return a trace as an SVG document with a white background and a text description.

    >>> from repix.arithmetic import max_pool2d
    >>> to_svg(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).startswith("<svg")
    True
    """
    require_drawable(trace.inputs | {stage.title: stage.start for stage in dataflow.used(trace)})
    selection = select_steps(trace)
    name, _, idea = summary_of(trace).partition(": ")
    head = heading(name, idea, 110)
    parts = [_chain(selection)] if selection.layout == "chain" else [_body(selection), *_legend(selection)]
    page = column([head, *parts], 22)
    canvas = Canvas()
    page.draw(canvas, MARGIN, MARGIN)
    return canvas.finish(page.size[0] + 2 * MARGIN, page.size[1] + 2 * MARGIN, name, description(trace, idea))


def _chain(selection: Selection) -> Item:
    """Return the inputs, then each step as a line of numbers below its sentence."""
    given = [item for name in selection.trace.inputs for item in _grids(selection, name)]
    parts = [wrap(given, ROOM, 40)] if given else []
    for step in selection.chosen:
        words = [text_line(line, 14) for line in textwrap.wrap(step_sentence(step) + border_note(selection, step), 110)]
        parts.append(column([column(words, 0), step_item(selection, step)], 2))
    return column(parts, 22)


def _body(selection: Selection) -> Item:
    """Return the data flow with the chosen steps beside it, or below it if there is no room."""
    lines = dataflow.lines(selection.trace, lambda name: list(_grids(selection, name)))
    whole = column([wrap(line, ROOM) for line in lines], 22)
    aside = _unused_stages(selection)
    if aside and row([whole, *aside], 48).size[0] <= ROOM / 2:
        whole, aside = row([whole, *aside], 48), []
    if selection.layout == "pieces":
        return column([whole, *aside], 22)
    if selection.layout == "overlap":
        return column(
            [whole, *aside, column(scaled_kernels(selection), 4)] if scaled_kernels(selection) else [whole, *aside], 22
        )
    shown = step_items(selection)
    beside = row([whole, column(shown, 10)], 56, top=True)
    if beside.size[0] <= ROOM:
        return column([beside, *aside], 22)
    return column([whole, *aside, wrap(shown, ROOM, 40)], 22)


def _unused_stages(selection: Selection) -> list[Item]:
    """Return the stages that the output is not computed from, if they are small enough to draw."""
    made_of = dataflow.used(selection.trace)
    others = [stage for stage in selection.trace.stages if stage not in made_of and not is_too_large(stage.start)]
    items = [item for stage in others for item in _grids(selection, stage.name)]
    return [wrap(items, ROOM, 48)] if items else []


def _grids(selection: Selection, name: str) -> Iterator[Item]:
    """Yield an input or a stage with the chosen steps' regions in it, framed or filled."""
    trace = selection.trace
    stages = {stage.name: stage for stage in trace.stages}
    array = np.asarray(trace.stage_arrays()[name] if name in stages else trace.inputs[name])
    title = stages[name].title if name in stages else name
    regions = [(step, mask(array, index)) for step in selection.chosen for index in _places(step, name)]
    if selection.layout != "pieces" and len(regions) > 1 and all(region.all() for _, region in regions):
        regions = []
    overlaps = overlap_counts(trace, array) if selection.layout == "overlap" and name == selection.focus.name else None
    bold = _maxima(selection, name, array)
    named = axis_names(trace, name)
    for number, plane in enumerate(planes(title, array, axes=named)):
        cut = [(step, planes("", array, region)[number].marked) for step, region in regions]
        fills = _fills(selection, cut, overlaps, number)
        frames = () if selection.layout == "pieces" else _frames(selection, cut)
        yield Grid(plane, fills, frames, None if bold is None else planes("", array, bold)[number].marked).item()


def _fills(
    selection: Selection, cut: Sequence[tuple[Step, Mask]], overlaps: Array | None, number: int
) -> dict[tuple[int, int], str]:
    """Return the colors of a plane's cells: by the step that moves each, or by the number of overlapping kernels."""
    if selection.layout == "pieces":
        return {place: tint(selection.color(step)) for step, part in cut for place in _cells(part)}
    if overlaps is None:
        return {}
    counts, shades = planes("", overlaps)[number].numbers, _shades(overlaps)
    return {place: shades[int(counts[place])] for place in np.ndindex(*counts.shape)}


def _places(step: Step, name: str) -> list[tuple[slice, ...]]:
    places = [region.index for region in step.reads.values() if region.array == name]
    return [*places, step.index] if step.stage == name else places


def _frames(selection: Selection, cut: Sequence[tuple[Step, Mask]]) -> tuple[Outline, ...]:
    """Return frames in the colors of the steps; overlapping frames have different insets, so that all are visible."""
    frames: list[tuple[Outline, int]] = []
    for step, part in cut:
        if not part.any():
            continue
        taken = {level for frame, level in frames if np.any(frame.region & part)}
        level = next(level for level in range(len(cut)) if level not in taken)
        frames.append((Outline(part, selection.color(step), inset=1.5 + 3.0 * (level % 3)), level))
    return tuple(frame for frame, _ in frames)


def _shades(overlaps: Array) -> dict[int, str]:
    """Return a shade for each count: white for 0, darker for larger counts."""
    counts = sorted({int(count) for count in overlaps.ravel()} - {0})
    between = [number / max(len(counts) - 1, 1) for number in range(len(counts))]
    shades = {count: mixed(LIGHTEST, DARKEST, part) for count, part in zip(counts, between, strict=True)}
    return ({0: PAPER} if np.any(overlaps == 0) else {}) | shades


def _maxima(selection: Selection, name: str, array: Array) -> Mask | None:
    """Return the mask of values that a maximum selects (of equal values the first); they are drawn bold."""
    bold = np.zeros(array.shape, bool)
    for step in selection.chosen:
        region = step.reads.get("values")
        if step.rule == "max" and region is not None and region.array == name:
            equal = np.flatnonzero(mask(array, region.index) & (array == step.result))
            bold.flat[equal[0]] = True
    return bold if bold.any() else None


def _cells(part: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(part)]


def _legend(selection: Selection) -> list[Item]:
    """Return the legend of the shades, and the step that crops the sum."""
    if selection.layout != "overlap":
        return []
    shades = _shades(overlap_counts(selection.trace, np.asarray(selection.focus.start)))
    chips = [text_line(plural(kernels, "kernel"), 13, swatch=shade) for kernels, shade in shades.items()]
    cut = [
        text_line(step_sentence(step), 13, swatch=selection.color(step))
        for step in selection.chosen
        if step.rule == "copy"
    ]
    return [column([row([text_line("Values of the sum overlapped by", 13, QUIET), *chips]), *cut], 8)]
