"""The page of a grid: the answer in words, a table, plots, and the same crops side by side.

A further measurement of the members is one more entry of `COLUMNS`.
"""

import math
from collections.abc import Callable, Sequence

from repix.arithmetic.step_text import plural
from repix.comparison.answer import with_spread
from repix.comparison.holdout_scores import HeldOut, ShownPicture
from repix.comparison.results import SECONDS, STEPS, GridResults, Row
from repix.evaluation.speed import Speeds
from repix.printable import short
from repix.report import Figure, Number, Section, View, Views, embedded, page
from repix.report.plots import Axes, Line, Values, curves, spreads
from repix.report.tables import Cell

Column = tuple[str, Callable[[GridResults, Row], Cell]]


def grid_page(results: GridResults, answer: Sequence[str], held_out: HeldOut) -> str:
    """Return the page of a grid.

    Args:
        results: the results.
        answer: the result in words.
        held_out: the pictures to show.
    """
    base, protocol = results.base, results.protocol
    minutes = "1 minute" if base.minutes == 1 else f"{base.minutes:g} minutes" if base.minutes is not None else None
    budget = minutes or plural(base.steps or 0, "step")
    text = (
        f"{base.task} on {base.folder}, {budget} for each run, {plural(results.seeds, 'seed')}; "
        f"{protocol.label} on {plural(protocol.pictures, 'held-out picture')}. {results.machine}."
    )
    sections = [
        _table(results),
        _plots(results),
        _pictures(results, held_out),
        *_settings(results),
        *_problems(results),
    ]
    return page(f"Comparison: {base.task}", text, sections, answer)


def _quality(results: GridResults, row: Row) -> Cell:
    value = row.mean(results.protocol.label)
    return Number("failed" if math.isnan(value) else with_spread(results, row), value)


def _at(column: str) -> Callable[[GridResults, Row], Cell]:
    def cell(results: GridResults, row: Row) -> Cell:
        value = row.mean_at(column, results.limit(column), results.protocol.label) if row.choices else math.nan
        return _number(value, results.protocol.worded(value))

    return cell


def _speed(_: GridResults, row: Row) -> Cell:
    return _number(row.speed * 1000, f"{row.speed * 1000:,.0f}")


def _artifact(_: GridResults, row: Row) -> Cell:
    return _number(row.artifact, f"{row.artifact:.1f}")


def _parameters(_: GridResults, row: Row) -> Cell:
    count = math.nan if row.network is None else row.network.parameters
    return _number(count, "" if row.network is None else short(row.network.parameters))


def _halo(_: GridResults, row: Row) -> Cell:
    if row.network is None:
        return _number(math.nan, "")
    return Number("all", math.inf) if row.network.halo is None else Number(str(row.network.halo), row.network.halo)


def _steps(_: GridResults, row: Row) -> Cell:
    steps = [run.steps for run in row.finished]
    return _number(sum(steps) / len(steps) if any(steps) else math.nan, f"{sum(steps) / max(1, len(steps)):,.0f}")


def _seconds(_: GridResults, row: Row) -> Cell:
    seconds = [run.seconds for run in row.finished]
    return _number(
        sum(seconds) / len(seconds) if any(seconds) else math.nan, f"{sum(seconds) / max(1, len(seconds)):,.0f}"
    )


COLUMNS: Sequence[Column] = (
    ("quality", _quality),
    ("at equal steps", _at(STEPS)),
    ("at equal seconds", _at(SECONDS)),
    ("steps", _steps),
    ("training seconds", _seconds),
    ("checkerboard (dB)", _artifact),
    ("ms per megapixel", _speed),
    ("parameters", _parameters),
    ("halo", _halo),
)
"""Title and cell of each column of the table."""


def _table(results: GridResults) -> Section:
    measured = results.ranked
    rows = [*measured, *(row for row in results.members if row not in measured), *results.others]
    protocol = results.protocol
    text = (
        f"quality: {protocol.label}, {protocol.metric.better} is better, mean ± standard deviation over the seeds. "
        f"At equal steps ({results.limit(STEPS):,.0f}) and equal seconds of training ({results.limit(SECONDS):,.1f}): "
        "from the learning curves, where most runs had not ended yet. "
        "Checkerboard: mean score by repix audit; above 10 dB is a checkerboard. "
        f"{time_text(results.speeds)}Halo: margin of the receptive field, "
        "in pixels. Click a title to sort."
    )
    cells = [[row.name, *(cell(results, row) for _, cell in COLUMNS)] for row in rows]
    return Section("All members", text, header=["member", *(title for title, _ in COLUMNS)], rows=cells)


