"""A trace as frames of one size: one for each step, with what the tables print of it, and one for the result."""

import itertools
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repix.arithmetic.trace import Trace
from repix.errors import WrongUse
from repix.explanation.array_text import format_value
from repix.explanation.captions import summary_of
from repix.explanation.drawing_limits import require_drawable
from repix.explanation.planes import Mask, Plane, step_sentence
from repix.explanation.sections import Section, sections
from repix.explanation.selection import COLORS
from repix.explanation.step_flow import Part, Role, Shown, Sign, input_parts, output_parts, step_parts
from repix.explanation.step_grids import tint
from repix.explanation.svg import (
    PAPER,
    Grid,
    Item,
    Outline,
    cell_width,
    column,
    heading,
    operator,
    row,
    sized,
    text_line,
    wrap,
)

ROOM = 460.0
"""The largest width of a line of arrays; a phone of 420 pixels shows its letters with at least 10 pixels.

Wider arrays are drawn in parts of some columns, one below the other.
"""

LETTERS = 56
"""The most letters of a line of text."""

BOLD_LETTERS = 42
"""The most letters of a line of a label, which are larger."""

LINES = 9
"""The most lines of a step's sentence."""

MOST = 200
"""The most steps that are shown as frames."""

HUES: dict[Role, str] = {
    "read region": COLORS[0],
    "read values": COLORS[0],
    "result": COLORS[1],
    "written": COLORS[1],
}
"""Blue is read, orange is written."""


@dataclass(frozen=True)
class Frame:
    """One picture: its label, such as "Output: step 2 of 9", and what is drawn."""

    label: str
    item: Item


def frames(trace: Trace) -> list[Frame]:
    """Return a frame for each step of a trace, in the order of the tables, then one for the result.

    >>> from repix.arithmetic import max_pool2d
    >>> [frame.label for frame in frames(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2))][1:]
    ['Maxima: step 1 of 1', 'Result']
    """
    if len(trace.steps) > MOST:
        raise WrongUse(f"These are {len(trace.steps)} steps; frames are drawn of at most {MOST}. Give less data.")
    require_drawable(trace.inputs | {stage.title: stage.start for stage in trace.stages})
    name, _, idea = summary_of(trace).partition(": ")
    top = heading(name, idea, LETTERS)
    scenes = [*_steps(trace), _result(trace)]
    labels = _equally_high([_lines(textwrap.wrap(scene.label, BOLD_LETTERS), 16, "bold") for scene in scenes])
    drawn = [column([top, label, scene.item], 14) for label, scene in zip(labels, scenes, strict=True)]
    size = max(item.size[0] for item in drawn), max(item.size[1] for item in drawn)
    return [Frame(scene.label, sized(item, size)) for scene, item in zip(scenes, drawn, strict=True)]


def _steps(trace: Trace) -> Iterator[Frame]:
    arrays = trace.inputs | trace.stage_arrays()
    for section in sections(trace):
        last = section.shown[-1]
        flows = [list(step_parts(trace, arrays, moment, moment is last)) for moment in section.shown]
        for number, (words, flow) in enumerate(zip(_sentences(section), _aligned(flows), strict=True), start=1):
            yield Frame(f"{section.title}: step {number} of {section.total}", column([words, flow], 12))


def _result(trace: Trace) -> Frame:
    parts = [*input_parts(trace), Sign("→"), *output_parts(trace)]
    return Frame("Result", _aligned([parts])[0])


def _sentences(section: Section) -> list[Item]:
    """Return the sentences of a stage's steps, all of one height, so that the arrays below do not move."""
    texts = [
        textwrap.wrap(step_sentence(moment.step), LETTERS, max_lines=LINES, placeholder=" …")
        for moment in section.shown
    ]
    return _equally_high([_lines(lines, 14) for lines in texts])


