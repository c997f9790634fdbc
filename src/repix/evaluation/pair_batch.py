"""Measuring pairs of files as a batch: each pair's values are written to a JSON file, from which totals are computed.

If the user names the folder of these files, the same command continues after an interruption.
"""

import inspect
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repix import registry
from repix.batch import Advance, Job, Jobs, Report, Work
from repix.errors import WrongUse
from repix.evaluation.measurement import Measurement, joined_title, json_number, option
from repix.evaluation.pairs import Pair, find_pairs, find_results, read_pair
from repix.metrics import Metric, Tally
from repix.pictures import Fidelity
from repix.pictures.atomic import atomic_file


@dataclass(frozen=True)
class PairPlan:
    """The metrics to measure."""

    measurements: tuple[Measurement[Pair], ...]
    """One for each metric, without values."""
    labels: bool = False
    """True if the files are label maps."""
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    """Metrics without a required setting, and the reason."""
    every: bool = False
    """True for all metrics: one that refuses a pair is then left out instead of failing."""

    @property
    def has_truth(self) -> bool:
        """False if no metric needs a truth: each path is then a result."""
        return any("truth" in one.metric.arrays for one in self.measurements)


@dataclass(frozen=True)
class PairOutcome:
    """Results of all pairs."""

    measured: tuple[Measurement[Pair], ...]
    unmeasured: Mapping[str, str]
    """Metrics that were left out, and the reason."""
    failures: tuple[str, ...]
    """Problems with single files or pairs."""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary for JSON; infinity is the string "inf"."""
        return {
            "measured": [_report(one) for one in self.measured],
            "not_measured": dict(self.unmeasured),
            "failures": list(self.failures),
        }

    def table(self, pairs: bool) -> list[list[str]]:
        """Return the values as text: picture, metric, value, better; without `pairs` only those over all pairs."""
        rows = []
        for one in self.measured:
            better = one.metric.better
            if pairs:
                scores = one.scores.items()
                rows += [[pair.name, one.label, one.worded(score.value), better] for pair, score in scores]
            if len(one.scores) > 1 or not pairs:
                name = next(iter(one.scores)).name if len(one.scores) == 1 else joined_title([one])
                rows.append([name, one.label, one.worded(one.total.value), better])
        return rows

    def columns(self) -> list[list[str]]:
        """Return the values as text, with a column for each metric; the first row names the columns."""
        header = ["picture", *(f"{one.label}, {one.metric.better} is better" for one in self.measured)]
        rows = [
            [pair.name, *(one.worded(one.scores[pair].value) if pair in one.scores else "–" for one in self.measured)]
            for pair in dict.fromkeys(pair for one in self.measured for pair in one.scores)
        ]
        if len(rows) > 1:
            title = joined_title(self.measured) if len({one.joined for one in self.measured}) == 1 else "all"
            rows.append([title, *(one.worded(one.total.value) for one in self.measured)])
        return [header, *rows]

    def remarks(self, pairs: bool) -> list[str]:
        """Return the parts of totals, such as the classes, unless `pairs` is False, and which metrics were left out."""
        parts = [
            f"{one.label}: {', '.join(f'{name} {value:.4g}' for name, value in one.total.parts.items())}"
            for one in self.measured
            if pairs and one.total.parts
        ]
        return [*parts, *(f"not measured by {name}: {reason}" for name, reason in self.unmeasured.items())]

    def rows(self) -> list[tuple[object, ...]]:
        """Return a table with one value per row; the first row names the columns."""
        header = ("result", "truth", "metric", "metric with settings", "value", "unit")
        return [header, *(row for one in self.measured for row in _rows(one))]


def plan_measurements(
    metrics: Sequence[str], settings: Mapping[str, Any], paths: int, *, every: bool = False
) -> PairPlan:
    """Return the plan for the metrics, or for every one; there is no default. `paths` is the number of paths given."""
    if every and metrics:
        raise WrongUse("--all includes every metric; give either --all or --metric.")
    if every:
        return plan_all(settings, paths)
    names = registry.available("metrics")
    if not metrics:
        lines = "\n".join(f"  {name:15} {registry.summary('metrics', name)}" for name in names)
        raise WrongUse("Give a metric with --metric NAME, or --all:", lines)
    return plan_named([registry.spelled(metric, names) for metric in metrics], settings, paths)


def plan_named(names: Sequence[str], settings: Mapping[str, Any], paths: int) -> PairPlan:
    """Return the plan for some metrics; `paths` is the number of paths that the user gave."""
    measurements, lacking = _measurements(names, settings)
    for name, reason in lacking.items():
        raise WrongUse(f"{name}: {reason}")
    first, *others = measurements
    for other in others:
        if other.metric.labels != first.metric.labels:
            kinds = {False: "pictures", True: "label maps"}
            raise WrongUse(
                f"{first.name} is for {kinds[first.metric.labels]} and {other.name} for {kinds[other.metric.labels]}; "
                "measure one after the other."
            )
    arrays = {name for one in measurements for name in one.metric.arrays}
    if arrays == {"truth"} and paths != 1:
        raise WrongUse(f"{first.name} measures a baseline made from the truth, without a result; give TRUTH only.")
    if len(arrays) == 2:
        _require_two(paths)
    return PairPlan(tuple(measurements), first.metric.labels)


def plan_all(settings: Mapping[str, Any], paths: int) -> PairPlan:
    """Return the plan for all metrics: for label maps if `classes` is given, otherwise for pictures."""
    labels = "classes" in settings
    names = [name for name in registry.available("metrics") if registry.get("metrics", name).labels == labels]
    measurements, lacking = _measurements(names, settings)
    _require_two(paths)
    return PairPlan(tuple(measurements), labels, lacking, every=True)


class PairBatch:
    """Jobs and work for measuring pairs, and the outcome computed from their files.

    A temporary folder gets no journal, and nothing in it is flushed to the disk.

    >>> plan = plan_named(["psnr-rgb"], {}, paths=2)
    >>> batch = PairBatch([Path("a.png"), Path("b.png")], plan, Path("numbers"))
    >>> batch.work.fingerprint["metrics"]
    {'psnr-rgb': {}}
    """

    def __init__(
        self, paths: Sequence[Path], plan: PairPlan, folder: Path, recursive: bool = False, temporary: bool = False
    ) -> None:
        self._paths, self._plan, self._folder, self._recursive = paths, plan, folder, recursive
        self._pairs: dict[Path, Pair] = {}
        """By the path of their JSON file."""
        self._sources: dict[str, Pair] = {}
        """By the absolute path of their first file."""
        self._alone: list[Path] = []
        metrics = {one.name: one.settings for one in plan.measurements}
        self.work = Work(self._measure, {"metrics": metrics, "labels": plan.labels}, temporary=temporary)

    def find(self) -> Jobs:
        """Return the jobs: one JSON file for each pair."""
        if self._plan.has_truth:
            pairs, self._alone = find_pairs(self._paths, self._recursive)
        else:
            pairs = find_results(self._paths, self._recursive)
        self._pairs = {self._folder / f"{pair.name}.json": pair for pair in pairs}
        self._sources = {os.path.abspath(next(iter(pair.files.values()))): pair for pair in pairs}  # noqa: PTH100
        jobs = tuple(_job(pair, target) for target, pair in self._pairs.items())
        if not self.work.temporary:
            return Jobs(jobs, self._folder)
        for folder in {target.parent for target in self._pairs}:
            folder.mkdir(parents=True, exist_ok=True)
        return Jobs(jobs)

    def outcome(self, report: Report) -> PairOutcome:
        """Return the results of all pairs that were measured, now or in an earlier run."""
        failures = [one.reason for one in report.outcomes if one.state == "failed"]
        measurements, notes = self._plan.measurements, dict[str, list[str]]()
        for one in report.outcomes:
            if one.state in ("done", "kept") and one.target in self._pairs:
                said = json.loads(one.target.read_bytes())
                for measurement in measurements:
                    measurement.include(self._pairs[one.target], _read(measurement, said["measured"]))
                for note, place in said["notes"]:
                    notes.setdefault(note, []).append(place)
        alone = [f"{file} has no partner with the same name in the other folder." for file in self._alone]
        return concluded(self._plan, notes, failures, alone)

    def _measure(self, source: Path, target: Path, advance: Advance) -> Fidelity:
        """Write a pair's values, or the reason why a metric refuses it, to a JSON file."""
        advance()
        pair = self._sources[os.path.abspath(source)]  # noqa: PTH100 (links stay as they are)
        found = read_pair(pair, self._plan.labels)
        measured = {}
        for one in self._plan.measurements:
            measured[one.name] = _written(one.measured(found.arrays))
            advance()
        content = json.dumps({"measured": measured, "notes": found.notes}, indent=1).encode()
        if self.work.temporary:
            target.write_bytes(content)
            return Fidelity()
        with atomic_file(target, overwrite=False) as file:
            file.write(content)
        return Fidelity()