def time_text(speeds: Speeds | None) -> str:
    """Return how the times were measured, as a sentence for a page, or nothing."""
    return "" if speeds is None else f"ms per megapixel: of the result, on this machine; {speeds.protocol}. "


def _plots(results: GridResults) -> Section:
    label, unit = results.protocol.label, results.protocol.metric.unit
    up = f"{label} ({unit})" if unit else label
    rows = [
        Values(row.name, [value for value in row.values(label) if math.isfinite(value)], quiet=not row.choices)
        for row in (*results.ranked, *results.others)
    ]
    drawn = [
        Figure(
            "Quality", spreads(Axes("Each seed is a point, a bar is the mean", up, ""), [r for r in rows if r.values])
        )
    ]
    for column, name in ((STEPS, "steps"), (SECONDS, "seconds of training")):
        lines = [
            Line(row.name, points)
            for row in results.ranked
            for run in row.finished
            if (points := [(one[column], one[label]) for one in run.curve if math.isfinite(one.get(label, math.nan))])
        ]
        if lines:
            text = "One line for each seed, on the held-out pictures that choose the weights."
            drawn.append(Figure(f"Learning curves over {name}", curves(Axes("", name, up), lines), text))
    return Section("Plots", items=drawn)


def _pictures(results: GridResults, held_out: HeldOut) -> Section:
    order = [row.name for row in (*results.ranked, *results.others)]
    return crops_section(held_out, order, "; results are those of the first seed")


def crops_section(
    held_out: HeldOut, order: Sequence[str], note: str = "", pair: tuple[str, str] | None = None
) -> Section:
    """Return the same crops of all results side by side.

    Args:
        held_out: the pictures, with the results that were kept while they were measured.
        order: the names of the results, in their order.
        note: the end of the explanation.
        pair: the names of the two results that the slider shows first; by default the first two.
    """
    items = [_views(name, shown, order, pair) for name, shown in held_out.shown.items() if len(shown.views) > 2]
    text = f"The part of each picture in which the results differ most{note}."
    return Section("The same crops side by side", text if items else "No picture could be shown.", items)


def _views(name: str, shown: ShownPicture, order: Sequence[str], pair: tuple[str, str] | None) -> Views:
    names = ["source", "truth", *(one for one in order if one in shown.views)]
    first = (2, 3 if len(names) > 3 else 1)
    if pair is not None and set(pair) <= set(names):
        first = names.index(pair[0]), names.index(pair[1])
    crop = shown.crop
    views = [View(one, embedded(crop.of(shown.views[one]))) for one in names]
    return Views(name, views, f"{crop.width}×{crop.height} pixels", first=first)


def _settings(results: GridResults) -> list[Section]:
    """Return a table of the trainings' settings where networks have different defaults."""
    rows = {row.name: row.network.training for row in results.members if row.network is not None}
    if len({tuple(settings.values()) for settings in rows.values()}) < 2:
        return []
    header = ["member", *(name.replace("_", " ") for name in next(iter(rows.values())))]
    text = "Each network is trained with the defaults that suit it; options such as --lr set one value for all."
    cells = [[name, *(str(value) for value in settings.values())] for name, settings in rows.items()]
    return [Section("Settings that differ", text, header=header, rows=cells)]


def _problems(results: GridResults) -> list[Section]:
    sections = []
    if results.failures:
        rows = [[name, str(seed), reason] for name, seed, reason in results.failures]
        text = "The same command tries them again."
        sections.append(Section("Failed runs", text, header=["member", "seed", "reason"], rows=rows))
    if results.left_out:
        rows = [[name, reason] for name, reason in results.left_out.items()]
        sections.append(Section("Combinations that do not fit", header=["member", "reason"], rows=rows))
    return sections


def _number(value: float, text: str) -> Cell:
    return Number("–" if math.isnan(value) else text, value)
