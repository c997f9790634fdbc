"""Measuring pairs of files as a batch: the numbers of each pair are a small file, and together they make the totals.

Where a folder is named for these files, its journal makes the same command go on where it stopped.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repix import registry
from repix.batch import Advance, Job, Jobs, Report, Work
from repix.errors import WrongUse
from repix.evaluation.measurement import Measurement, json_number, option
from repix.evaluation.pairs import Pair, find_pairs, read_pair
from repix.metrics import Protocol, Tally
from repix.pictures import Fidelity
from repix.pictures.atomic import atomic_file


@dataclass(frozen=True)
class PairPlan:
    """Which protocols measure the pairs."""

    measurements: tuple[Measurement[Pair], ...]
    """Still empty."""
    labels: bool = False
    """Whether the files are label maps."""
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    """The protocols that lack a setting, and which."""
    every: bool = False
    """Whether all protocols were asked for: one that refuses a pair is then left out, and is no failure."""


@dataclass(frozen=True)
class PairOutcome:
    """The numbers of all pairs."""

    measured: tuple[Measurement[Pair], ...]
    unmeasured: Mapping[str, str]
    """The protocols that do not suit the pictures or lack a setting, and why."""
    failures: tuple[str, ...]
    """What is wrong with single files or pairs."""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report; JSON has no infinity, so that of equal pictures is the string "inf"."""
        return {
            "measured": [_report(one) for one in self.measured],
            "not_measured": dict(self.unmeasured),
            "failures": list(self.failures),
        }

    def rows(self) -> list[tuple[object, ...]]:
        """Return a table with one number in a row; the first row names the columns."""
        header = ("result", "truth", "protocol", "protocol with settings", "value", "unit")
        return [header, *(row for one in self.measured for row in _rows(one))]


def plan_one(name: str, settings: Mapping[str, Any], paths: int) -> PairPlan:
    """Return the plan of measuring by one protocol, for a number of paths that the user gave."""
    measurements, lacking = _measurements([name], settings)
    if lacking:
        raise WrongUse(f"{name} cannot measure yet: {lacking[name]}")
    protocol = measurements[0].protocol
    if not protocol.looks_at_result and paths != 1:
        raise WrongUse(f"{name} measures a baseline made from the truth and looks at no result: give TRUTH alone.")
    if protocol.looks_at_result:
        _require_two(paths)
    return PairPlan(tuple(measurements), protocol.labels)


def plan_all(settings: Mapping[str, Any], paths: int) -> PairPlan:
    """Return the plan of measuring by every protocol: for pictures, or where `classes` is given, for label maps."""
    labels = "classes" in settings
    names = [name for name in registry.available("metrics") if registry.get("metrics", name).labels == labels]
    measurements, lacking = _measurements(names, settings)
    _require_two(paths)
    return PairPlan(tuple(measurements), labels, lacking, every=True)


class PairBatch:
    """The jobs and the work of measuring pairs, and the outcome that their files add up to.

    A temporary folder gets no journal, and nothing in it is flushed to the disk.

    >>> batch = PairBatch([Path("a.png"), Path("b.png")], plan_one("psnr-rgb", {}, paths=2), Path("numbers"))
    >>> batch.work.fingerprint["protocols"]
    {'psnr-rgb': {}}
    """

    def __init__(
        self, paths: Sequence[Path], plan: PairPlan, folder: Path, recursive: bool = False, temporary: bool = False
    ) -> None:
        self._paths, self._plan, self._folder, self._recursive = paths, plan, folder, recursive
        self._pairs: dict[Path, Pair] = {}
        """By the file that the numbers are written to."""
        self._sources: dict[Path, Pair] = {}
        self._alone: list[Path] = []
        protocols = {one.name: one.settings for one in plan.measurements}
        self.work = Work(self._measure, {"protocols": protocols, "labels": plan.labels}, temporary=temporary)

    def find(self) -> Jobs:
        """Return the jobs: each makes a JSON file of a result and its truth."""
        pairs, self._alone = find_pairs(self._paths, self._recursive)
        self._pairs = {self._folder / f"{pair.name}.json": pair for pair in pairs}
        self._sources = {pair.result or pair.truth: pair for pair in pairs}
        jobs = tuple(_job(pair, target) for target, pair in self._pairs.items())
        if not self.work.temporary:
            return Jobs(jobs, self._folder)
        for folder in {target.parent for target in self._pairs}:
            folder.mkdir(parents=True, exist_ok=True)
        return Jobs(jobs)

    def outcome(self, report: Report) -> PairOutcome:
        """Return the numbers of all pairs that a run measured, now or earlier."""
        failures = [one.reason for one in report.outcomes if one.state == "failed"]
        measurements, notes = self._plan.measurements, dict[str, list[str]]()
        for one in report.outcomes:
            if one.state in ("done", "kept") and one.target in self._pairs:
                said = json.loads(one.target.read_bytes())
                for measurement in measurements:
                    measurement.include(self._pairs[one.target], _read(measurement, said["measured"]))
                for note, place in said["notes"]:
                    notes.setdefault(note, []).append(place)
        alone = [f"{file} has no partner of the same name in the other folder." for file in self._alone]
        return self._concluded([*failures, *([] if self._plan.every else _refusals(measurements)), *alone], notes)

    def _concluded(self, failures: Sequence[str], notes: Mapping[str, Sequence[str]]) -> PairOutcome:
        measurements, unmeasured = self._plan.measurements, dict(self._plan.unmeasured)
        if self._plan.every:
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
        return PairOutcome(measured, unmeasured, tuple(failures), said)

    def _measure(self, source: Path, target: Path, advance: Advance) -> Fidelity:
        """Write the numbers of a pair, or why a protocol refuses it."""
        advance()
        found = read_pair(self._sources[source], self._plan.labels)
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


