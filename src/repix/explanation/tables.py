"""A trace as text tables: for each step the inputs, the products, the result and its position."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repix.arithmetic.step_text import plural
from repix.arithmetic.trace import Trace
from repix.explanation.array_text import format_value
from repix.explanation.captions import summary_of
from repix.explanation.planes import Plane, step_sentence
from repix.explanation.sections import sections
from repix.explanation.step_flow import Part, Role, Sign, input_parts, output_parts, step_parts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = "  "

LARGEST = 30
"""The most rows and columns of a table; larger arrays are truncated."""

STYLES: dict[Role, str] = {
    "read region": "bold cyan",
    "read values": "cyan",
    "operand": "",
    "result": "green",
    "written": "bold green",
}


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
    _print_flow(console, input_parts(trace))
    arrays = trace.inputs | trace.stage_arrays()
    for section in sections(trace, steps):
        say(f"\n{section.title}: {plural(section.total, 'step')}", "bold magenta")
        for number, moment in enumerate(section.shown, start=1):
            say(f"\nStep {number} of {section.total}. {step_sentence(moment.step)}")
            _print_flow(console, step_parts(trace, arrays, moment, is_last=number == section.total))
        if len(section.shown) < section.total:
            more = section.total - len(section.shown)
            say(f"\n… and {more} more of the same kind (--steps all prints all).", "dim")
    say("\nResult", "bold magenta")
    _print_flow(console, output_parts(trace))


def to_text(trace: Trace, steps: int | None = 3, width: int = 80) -> str:
    """Return the output of `print_trace` as plain text.

    >>> import numpy as np
    >>> from repix.arithmetic import max_pool2d
    >>> print(to_text(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).splitlines()[-1].strip())
    4
    """
    from rich.console import Console

    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        print_trace(trace, console, steps)
    return capture.get()


def _block_of(part: Part) -> _Block:
    return _sign(part.text) if isinstance(part, Sign) else _block(part.plane, STYLES[part.role])


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


def _print_flow(console: "Console", parts: Iterable[Part]) -> None:
    """Print arrays and signs side by side, wrapped at the width of the console."""
    blocks = [_block_of(part) for part in parts]
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
