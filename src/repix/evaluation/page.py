"""Pages of evaluations and measured pairs: scores, and the worst pictures with their error maps."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.step_text import plural
from repix.errors import WrongUse
from repix.evaluation.measurement import Measurement
from repix.evaluation.pair_batch import PairOutcome
from repix.evaluation.pairs import Pair, read_pair
from repix.evaluation.results import Results, gain
from repix.evaluation.selection import Each, Evaluation
from repix.evaluation.worst_pictures import (
    LONGEST,
    MOST_SHOWN,
    SIDE,
    Shown,
    WorstPictures,
    add_classes,
    add_picture,
    class_names,
    hex_colors,
    shown_classes,
    shown_picture,
)
from repix.masks import Encoding, class_colors
from repix.report import Colored, Number, Section, View, Views, embedded, page
from repix.report.error_map import class_legend, error_colors, error_legend, scale_end
from repix.report.tables import Cell

CROPPED = f"Large pictures are cropped to {SIDE}×{SIDE} pixels, where the error of the first result is largest."
SHRUNK = f"Large class maps are shrunk to {LONGEST} pixels."


def with_page(
    evaluation: Evaluation, progress: Callable[[str, int, int], None], each: Each | None = None
) -> tuple[Results, str]:
    """Return the results of an evaluation and their page, which shows the worst pictures of the first model."""
    worst = WorstPictures(evaluation.examples.task, evaluation.metrics[0], evaluation.contestants[0].name)
    results = Results.of(evaluation, progress, worst.add, each)
    return results, evaluation_page(results, worst)


def evaluation_page(results: Results, worst: WorstPictures) -> str:
    """Return the page of an evaluation.

    Args:
        results: the metrics of each model.
        worst: the pictures to show.
    """
    evaluation, examples = results.evaluation, results.evaluation.examples
    names = [one.name for one in evaluation.contestants]
    encoding = examples.task.masks
    classes = None if encoding is None else _Classes(list(class_names(encoding)), class_colors(encoding))
    total = f"{plural(len(examples), examples.unit)} ({evaluation.part}) of {examples.root}"
    text = f"{total}, {examples.task.name}: {results.sources}. {_limits(len(worst.pictures), len(examples), classes)}"
    measurements = [outcome.measurements for outcome in results.outcomes]
    sections = [
        Section("Scores", _time_text(results), header=_score_header(measurements[0]), rows=_scores(results)),
        *_parts(names, measurements, classes),
        _pictures(worst.pictures, names, measurements, classes),
        _per_picture(names, measurements),
    ]
    return page(f"Evaluation of {', '.join(names)}", text, sections, _answer(results))


def pairs_page(outcome: PairOutcome, classes: int | None, ignored: int | None) -> str:
    """Return the page of measured pairs: results beside their truths.

    Args:
        outcome: the values of the pairs.
        classes: number of classes of label maps; None: those that occur.
        ignored: label that is ignored.
    """
    measured = [one for one in outcome.measured if "result" in one.metric.arrays]
    if not measured:
        raise WrongUse("No pair was measured, so there is no page to write.")
    first = measured[0]
    labels = first.metric.labels
    order = sorted(first.scores, key=lambda pair: first.metric.goodness(first.scores[pair].value))
    arrays = {pair: read_pair(pair, labels).arrays for pair in order[:MOST_SHOWN]}
    known = _label_classes(arrays, classes, ignored) if labels else None
    shown = [_pair_shown(pair, arrays[pair], known, ignored) for pair in arrays]
    names = {pair: pair.name for pair in order}
    named: list[Measurement[Any]] = [one.keyed(names) for one in measured]
    text = f"{plural(len(order), 'pair')}. {_limits(len(shown), len(order), known)}"
    words = [f"{one.label}: {one.worded(one.total.value)} ({one.metric.better} is better)" for one in measured]
    sections = [
        *_parts(["result"], [named], known),
        _pictures(shown, ["result"], [named], known),
        _per_picture(["result"], [named]),
    ]
    return page("Results against their truths", text, sections, [f"{'; '.join(words[:3])}."])


class _Classes:
    """Names and colors of classes."""

    def __init__(self, names: Sequence[str], colors: NDArray[np.uint8]) -> None:
        self.names, self.colors = names, colors
        self.legend = class_legend(names, hex_colors(colors, len(names)))

    def cell(self, part: str) -> Cell:
        """Return the cell of a part such as "class 3"."""
        word, _, number = part.partition(" ")
        if word != "class" or not number.isdecimal() or int(number) >= len(self.names):
            return part
        return Colored(self.names[int(number)], hex_colors(self.colors[int(number) :], 1)[0])


def _limits(shown: int, total: int, classes: "_Classes | None") -> str:
    """Return which pictures are shown, and how the page is kept small."""
    which = f"The {shown} worst are shown" if shown < total else "All are shown, the worst first"
    return f"{which}. {CROPPED if classes is None else SHRUNK}"


def _answer(results: Results) -> list[str]:
    """Return the result in words: the first metric of each model, and the gain."""
    names = [one.name for one in results.evaluation.contestants]
    firsts = [outcome.measurements[0] for outcome in results.outcomes]
    scored = [(name, one) for name, one in zip(names, firsts, strict=True) if one.scores]
    if not scored:
        return ["No picture was measured."]
    values = ", ".join(f"{name} {one.worded(one.total.value)}" for name, one in scored)
    said = [f"{values} ({firsts[0].label}, {firsts[0].metric.better} is better)."]
    ahead = gain(firsts[0].metric, [one.total.value if one.scores else None for one in firsts])
    if ahead is not None:
        others = names[1] if len(names) == 2 else "the best of the others"
        unit = f" {firsts[0].metric.unit}" if firsts[0].metric.unit else ""
        better = f"{abs(ahead):.2g}{unit} {'better' if ahead > 0 else 'worse'} than" if ahead else "as good as"
        said.append(f"{names[0]} is {better} {others}.")
    if results.failures:
        said.append(f"{plural(len(results.failures), 'problem')}; the first: {results.failures[0]}")
    return said


def _time_text(results: Results) -> str:
    return "" if results.speeds is None else f"ms per megapixel: of the result; {results.speeds.protocol}."


def _score_header(measurements: Sequence[Measurement[Any]]) -> list[str]:
    return ["model", *(f"{one.label}, {one.metric.better} is better" for one in measurements), "ms per megapixel"]


def _scores(results: Results) -> list[list[Cell]]:
    return [
        [
            one.name,
            *(_total(measured) for measured in outcome.measurements),
            _number(results.speed(one.name) * 1000, ",.0f"),
        ]
        for one, outcome in zip(results.evaluation.contestants, results.outcomes, strict=True)
    ]


def _parts(
    names: Sequence[str], measurements: Sequence[Sequence[Measurement[Any]]], classes: _Classes | None
) -> list[Section]:
    """Return sections with the parts of metrics, such as the values of the classes; one for those of equal parts."""
    groups: dict[tuple[str, ...], list[tuple[str, Mapping[str, float]]]] = {}
    for columns in zip(*measurements, strict=True):
        found = [one.total.parts if one.scores else {} for one in columns]
        parts = tuple(dict.fromkeys(part for one in found for part in one))
        titles = [f"{columns[0].name}: {name}" if len(names) > 1 else columns[0].name for name in names]
        if len(parts) > 1:
            groups.setdefault(parts, []).extend(zip(titles, found, strict=True))
    sections = []
    for parts, shown in groups.items():
        cells = [part if classes is None else classes.cell(part) for part in parts]
        rows = [
            [cell, *(_number(found.get(part), ".4f") for _, found in shown)]
            for cell, part in zip(cells, parts, strict=True)
        ]
        has_classes = any(isinstance(cell, Colored) for cell in cells)
        title, first = ("Classes", "class") if has_classes else ("Parts of the scores", "part")
        sections.append(Section(title, header=[first, *(title for title, _ in shown)], rows=rows))
    return sections


def _pictures(
    shown: Sequence[Shown],
    names: Sequence[str],
    measurements: Sequence[Sequence[Measurement[Any]]],
    classes: _Classes | None,
) -> Section:
    """Return the section of pictures; all error maps have one scale, that of the first model."""
    maps = [one.errors[names[0]] for one in shown]
    end = scale_end(error for error in maps if error.ndim == 2)
    legend = error_legend(end) if classes is None else classes.legend
    firsts = dict(zip(names, (columns[0] for columns in measurements), strict=True))
    items = [_views(one, firsts, end) for one in shown]
    return Section("Pictures, the worst first", items=items, legend=legend)


def _views(shown: Shown, firsts: dict[str, Measurement[Any]], end: int) -> Views:
    views = [] if shown.source is None else [View("source", embedded(shown.source))]
    views.append(View("truth", embedded(shown.truth)))
    for model, pixels in shown.results.items():
        one = firsts[model]
        score = one.worded(one.scores[shown.name].value) if shown.name in one.scores else ""
        views.append(View(model, embedded(pixels), score))
    for model, error in shown.errors.items():
        colors = error_colors(error, end) if error.ndim == 2 else error
        views.append(View("error" if len(shown.errors) == 1 else f"error of {model}", embedded(colors)))
    first = next(iter(firsts.values()))
    score = f"{first.label} {first.worded(first.scores[shown.name].value)}; "
    return Views(shown.name, views, f"{score}{shown.part}", first=_first_pair(shown))


def _first_pair(shown: Shown) -> tuple[int, int]:
    """Return the views that the slider shows first: source and result, or truth and result."""
    return (0, 1) if shown.source is None else (0, 2)


def _per_picture(names: Sequence[str], measurements: Sequence[Sequence[Measurement[Any]]]) -> Section:
    """Return the table of all scores, the worst picture of the first model first."""
    columns = [
        (f"{one.label}: {name}" if len(names) > 1 else one.label, one)
        for several in zip(*measurements, strict=True)
        for name, one in zip(names, several, strict=True)
    ]
    first = columns[0][1]
    order = sorted(first.scores, key=lambda name: first.metric.goodness(first.scores[name].value))
    others = dict.fromkeys(name for _, one in columns for name in one.scores if name not in first.scores)
    rows = [[name, *(_score(one, name) for _, one in columns)] for name in (*order, *others)]
    return Section(
        "Scores of each picture",
        "The worst of the first column come first. Click a column's title to sort by it.",
        header=["picture", *(title for title, _ in columns)],
        rows=rows,
    )


def _score(measurement: Measurement[Any], name: str) -> Cell:
    if name not in measurement.scores:
        return Number("–", math.nan)
    value = measurement.scores[name].value
    return Number(measurement.worded(value), value)


def _total(measurement: Measurement[Any]) -> Cell:
    if not measurement.scores:
        return Number("–", math.nan)
    value = measurement.total.value
    return Number(measurement.worded(value), value)


def _number(value: float | None, form: str) -> Cell:
    return Number("–", math.nan) if value is None or math.isnan(value) else Number(format(value, form), value)


def _pair_shown(pair: Pair, arrays: dict[str, Any], classes: _Classes | None, ignored: int | None) -> Shown:
    result, truth = arrays["result"], arrays["truth"]
    if classes is None:
        shown = shown_picture(pair.name, truth, result)
        add_picture(shown, "result", result, truth)
        return shown
    shown = shown_classes(pair.name, truth, classes.colors)
    add_classes(shown, "result", result, truth, classes.colors, -1 if ignored is None else ignored)
    return shown


def _label_classes(arrays: dict[Pair, dict[str, Any]], classes: int | None, ignored: int | None) -> _Classes:
    """Return names and colors of the classes of label maps, which have numbers only."""
    occurring = {int(one) for pair in arrays.values() for labels in pair.values() for one in np.unique(labels)}
    highest = max(occurring - {ignored}, default=0)
    encoding = Encoding("levels", tuple(range(min(255, highest + 1 if classes is None else classes))))
    return _Classes([f"class {number}" for number in range(encoding.classes)], class_colors(encoding))