def _lines(lines: Sequence[str], size: float, style: str = "") -> Item:
    """Return lines of text below each other."""
    return column([text_line(line, size, style=style) for line in lines], 0)


def _equally_high(items: Sequence[Item]) -> list[Item]:
    """Return items of the height of the highest one."""
    height = max(item.size[1] for item in items)
    return [sized(item, (item.size[0], height)) for item in items]


def _aligned(flows: Sequence[Sequence[Part]]) -> list[Item]:
    """Return the parts of several steps as rows; arrays that correspond have equal widths."""
    groups = [list(_groups(parts)) for parts in flows]
    if len({len(one) for one in groups}) > 1:
        return [item for parts in flows for item in _aligned([parts])]
    columns = [_slot(slot) for slot in zip(*groups, strict=True)]
    return [wrap(items, ROOM, 12) for items in zip(*columns, strict=True)]


def _groups(parts: Sequence[Part]) -> Iterator[tuple[str, Shown]]:
    """Yield each array with the sign before it, so that a line does not end with a sign."""
    sign = ""
    for part in parts:
        if isinstance(part, Sign):
            sign = part.text
        else:
            yield sign, part
            sign = ""


def _slot(groups: Sequence[tuple[str, Shown]]) -> list[Item]:
    """Return corresponding arrays of several steps with their signs, all of one width."""
    letters = max(_longest(shown.plane) for _, shown in groups)
    signs = [operator(" ".join(sign.split()), 0.8) for sign, _ in groups]
    wide = max(item.size[0] for item in signs) if any(sign for sign, _ in groups) else 0.0
    room = ROOM - (wide + 12 if wide else 0.0)
    grids = [_grid(shown, letters, room) for _, shown in groups]
    items = [
        row([sized(sign, (wide, sign.size[1])), grid], 12) if wide else grid
        for sign, grid in zip(signs, grids, strict=True)
    ]
    width = max(item.size[0] for item in items)
    return [sized(item, (width, item.size[1])) for item in items]


def _longest(plane: Plane) -> int:
    return max(len(format_value(value)) for value in itertools.chain(*plane.numbers.tolist()))


def _grid(shown: Shown, letters: int, room: float) -> Item:
    """Return an array as grids within a width; what the step reads or writes is colored."""
    hue, plane = HUES.get(shown.role), shown.plane
    filled = np.zeros_like(plane.marked)
    if hue is not None:
        filled = plane.marked if plane.marked.any() else plane.decided
    cuts = _cuts(plane.numbers.shape[1], max(1, int(room / cell_width(letters))))
    return column([_part(plane, cut, filled, hue or "", letters) for cut in cuts], 8)


def _cuts(columns: int, most: int) -> list[slice]:
    """Return the parts of some columns, at most this many each, about equally wide.

    >>> _cuts(8, 5), _cuts(3, 5)
    ([slice(0, 4, None), slice(4, 8, None)], [slice(0, 3, None)])
    """
    count = -(-columns // most)
    return [slice(n * columns // count, (n + 1) * columns // count) for n in range(count)]


def _part(plane: Plane, cut: slice, filled: Mask, hue: str, letters: int) -> Item:
    """Return some columns of a plane as a grid; the title names them unless they are all."""
    numbers, marked, colored = plane.numbers[:, cut], plane.marked[:, cut], filled[:, cut]
    named = "" if numbers.shape == plane.numbers.shape else _named(cut.start, cut.stop - 1)
    part = Plane(", ".join(filter(None, (plane.title, named))), numbers, marked, plane.decided[:, cut])
    fills = {(y, x): tint(hue) if colored[y, x] else PAPER for y, x in np.ndindex(*colored.shape)} if hue else {}
    frame = (Outline(marked, hue, inset=1.5),) if hue and marked.any() else ()
    return Grid(part, fills, frame, letters=letters).item()


def _named(first: int, last: int) -> str:
    return f"column {first}" if first == last else f"columns {first} to {last}"
