"""A trace on the terminal: for each step the window, the weights, the products, and where the result lands."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Step, Trace
from repix.explanation.numbers import written
from repix.explanation.planes import Moment, Plane, mask, moments, planes
from repix.explanation.words import ABOUT

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

GAP = "   "
SIGNS = {"scale": "×", "dot": "×", "divide": "÷", "floor-divide": "÷", "remainder": "mod", "exp": "−"}
"""The sign between the inputs of a rule."""


@dataclass(frozen=True)
class _Block:
    """A few lines of equal width that stand beside other blocks."""

    lines: "list[Text]"

    @property
    def width(self) -> int:
        return self.lines[0].cell_len


def show(trace: Trace, console: "Console", steps: int | None = 3) -> None:
    """Print a trace: what goes in, the first `steps` steps of each stage (all where None), and what comes out."""
    from rich.text import Text

    def say(text: str, style: str = "") -> None:
        console.print(Text(text, style))

    say(ABOUT.get(trace.operation, trace.operation), "bold")
    given = [_blocks(name, array) for name, array in trace.inputs.items()]
    _print_flow(console, list(itertools.chain(*given)))
    titles = {stage.name: stage.title for stage in trace.stages}
    for name, film in itertools.groupby(moments(trace), lambda moment: moment.step.stage):
        total = sum(step.stage == name for step in trace.steps)
        shown = total if steps is None or total == steps + 1 else min(steps, total)
        say(f"\n{titles[name]}: {total} step{'' if total == 1 else 's'}", "bold magenta")
        for number, moment in enumerate(film, start=1):
            if number <= shown:
                say(f"\nStep {number} of {total}. {moment.step.text}")
                _print_flow(console, list(_working(trace, moment, titles)))
        if shown < total:
            say(f"\n… and {total - shown} more of the same kind (--steps all shows every one).", "dim")
    say("\nAnswer", "bold magenta")
    _print_flow(console, _blocks("output", trace.output, style="bold green"))


def table(trace: Trace, steps: int | None = 3, width: int = 80) -> str:
    """What `show` prints, as plain text.

    >>> from repix.arithmetic import max_pool2d
    >>> print(table(max_pool2d.trace(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)).splitlines()[-1].strip())
    4
    """
    from rich.console import Console

    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        show(trace, console, steps)
    return capture.get()


def _working(trace: Trace, moment: Moment, titles: dict[str, str]) -> "Iterator[_Block]":
    """The blocks of one step, from what it reads to where its result stands."""
    step = moment.step
    names = list(step.inputs)
    yield from _source(trace, step, names[0])
    for position, name in enumerate(names[1:]):
        sign = SIGNS.get(step.rule)
        if sign and position == 0:
            yield _sign(sign)
        yield from _blocks(name, step.inputs[name])
    if step.rule == "dot":
        products = step.inputs["values"] * step.inputs["weights"]
        if products.size > 1:
            yield _sign("=")
            yield from _blocks("products", products)
    if step.rule != "copy" and np.size(step.result) > 1:
        yield _sign("=")
        yield from _blocks("result", step.result, style="green")
    elif step.rule != "copy":
        yield _sign({"dot": "sum", "max": "max", "mean": "mean"}.get(step.rule, "=") + f" {written(np.sum(step.result))}")
    yield _sign("→")
    title = titles[step.stage] + (" so far" if moment.known.size > 1 else "")
    yield from _blocks(title, moment.after, mask(moment.after, step.index), moment.known, "bold green")


def _source(trace: Trace, step: Step, name: str) -> "Iterator[_Block]":
    """Where the first input of a step stands in what it was read from, or the input itself."""
    region = step.reads.get(name)
    array = None if region is None else trace.inputs.get(region.array)
    if region is None or array is None or not _shows(array[region.index], step.inputs[name]):
        yield from _blocks(name, step.inputs[name], style="cyan")
        return
    marked = mask(array, region.index)
    for block, plane in zip(_blocks(region.array, array, marked, style="bold cyan"), planes("", array, marked), strict=True):
        if plane.marked.any():
            yield block


def _shows(region: Array, values: Array) -> bool:
    """Whether the region, as it stands in its array, is what the step reads."""
    return region.size == np.size(values) and bool(np.array_equal(region.ravel(), np.ravel(values)))


def _blocks(
    title: str, array: Array, marked: "Array | None" = None, known: "Array | None" = None, style: str = ""
) -> "list[_Block]":
    return [_block(plane, style) for plane in planes(title, np.asarray(array), marked, known)]


def _block(plane: Plane, style: str) -> _Block:
    """A plane as lines: its title, its rows; `[` and `]` stand around what is marked."""
    from rich.text import Text

    everywhere = not plane.marked.any()
    words = _words(plane)
    width = max(len(word) for row in words for word in row)
    lines = [Text(plane.title, "dim")]
    for row, marks in zip(words, plane.marked, strict=True):
        line = Text()
        edges = np.concatenate([[False], marks, [False]])
        for word, before, here in zip(row, edges[:-2], edges[1:-1], strict=True):
            line.append("]" if before and not here else "[" if here and not before else " ", style if before or here else "")
            line.append(f"{word:>{width}}", style if here or everywhere else "")
        line.append("]" if marks[-1] else " ", style)
        lines.append(line)
    across = max(line.cell_len for line in lines)
    for line in lines:
        line.pad_right(across - line.cell_len)
    return _Block(lines)


def _words(plane: Plane) -> list[list[str]]:
    """The numbers of a plane with their decimal points below each other; `·` where nothing is decided yet."""
    texts = [[written(value) for value in row] for row in plane.numbers.tolist()]
    decimals = max((len(text.partition(".")[2]) + ("." in text) for row in texts for text in row), default=0)
    rows = []
    for row, known in zip(texts, plane.known, strict=True):
        padded = [text + " " * (decimals - len(text.partition(".")[2]) - ("." in text)) for text in row]
        rows.append([word if here else "·" + " " * decimals for word, here in zip(padded, known, strict=True)])
    return rows


def _sign(text: str) -> _Block:
    from rich.text import Text

    return _Block([Text(" " * len(text)), Text(text, "yellow")])


def _print_flow(console: "Console", blocks: Sequence[_Block]) -> None:
    """Blocks side by side, as many as the console is wide; the rest below."""
    line: list[_Block] = []
    for block in blocks:
        if line and 2 + sum(b.width + len(GAP) for b in line) + block.width > console.width:
            _print_line(console, line)
            line = []
        line.append(block)
    if line:
        _print_line(console, line)


def _print_line(console: "Console", blocks: Sequence[_Block]) -> None:
    """Blocks beside each other, signs at the middle of the highest."""
    from rich.text import Text

    height = max(len(block.lines) for block in blocks)
    for row in range(height):
        text = Text("  ", no_wrap=True, overflow="ellipsis")
        for block in blocks:
            is_sign = len(block.lines) == 2 and not block.lines[0].plain.strip()
            at = 1 + (row - 1 - (height - 2) // 2) if is_sign else row
            blank = Text(" " * block.width)
            text.append_text(block.lines[at] if 0 <= at < len(block.lines) else blank)
            text.append(GAP)
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ellipsis", crop=False)
