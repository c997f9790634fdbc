"""A trace as text tables: for each step the inputs, the products, the result and its position."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import plural
from repix.arithmetic.trace import Step, Trace
from repix.explanation.array_text import format_value
from repix.explanation.captions import OPERATORS, RESULT_LABELS, summary_of
from repix.explanation.planes import Mask, Plane, Snapshot, mask, planes, snapshots, step_sentence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = "  "

LARGEST = 30
"""The most rows and columns of a table; larger arrays are truncated."""


@dataclass(frozen=True)
class _Block:
    """Lines of equal width that are printed beside other blocks."""

    lines: "list[Text]"
    cell: int = 0
    """The width of a number with the space before it; 0 for an operator."""
    columns: int = 0
    notes: int = 0
    """The number of lines at the end that say what is truncated."""

    @property
    def is_sign(self) -> bool:
        """True if this is the operator between two arrays."""
        return self.cell == 0

    @property
    def width(self) -> int:
        return self.lines[0].cell_len


def print_trace(trace: Trace, console: "Console", steps: int | None = 3) -> None:
    """Print a trace: the inputs, the first `steps` steps of each stage (None: all), and the output."""
    from rich.text import Text

    def say(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    say(summary_of(trace), "bold")
    given = [_blocks(name, array) for name, array in trace.inputs.items()]
    _print_flow(console, list(itertools.chain(*given)))
    arrays = trace.inputs | trace.stage_arrays()
    for section in _sections(trace, steps):
        say(f"\n{section.title}: {plural(section.total, 'step')}", "bold magenta")
        for number, moment in enumerate(section.shown, start=1):
            say(f"\nStep {number} of {section.total}. {step_sentence(moment.step)}")
            _print_flow(console, list(_step_blocks(arrays, moment, is_last=number == section.total)))
        if len(section.shown) < section.total:
            more = section.total - len(section.shown)
            say(f"\n… and {more} more of the same kind (--steps all prints all).", "dim")
    say("\nResult", "bold magenta")
    _print_flow(console, _blocks("output", trace.output, style="bold green"))


def to_text(trace: Trace, steps: int | None = 3, width: int = 80) -> str:
    """Return the output of `print_trace` as plain text.

    >>> from repix.arithmetic import max_pool2d
    >>> print(to_text(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).splitlines()[-1].strip())
    4
    """
    from rich.console import Console

    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        print_trace(trace, console, steps)
    return capture.get()


@dataclass
class _Section:
    """The steps of one stage, and those of them that are shown."""

    title: str
    total: int
    shown: list[Snapshot]


def _sections(trace: Trace, steps: int | None) -> list[_Section]:
    """Return the stages in the order of their first steps; a single step that would be left out is shown too."""
    titles = {stage.name: stage.title for stage in trace.stages}
    counts = Counter(step.stage for step in trace.steps)
    sections = {name: _Section(titles[name], total, []) for name, total in counts.items()}
    for moment in snapshots(trace):
        section = sections[moment.step.stage]
        if steps is None or len(section.shown) < steps or section.total == steps + 1:
            section.shown.append(moment)
    return list(sections.values())


def _step_blocks(arrays: dict[str, Array], moment: Snapshot, is_last: bool) -> "Iterator[_Block]":
    """Yield the blocks of one step, from its inputs to its result in the stage."""
    step = moment.step
    first, *others = step.inputs
    yield from _source(arrays, step, first)
    for position, name in enumerate(others):
        if position == 0 and step.rule in OPERATORS:
            yield _sign(OPERATORS[step.rule])
        yield from _blocks(step.labels.get(name, name), step.inputs[name])
    word = RESULT_LABELS.get(step.rule, "=")
    if step.rule == "dot":
        products = step.inputs["values"] * step.inputs["weights"]
        if products.size > 1:
            yield _sign("=")
            yield from _blocks("products", products)
        else:
            word = "="
    yield from _result(step, word, is_whole=np.size(step.result) == moment.after.size and not step.adds)
    known = np.ones_like(moment.decided) if is_last else moment.decided
    title = "now" if is_last else "so far"
    yield from _blocks(title, moment.after, mask(moment.after, step.index), known, "bold green")


def _result(step: Step, word: str, is_whole: bool) -> "Iterator[_Block]":
    """Yield the result of a step, unless it is the whole array, which is printed anyway."""
    if step.rule == "copy":
        yield _sign("→")
    elif is_whole:
        yield _sign(word)
    elif np.size(step.result) > 1:
        yield _sign(word)
        yield from _blocks("result", step.result, style="green")
        yield _sign("→")
    else:
        yield _sign(f"{word} {format_value(np.asarray(step.result).item())}  →")


def _source(arrays: dict[str, Array], step: Step, name: str) -> "Iterator[_Block]":
    """Yield the array that the first input of a step is read from, with the region marked; or the input itself."""
    region = step.reads.get(name)
    if region is not None:
        array = arrays[region.array]
        if _shows(array[region.index], step.inputs[name]):
            marked = planes(region.array.replace("-", " "), array, mask(array, region.index))
            yield from (_block(plane, "bold cyan") for plane in marked if plane.marked.any())
            return
    yield from _blocks(step.labels.get(name, name), step.inputs[name], style="cyan")


def _shows(region: Array, values: Array) -> bool:
    """Return whether a region holds exactly the values that the step reads."""
    return region.size == np.size(values) and bool(np.array_equal(region.ravel(), np.ravel(values)))


def _blocks(
    title: str, array: Array, marked: Mask | None = None, known: Mask | None = None, style: str = ""
) -> "list[_Block]":
    return [_block(plane, style) for plane in planes(title, np.asarray(array), marked, known)]


def _block(plane: Plane, style: str) -> _Block:
    """Return a plane as lines: its title and its rows; `[` and `]` enclose the marked values."""
    from rich.text import Text

    rows, columns = plane.numbers.shape
    words = _words(plane)
    width = max(len(word) for row in words for word in row)
    everywhere = "" if plane.marked.any() else style
    lines = [Text(plane.title, "dim")]
    for row, marks in zip(words, plane.marked[:LARGEST, :LARGEST].tolist(), strict=True):
        line, before = Text(), False
        for word, here in zip(row, marks, strict=True):
            line.append(" " if before == here else "[" if here else "]", style)
            line.append(f"{word:>{width}}", style if here else everywhere)
            before = here
        lines.append(line.append("]" if before else " ", style))
    cut = [(rows - LARGEST, "more row"), (columns - LARGEST, "more column")]
    notes = [Text(f" … {plural(more, what)}", "dim") for more, what in cut if more > 0]
    return _even([*lines, *notes], width + 1, min(columns, LARGEST), len(notes))


def _even(lines: "list[Text]", cell: int, columns: int, notes: int) -> _Block:
    """Return lines as a block, padded to the length of the longest."""
    across = max(line.cell_len for line in lines)
    for line in lines:
        line.pad_right(across - line.cell_len)
    return _Block(lines, cell, columns, notes)


def _words(plane: Plane) -> list[list[str]]:
    """Return the numbers of a plane as text with aligned decimal points, truncated to the largest table.

    A `·` stands for a value that is not computed yet.
    """
    texts = [[format_value(value) for value in row] for row in plane.numbers[:LARGEST, :LARGEST].tolist()]
    decimals = max((len(text.partition(".")[2]) + ("." in text) for row in texts for text in row), default=0)
    rows = []
    for row, known in zip(texts, plane.decided[:LARGEST, :LARGEST], strict=True):
        padded = [text + " " * (decimals - len(text.partition(".")[2]) - ("." in text)) for text in row]
        rows.append([word if here else "·" + " " * decimals for word, here in zip(padded, known, strict=True)])
    return rows


def _sign(text: str) -> _Block:
    from rich.text import Text

    return _Block([Text(" " * len(text)), Text(text, "yellow")])


def _print_flow(console: "Console", blocks: Sequence[_Block]) -> None:
    """Print blocks side by side, wrapped at the width of the console."""
    line: list[_Block] = []
    signs = [0, *(block.width + len(GAP) if block.is_sign else 0 for block in blocks)]
    widths = [console.width - len(GAP) - sign for sign in signs]
    for block in itertools.chain.from_iterable(map(_folded, blocks, widths)):
        if line and 2 + sum(b.width + len(GAP) for b in line) + block.width > console.width:
            carried = [line.pop()] if line[-1].is_sign else []
            _print_line(console, line)
            line = carried
        line.append(block)
    if line:
        _print_line(console, line)


def _folded(block: _Block, room: int) -> "Iterator[_Block]":
    """Yield the block; if it is too wide, several blocks with some of its columns each."""
    from rich.text import Text

    if block.is_sign or block.columns * block.cell + 1 <= room:
        yield block
        return
    title, end = block.lines[0].plain.strip(), len(block.lines) - block.notes
    most = max((room - 1) // block.cell, 1)
    for first in range(0, block.columns, most):
        last = min(first + most, block.columns)
        heading = Text(f"{title}, {_columns(first, last)}".lstrip(", "), "dim")
        rows = [_piece(row, first * block.cell, last * block.cell + 1) for row in block.lines[1:end]]
        notes = block.lines[end:] if last == block.columns else []
        yield _even([heading, *rows, *notes], block.cell, last - first, len(notes))


def _piece(row: "Text", start: int, stop: int) -> "Text":
    """Return a part of a row, without a bracket that belongs to a neighboring number."""
    from rich.text import Text

    part = row[start:stop]
    if part.plain.endswith("["):
        part.right_crop(1)
    return Text(" ").append_text(part[1:]) if part.plain.startswith("]") else part


def _columns(first: int, last: int) -> str:
    return f"column {first}" if last == first + 1 else f"columns {first}-{last - 1}"


def _print_line(console: "Console", blocks: Sequence[_Block]) -> None:
    """Print blocks side by side, with operators at the middle of their neighbors."""
    from rich.text import Text

    if not blocks:
        return
    height = max(len(block.lines) for block in blocks)
    middles = [_middle(blocks, position) for position in range(len(blocks))]
    for row in range(height):
        text = Text("  ")
        for block, middle in zip(blocks, middles, strict=True):
            at = 1 + row - middle if block.is_sign else row
            blank = Text(" " * block.width)
            text.append_text(block.lines[at] if 0 <= at < len(block.lines) else blank)
            text.append(GAP)
        text.rstrip()
        text.truncate(console.width, overflow="ellipsis")
        console.print(text, no_wrap=True)


def _middle(blocks: Sequence[_Block], position: int) -> int:
    """Return the line of an operator: the middle of its less high neighbor."""
    beside = [*blocks[max(position - 1, 0) : position], *blocks[position + 1 : position + 2]]
    rows = min((len(block.lines) - 1 for block in beside if not block.is_sign), default=1)
    return 1 + (rows - 1) // 2
