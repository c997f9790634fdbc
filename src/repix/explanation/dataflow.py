"""The data flow of a trace as lines of grids, from the inputs to the output."""

from collections.abc import Callable, Iterator

import numpy as np

from repix.arithmetic.trace import Region, Stage, Trace
from repix.explanation.array_text import format_value
from repix.explanation.svg import Item, operator, row

_NOWHERE = Region("", ())

Draw = Callable[[str], list[Item]]
"""A function from the name of an input or stage to its grids."""


def lines(trace: Trace, draw: Draw) -> list[list[Item]]:
    """Return the lines: chains of grids. An array with its own chain gets a line before the line that uses it."""
    found: list[list[Item]] = []
    _Lines(trace, draw, found).add(trace.stages[-1].name)
    return found


def sources(trace: Trace, name: str) -> list[str]:
    """Return the names of the arrays that the steps of a stage read, in the order of the steps.

    >>> from repix.arithmetic import conv2d
    >>> sources(conv2d.trace(np.eye(3), np.eye(2), padding=1), "output")
    ['padded', 'kernel']
    """
    read = [region.array for step in trace.steps if step.stage == name for region in step.reads.values()]
    return list(dict.fromkeys(read))


def used(trace: Trace) -> list[Stage]:
    """Return the output stage and the stages that it is computed from."""
    names, left = set(), [trace.stages[-1].name]
    while left:
        name = left.pop()
        names.add(name)
        left += [one for one in sources(trace, name) if one not in names]
    return [stage for stage in trace.stages if stage.name in names]


class _Lines:
    """Builds the lines."""

    def __init__(self, trace: Trace, draw: Draw, found: list[list[Item]]) -> None:
        self._trace, self._draw, self._found = trace, draw, found
        read = {name for stage in trace.stages for name in sources(trace, stage.name)}
        self._aside = [name for name in trace.inputs if name not in read]
        """Inputs that no step reads, such as indices."""
        self._done: set[str] = set()
        """The arrays of the lines above."""

    def add(self, name: str) -> None:
        """Add the line that ends with this array."""
        drawn: list[str] = []
        items = list(self._chain(name, drawn))
        self._found.append(items)
        self._done.update(drawn)

    def _chain(self, name: str, drawn: list[str]) -> Iterator[Item]:
        made_of = sources(self._trace, name)
        if not made_of:
            yield from self._first(name, drawn)
            return
        if name in self._done:
            yield from self._draw(name)
            drawn.append(name)
            return
        first, *others = made_of
        for other in others:
            if sources(self._trace, other) and other not in self._done:
                self.add(other)
        if first not in drawn:
            yield from self._chain(first, drawn)
        between, before = _signs(self._trace, name)
        for other in others:
            if other in drawn:
                continue
            yield from _signed(between, self._draw(other))
            drawn.append(other)
        yield from _signed(before, self._draw(name))
        drawn.append(name)

    def _first(self, name: str, drawn: list[str]) -> Iterator[Item]:
        """Yield an input; the first one is followed by the inputs that no step reads."""
        yield from self._draw(name)
        drawn.append(name)
        aside, self._aside = self._aside, []
        for other in aside:
            yield from _signed(",", self._draw(other))


def _signs(trace: Trace, name: str) -> tuple[str, str]:
    """Return the operator between the sources of a stage, and the one before the stage."""
    steps = [step for step in trace.steps if step.stage == name]
    stage = next(one for one in trace.stages if one.name == name)
    if any(step.rule == "dot" and "kernel" in step.reads.get("weights", _NOWHERE).array for step in steps):
        return "∗", f"{_bias(stage)} =".strip()
    if any(step.rule == "copy" and step.adds and len(sources(trace, name)) > 1 for step in steps):
        return "+", "→"
    return ",", f"{_bias(stage)} →".strip()


def _signed(mark: str, items: list[Item]) -> Iterator[Item]:
    """Yield items with an operator before the first one, on the same line."""
    first, *others = items
    yield row([operator(mark), first])
    yield from others


def _bias(stage: Stage) -> str:
    """Return the bias as text: one number, or one for each channel."""
    if not np.any(stage.start):
        return ""
    each = np.moveaxis(stage.start, -3, 0) if stage.start.ndim > 2 else stage.start[np.newaxis]
    biases = [format_value(channel.flat[0].item()) for channel in each]
    return f"+ {biases[0]}" if len(biases) == 1 else f"+ bias {', '.join(biases)}"
