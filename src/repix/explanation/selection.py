"""Which steps of a trace a picture shows, and in which of four ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Region, Stage, Step, Trace
from repix.explanation.array_text import format_value
from repix.explanation.svg import INK

COLORS = ("#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#5b3fa0", "#c0392b", "#3b7a8c")
"""Told apart by color-blind readers too, in this order; light tints of them fill boxes."""

CHAIN = 6
"""So few steps are all selection."""

SHOWN = 3
"""As many examples of a longer working."""

Layout = Literal["overlap", "pieces", "windows", "chain"]
"""Kernels that overlap, pieces that move, windows that slide, or a few steps that follow from each other."""


@dataclass(frozen=True, eq=False)
class Selection:
    """What of a trace is selection, and how."""

    trace: Trace
    layout: Layout
    chosen: tuple[Step, ...]
    colors: tuple[str, ...]
    """One for each chosen step."""
    focus: Stage
    """The stage that the chosen steps write, all but a last one that only cuts out the answer."""

    def color(self, step: Step) -> str:
        """The color of a chosen step."""
        return self.colors[self.chosen.index(step)]

    def siblings(self, step: Step) -> list[Step]:
        """All steps that write what this one writes."""
        return [one for one in self.trace.steps if one.stage == step.stage]


def select_steps(trace: Trace) -> Selection:
    """The way to show a trace, and the steps that teach most.

    >>> from repix.arithmetic import conv2d
    >>> selection = select_steps(conv2d.trace(np.eye(3), np.ones((2, 2))))
    >>> selection.layout, [float(step.result) for step in selection.chosen]
    ('windows', [2.0, 1.0])
    """
    last = trace.stages[-1]
    steps = tuple(step for step in trace.steps if step.stage == last.name)
    laid = tuple(step for step in trace.steps if step.rule == "scale" and step.adds)
    if laid:
        cut = tuple(step for step in steps if step.rule == "copy")
        chosen = laid if len(laid) <= CHAIN else representative_steps(trace, laid, (0, 1, 2))
        colors = (*COLORS[: len(chosen)], *[INK] * len(cut))
        return Selection(trace, "overlap", chosen + cut, colors, _stage(trace, laid[0]))
    if _are_pieces(trace, steps):
        sources = [_source(step) for step in steps]
        found = list(dict.fromkeys(sources))
        colors = tuple(COLORS[found.index(source) % len(COLORS)] for source in sources)
        return Selection(trace, "pieces", steps, colors, last)
    if len(trace.stages) > 1 and len(trace.steps) <= CHAIN and all(step.rule != "copy" for step in trace.steps):
        return Selection(trace, "chain", trace.steps, COLORS, last)
    chosen = representative_steps(trace, steps, _diagonal(trace, len(steps)))
    return Selection(trace, "windows", (*_earlier(trace, chosen), *chosen), COLORS, last)


def representative_steps(trace: Trace, steps: Sequence[Step], wanted: Sequence[int]) -> tuple[Step, ...]:
    """For each place that is wanted the step nearest to it whose outcome is not among the chosen ones yet.

    Where all outcomes are there already, no more steps are taken, unless all steps have the same outcome.
    """
    outcomes = [_outcome(trace, step) for step in steps]
    alike = len(set(outcomes)) == 1
    chosen: list[int] = []
    for place in wanted:
        seen = set() if alike else {outcomes[i] for i in chosen}
        left = [i for i in range(len(steps)) if i not in chosen and outcomes[i] not in seen]
        if left:
            chosen.append(min(left, key=lambda i: (_apart(steps[i], steps[place]), i)))
    return tuple(steps[i] for i in sorted(chosen))


def _outcome(trace: Trace, step: Step) -> tuple[str, ...]:
    """What a step's numbers look like in the picture."""
    before = _stage(trace, step).start[step.index] if step.adds and step.rule != "scale" else 0
    return tuple(format_value(value) for value in np.ravel(step.result + before).tolist())


def _apart(one: Step, other: Step) -> int:
    """How far two steps' places lie from each other."""
    pairs = zip(one.index, other.index, strict=True)
    return sum(abs((a.start or 0) - (b.start or 0)) for a, b in pairs)


def _diagonal(trace: Trace, steps: int) -> list[int]:
    """Three steps down the diagonal of the output, where each number is a step; else three of all."""
    rows, columns = (1, 1, *np.shape(trace.output))[-2:]
    thirds = range(SHOWN)
    if rows > 1 and np.size(trace.output) == steps:
        return [i * rows // SHOWN * columns + i * columns // SHOWN for i in thirds]
    return [i * steps // SHOWN for i in thirds]


def _earlier(trace: Trace, chosen: Sequence[Step]) -> tuple[Step, ...]:
    """Of a working in two passes one step of the first: it makes the largest of what the last chosen step reads."""
    values = chosen[-1].reads.get("values")
    if values is None:
        return ()
    first = [step for step in trace.steps if step.stage == values.array and step.rule == "dot"]
    made = [step for step in first if _covers(trace, values, step)]
    return (max(made, key=lambda step: abs(step.result.item())),) if made else ()


def _covers(trace: Trace, region: Region, step: Step) -> bool:
    marks = np.zeros(np.shape(_stage(trace, step).start), bool)
    marks[region.index] = True
    return bool(np.any(marks[step.index]))


def _stage(trace: Trace, step: Step) -> Stage:
    return next(stage for stage in trace.stages if stage.name == step.stage)


def _are_pieces(trace: Trace, steps: Sequence[Step]) -> bool:
    """Whether the steps only move parts of the data that do not overlap, few enough for a color each."""
    if any(step.rule not in ("copy", "max") or not step.reads for step in steps):
        return False
    sources = {_source(step): next(iter(step.reads.values())) for step in steps}
    taken = {name: np.zeros(array.shape, int) for name, array in (trace.inputs | trace.stage_arrays()).items()}
    for region in sources.values():
        taken[region.array][region.index] += 1
    return len(sources) <= 2 * len(COLORS) and all(counts.max(initial=0) <= 1 for counts in taken.values())


def _source(step: Step) -> str:
    """Where a step reads, as something to compare."""
    return repr(next(iter(step.reads.values())))


def overlap_counts(trace: Trace, array: Array) -> Array:
    """How many scaled kernels add to each number."""
    counts = np.zeros(array.shape)
    for step in trace.steps:
        if step.rule == "scale" and step.adds:
            counts[step.index] += 1
    return counts