def concluded(
    plan: PairPlan, notes: Mapping[str, Sequence[str]], failures: Sequence[str] = (), alone: Sequence[str] = ()
) -> PairOutcome:
    """Return the outcome of a plan whose measurements have their values.

    Args:
        plan: the metrics, with the values of all pairs.
        notes: the places of each note.
        failures: problems with single files.
        alone: files without a partner, as sentences.
    """
    measurements, unmeasured = plan.measurements, dict(plan.unmeasured)
    refused = [] if plan.every else _refusals(measurements)
    if plan.every:
        for one in measurements:
            if one.problems:
                pair, problem = next(iter(one.problems.items()))
                several = len(one.problems) + len(one.scores) > 1
                unmeasured[one.name] = f"{pair}: {problem}" if several else problem
    measured = tuple(one for one in measurements if one.scores and one.name not in unmeasured)
    said = tuple(
        f"{places[0]}{f' and {len(places) - 1} more' if len(places) > 1 else ''}: {note}"
        for note, places in notes.items()
    )
    return PairOutcome(measured, unmeasured, (*failures, *refused, *alone), said)


def _job(pair: Pair, target: Path) -> Job:
    first, *others = pair.files.values()
    return Job(first, target, others=tuple(others))


def _written(measured: "float | Tally | str") -> dict[str, Any]:
    if isinstance(measured, str):
        return {"refused": measured}
    if isinstance(measured, float | int):
        return {"value": json_number(measured)}
    return {"tally": measured.as_json()}