def _job(pair: Pair, target: Path) -> Job:
    if pair.result is None:
        return Job(pair.truth, target)
    return Job(pair.result, target, others=(pair.truth,))


def _written(measured: "float | Tally | str") -> dict[str, Any]:
    if isinstance(measured, str):
        return {"refused": measured}
    if isinstance(measured, float | int):
        return {"value": json_number(measured)}
    return {"tally": measured.as_json()}


def _read(measurement: Measurement[Pair], said: Mapping[str, Any]) -> "float | Tally | str":
    """Return what `_written` was given."""
    one = said[measurement.name]
    if "refused" in one:
        return str(one["refused"])
    make = measurement.protocol.read_tally
    return float(one["value"]) if make is None else make(**one["tally"])


def _refusals(measurements: Sequence[Measurement[Pair]]) -> list[str]:
    return [f"{pair}: {problem}" for one in measurements for pair, problem in one.problems.items()]


def _require_two(paths: int) -> None:
    if paths != 2:
        raise WrongUse(f"Give two files or two folders, first the result and then the truth; {paths} given.")


def _measurements(names: Sequence[str], given: Mapping[str, Any]) -> tuple[list[Measurement[Pair]], dict[str, str]]:
    """Return the protocols with their settings, and what those need that lack one.

    A setting that none of the protocols takes is refused.
    """
    protocols = {name: registry.get("metrics", name) for name in names}
    for setting in given:
        if not any(setting in protocol.settings for protocol in protocols.values()):
            raise WrongUse(_not_taken(setting, protocols))
    measurements: list[Measurement[Pair]] = []
    lacking = {}
    for name, protocol in protocols.items():
        settings = protocol.complete(given)
        missing = [key for key, value in settings.items() if value is inspect.Parameter.empty]
        if missing:
            lacking[name] = f"it needs --{option(missing[0])}: {protocol.settings[missing[0]].text}."
        else:
            measurements.append(Measurement(name, protocol, settings))
    return measurements, lacking


def _not_taken(setting: str, protocols: Mapping[str, Protocol]) -> str:
    if len(protocols) > 1:
        return f"None of {', '.join(protocols)} takes --{option(setting)}; leave it out."
    name, protocol = next(iter(protocols.items()))
    taken = " and ".join(f"--{option(own)}" for own in protocol.settings) or "no options of its own"
    return f"{name} does not take --{option(setting)}, so it would do nothing; {name} takes {taken}."


def _rows(measurement: Measurement[Pair]) -> list[tuple[object, ...]]:
    one, protocol = measurement, measurement.protocol
    return [
        (
            str(pair.result) if protocol.looks_at_result else "",
            str(pair.truth),
            one.name,
            one.label,
            score.value,
            protocol.unit,
        )
        for pair, score in one.scores.items()
    ]


def _report(measurement: Measurement[Pair]) -> dict[str, Any]:
    pairs = [
        {
            "result": str(pair.result) if measurement.protocol.looks_at_result else None,
            "truth": str(pair.truth),
            "value": json_number(score.value),
            "parts": score.parts,
        }
        for pair, score in measurement.scores.items()
    ]
    return measurement.as_json() | {"pairs": pairs}
