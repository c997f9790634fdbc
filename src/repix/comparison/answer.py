"""The result of a grid in words: the best member, and whether the seeds allow to say so."""

import math
from collections.abc import Sequence

from repix.arithmetic.step_text import plural
from repix.comparison.results import SECONDS, STEPS, GridResults, Row
from repix.evaluation.measurement import pooled_label

UNEVEN = 1.5
"""Runs of one member whose numbers of steps differ by more than this factor are not comparable."""


def answer(results: GridResults) -> list[str]:
    """Return the result in sentences, the most important one first."""
    ranked = results.ranked
    if not ranked:
        return ["No run of the grid was finished."]
    return [
        *_useless(results, ranked[0]),
        _best(results, ranked, bool(_useless(results, ranked[0]))),
        *_close(results, ranked),
        *_against_others(results, ranked[0]),
        *_other_budget(results, ranked[0]),
        *_caveats(results),
    ]


def short_table(results: GridResults) -> list[list[str]]:
    """Return a table: name, quality with its spread, milliseconds per megapixel; the best member first."""
    shown = (*results.ranked, *(one for one in results.others if one.finished))
    return [[one.name, with_spread(results, one), f"{one.speed * 1000:,.0f}"] for one in shown]


def difference_spread(one: Row, other: Row, label: str) -> float | None:
    """Return the spread of the difference of two members over the seeds; None if one of them has no spread."""
    spreads = [row.spread(label) for row in (one, other)]
    return math.hypot(*(spread for spread in spreads if spread is not None)) if None not in spreads else None


def _best(results: GridResults, ranked: Sequence[Row], useless: bool) -> str:
    protocol, best = results.protocol, ranked[0]
    value = f"{with_spread(results, best)} ({protocol.label}, {protocol.metric.better} is better)"
    if len(ranked) == 1:
        return f"{best.name}: {value}; there is no other member to compare it with."
    second = ranked[1]
    ahead = abs(best.mean(protocol.label) - second.mean(protocol.label))
    spread = difference_spread(best, second, protocol.label)
    if spread is None:
        return f"{best.name} is ahead: {value}, {protocol.worded(ahead)} better than {second.name}."
    if ahead > spread:
        place = "ahead" if useless else "best"
        return (
            f"{best.name} is {place}: {value}. It is {protocol.worded(ahead)} better than {second.name}, which is more "
            f"than the spread over the seeds ({protocol.worded(spread)})."
        )
    return (
        f"No clear winner: {best.name} has {value}, but it is only {protocol.worded(ahead)} better than {second.name}, "
        f"which is within the spread over the seeds ({protocol.worded(spread)})."
    )


def _useless(results: GridResults, best: Row) -> list[str]:
    """Say so if no member is better than the source without conversion, the first of the others."""
    nothing = next(iter(results.others), None)
    if nothing is None or not nothing.values(results.protocol.label) or not _at_least(results, nothing, best):
        return []
    value = _judged(results, nothing)
    return [f"No member is better than no training at all ({nothing.name}, {value}): train longer to compare them."]


def _at_least(results: GridResults, one: Row, other: Row) -> bool:
    """Return True if a row is at least as good as another one, by the pooled value, if the metric has one."""
    label = _judging(results, one, other)
    goodness = [results.protocol.metric.goodness(row.mean(label)) for row in (one, other)]
    return goodness[0] >= goodness[1]


def _judging(results: GridResults, *rows: Row) -> str:
    """Return the label of the value that decides between members, and models and filters of another kind."""
    pooled = pooled_label(results.protocol.label)
    return pooled if all(row.values(pooled) for row in rows) else results.protocol.label


def _judged(results: GridResults, row: Row) -> str:
    """Return a row's deciding value as text."""
    label, protocol = _judging(results, row), results.protocol
    value = protocol.worded(row.mean(label))
    return value if label == protocol.label else f"{value} by {label}"


def _close(results: GridResults, ranked: Sequence[Row]) -> list[str]:
    """Name the further members that the seeds cannot tell from the best one, and the worst member."""
    label, best = results.protocol.label, ranked[0]
    said = []
    close = [row.name for row in ranked[2:] if _within(results, best, row)]
    if close:
        said.append(f"Within the spread of the best one too: {'; '.join(close)}.")
    worst = ranked[-1]
    if len(ranked) > 2 and not _within(results, best, worst):
        behind = abs(best.mean(label) - worst.mean(label))
        said.append(f"The last one is {worst.name}, {results.protocol.worded(behind)} behind.")
    return said


def _within(results: GridResults, best: Row, row: Row) -> bool:
    label = results.protocol.label
    spread = difference_spread(best, row, label)
    return spread is not None and abs(best.mean(label) - row.mean(label)) <= spread


def _against_others(results: GridResults, best: Row) -> list[str]:
    """Name the existing models and filters that are at least as good as the best member."""
    protocol = results.protocol
    better = [
        f"{row.name} ({_judged(results, row)})"
        for row in results.others[1:]  # without the source itself
        if row.values(protocol.label) and _at_least(results, row, best)
    ]
    return [f"Not trained here, and at least as good as the best one: {', '.join(better)}."] if better else []


def _other_budget(results: GridResults, best: Row) -> list[str]:
    """Say whether the other kind of budget would rank another member first, or that it would not."""
    if len(results.ranked) < 2:
        return []
    in_steps = results.base.steps is not None
    column = SECONDS if in_steps else STEPS
    ranked, limit = results.ranked_at(column), results.limit(column)
    if len(ranked) < 2:
        return []
    equal = f"{limit:,.0f} seconds of training" if in_steps else plural(round(limit), "step")
    first, value = ranked[0]
    if first is best:
        return [f"At equal {equal}, {first.name} is first, too."]
    second = next(found for row, found in ranked if row is best) if any(row is best for row, _ in ranked) else None
    behind = "" if second is None else f", {best.name} {results.protocol.worded(second)}"
    return [
        f"At equal {equal}, {first.name} is first: {results.protocol.worded(value)}{behind} (from the curves below)."
    ]


def _caveats(results: GridResults) -> list[str]:
    said = []
    if results.seeds == 1:
        said.append(
            "There is one seed, so the spread is unknown, and a small difference may be chance; use --seeds 3 or more."
        )
    uneven = _uneven(results)
    if uneven is not None and results.base.minutes is not None:
        steps = [run.steps for run in uneven.finished]
        said.append(
            f"The runs of {uneven.name} made from {min(steps)} to {max(steps)} steps in the same time, because other "
            "programs used the machine; compare with --steps, or leave the machine alone."
        )
    failed = len(results.failures)
    if failed:
        said.append(f"{plural(failed, 'run')} failed; the reasons are at the end of this page.")
    if not results.protocol.independent:
        said.append("The measured pictures chose the weights too, because few are held out; hold out more.")
    return said


def _uneven(results: GridResults) -> Row | None:
    """Return the first member of which one seed made many more steps than another; None if there is none."""
    for row in results.ranked:
        steps = [run.steps for run in row.finished]
        if max(steps) > UNEVEN * min(steps):
            return row
    return None


def with_spread(results: GridResults, row: Row) -> str:
    """Return the quality of a row as text, with the spread if it is known."""
    label, protocol = results.protocol.label, results.protocol
    spread = row.spread(label)
    if spread is None:
        return protocol.worded(row.mean(label))
    digits = 2 if protocol.metric.unit else 4
    unit = f" {protocol.metric.unit}" if protocol.metric.unit else ""
    return f"{row.mean(label):.{digits}f} ± {spread:.{digits}f}{unit}"