def _read(measurement: Measurement[Pair], said: Mapping[str, Any]) -> "float | Tally | str":
    """Return the result from the JSON of `_written`."""
    one = said[measurement.name]
    if "refused" in one:
        return str(one["refused"])
    make = measurement.metric.read_tally
    return float(one["value"]) if make is None else make(**one["tally"])


def _refusals(measurements: Sequence[Measurement[Pair]]) -> list[str]:
    several = len(measurements) > 1
    return [
        f"{pair}: {f'not measured by {one.name}: ' if several else ''}{problem}"
        for one in measurements
        for pair, problem in one.problems.items()
    ]


def _require_two(paths: int) -> None:
    if paths != 2:
        raise WrongUse(f"Give two files or two folders, first the result, then the truth; {paths} given.")


def _measurements(names: Sequence[str], given: Mapping[str, Any]) -> tuple[list[Measurement[Pair]], dict[str, str]]:
    """Return measurements for the metrics, and the missing settings of the others.

    A setting that no metric has is refused.
    """
    metrics = {name: registry.get("metrics", name) for name in names}
    for setting in given:
        if not any(setting in metric.settings for metric in metrics.values()):
            raise WrongUse(_not_taken(setting, metrics))
    measurements: list[Measurement[Pair]] = []
    lacking = {}
    for name, metric in metrics.items():
        settings = metric.complete(given)
        missing = [key for key, value in settings.items() if value is inspect.Parameter.empty]
        if missing:
            lacking[name] = f"it needs --{option(missing[0])}: {metric.settings[missing[0]].text}."
        else:
            measurements.append(Measurement(name, metric, settings))
    return measurements, lacking


def _not_taken(setting: str, metrics: Mapping[str, Metric]) -> str:
    if len(metrics) > 1:
        return f"None of {', '.join(metrics)} has the option --{option(setting)}; leave it out."
    name, metric = next(iter(metrics.items()))
    taken = " and ".join(f"--{option(own)}" for own in metric.settings) or "no options"
    return f"{name} has no option --{option(setting)}; it takes {taken}."


def _rows(measurement: Measurement[Pair]) -> list[tuple[object, ...]]:
    one = measurement
    return [
        (*(text or "" for text in _files(one, pair).values()), one.name, one.label, score.value, one.metric.unit)
        for pair, score in one.scores.items()
    ]


def _report(measurement: Measurement[Pair]) -> dict[str, Any]:
    pairs = [
        {**_files(measurement, pair), "value": json_number(score.value), "parts": score.parts}
        for pair, score in measurement.scores.items()
    ]
    return measurement.as_json() | {"pairs": pairs}


def _files(measurement: Measurement[Pair], pair: Pair) -> dict[str, str | None]:
    """Return the result and the truth that a metric used; None for a file that it does not look at."""
    taken = measurement.metric.arrays
    return {name: str(pair.files[name]) if name in taken else None for name in ("result", "truth")}
