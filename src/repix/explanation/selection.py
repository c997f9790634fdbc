"""The steps of a trace that a picture shows, and one of four layouts for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Region, Stage, Step, Trace
from repix.explanation.array_text import format_value
from repix.explanation.svg import INK

COLORS = ("#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#5b3fa0", "#c0392b", "#3b7a8c")
"""Colors in an order that color-blind readers can distinguish; light tints of them fill cells."""

CHAIN = 6
"""Up to this number all steps are shown."""

SHOWN = 3
"""The number of example steps of a longer trace."""

Layout = Literal["overlap", "pieces", "windows", "chain"]
"""Overlapping kernels, pieces that move, sliding windows, or a short chain of steps."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The steps of a trace to show, with a layout and colors."""

    trace: Trace
    layout: Layout
    chosen: tuple[Step, ...]
    colors: tuple[str, ...]
    """One for each chosen step."""
    focus: Stage
    """The stage that the chosen steps write; a last step that only crops the output may write another."""

    def color(self, step: Step) -> str:
        """Return the color of a chosen step."""
        return self.colors[self.chosen.index(step)]

    def siblings(self, step: Step) -> list[Step]:
        """Return all steps that write the same stage."""
        return [one for one in self.trace.steps if one.stage == step.stage]


def select_steps(trace: Trace) -> Selection:
    """Return the layout for a trace and the most instructive steps.

    >>> from repix.arithmetic import conv2d
    >>> selection = select_steps(conv2d.trace(np.eye(3), np.ones((2, 2))))
    >>> selection.layout, [float(step.result) for step in selection.chosen]
    ('windows', [2.0, 1.0])
    """
    last = trace.stages[-1]
    steps = tuple(step for step in trace.steps if step.stage == last.name)
    scaled = tuple(step for step in trace.steps if step.rule == "scale" and step.adds)
    if scaled:
        cut = tuple(step for step in steps if step.rule == "copy")
        chosen = scaled if len(scaled) <= CHAIN else representative_steps(trace, scaled, (0, 1, 2))
        colors = (*COLORS[: len(chosen)], *[INK] * len(cut))
        return Selection(trace, "overlap", chosen + cut, colors, _stage(trace, scaled[0]))
    if _only_moves_pieces(trace, steps):
        sources = [_source(step) for step in steps]
        found = list(dict.fromkeys(sources))
        colors = tuple(COLORS[found.index(source) % len(COLORS)] for source in sources)
        return Selection(trace, "pieces", steps, colors, last)
    if len(trace.stages) > 1 and len(trace.steps) <= CHAIN and all(step.rule != "copy" for step in trace.steps):
        return Selection(trace, "chain", trace.steps, COLORS, last)
    chosen = representative_steps(trace, steps, _diagonal(trace, len(steps)))
    return Selection(trace, "windows", (*_first_pass_step(trace, chosen), *chosen), COLORS, last)


def representative_steps(trace: Trace, steps: Sequence[Step], wanted: Sequence[int]) -> tuple[Step, ...]:
    """Return, for each wanted position, the nearest step whose result differs from those already chosen.

    If no such step is left, none is added, unless all steps have the same result.
    """
    outcomes = [_outcome(trace, step) for step in steps]
    alike = len(set(outcomes)) == 1
    chosen: list[int] = []
    for place in wanted:
        seen = set() if alike else {outcomes[i] for i in chosen}
        left = [i for i in range(len(steps)) if i not in chosen and outcomes[i] not in seen]
        if left:
            chosen.append(min(left, key=lambda i: (_distance(steps[i], steps[place]), i)))
    return tuple(steps[i] for i in sorted(chosen))


def _outcome(trace: Trace, step: Step) -> tuple[str, ...]:
    """Return the values of a step's result as text."""
    before = _stage(trace, step).start[step.index] if step.adds and step.rule != "scale" else 0
    return tuple(format_value(value) for value in np.ravel(step.result + before).tolist())


def _distance(one: Step, other: Step) -> int:
    """Return the distance between the positions of two steps."""
    pairs = zip(one.index, other.index, strict=True)
    return sum(abs((a.start or 0) - (b.start or 0)) for a, b in pairs)


def _diagonal(trace: Trace, steps: int) -> list[int]:
    """Return three steps along the diagonal of the output, if each value is a step; else three evenly spaced ones."""
    rows, columns = (1, 1, *np.shape(trace.output))[-2:]
    thirds = range(SHOWN)
    if rows > 1 and np.size(trace.output) == steps:
        return [i * rows // SHOWN * columns + i * columns // SHOWN for i in thirds]
    return [i * steps // SHOWN for i in thirds]


def _first_pass_step(trace: Trace, chosen: Sequence[Step]) -> tuple[Step, ...]:
    """Return one step of the first of two passes: the one with the largest value that the last chosen step reads."""
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


def _only_moves_pieces(trace: Trace, steps: Sequence[Step]) -> bool:
    """Return whether the steps only move parts of the data that do not overlap, with a color for each."""
    if any(step.rule not in ("copy", "max") or not step.reads for step in steps):
        return False
    sources = {_source(step): next(iter(step.reads.values())) for step in steps}
    taken = {name: np.zeros(array.shape, int) for name, array in (trace.inputs | trace.stage_arrays()).items()}
    for region in sources.values():
        taken[region.array][region.index] += 1
    return len(sources) <= 2 * len(COLORS) and all(counts.max(initial=0) <= 1 for counts in taken.values())


def _source(step: Step) -> str:
    """Return the region that a step reads, as a comparable text."""
    return repr(next(iter(step.reads.values())))


def overlap_counts(trace: Trace, array: Array) -> Array:
    """Return the number of scaled kernels that are added to each value."""
    counts = np.zeros(array.shape)
    for step in trace.steps:
        if step.rule == "scale" and step.adds:
            counts[step.index] += 1
    return counts
