"""Results of a grid: quality with its spread over the seeds, cost, and learning curves; as JSON and as a table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

from repix.evaluation.measurement import json_number
from repix.evaluation.speed import Speeds
from repix.metrics import Metric
from repix.training.recipe import Recipe

STEPS, SECONDS = "step", "seconds"
"""The columns of learning curves that can be made equal."""


@dataclass(frozen=True)
class Protocol:
    """The metric and the pictures that the quality is measured on."""

    metric: Metric
    """The first metric, which decides."""
    label: str
    """Its name with its settings."""
    pictures: int
    """The number of held-out pictures."""
    independent: bool
    """True if these pictures had no part in choosing the weights."""

    def worded(self, value: float) -> str:
        """Return a value as text, with its unit."""
        return f"{value:.2f} {self.metric.unit}" if self.metric.unit else f"{value:.4f}"


@dataclass(frozen=True)
class Run:
    """One training of a member, with one seed."""

    seed: int
    folder: str
    totals: Mapping[str, float] = field(default_factory=dict)
    """Value over all pictures by the metric's label."""
    steps: int = 0
    seconds: float = 0.0
    """Training time, without check, export and comparison."""
    curve: Sequence[Mapping[str, float]] = ()
    """A row for each validation."""
    failure: str | None = None
    artifact: float = math.nan
    """Checkerboard score in dB, by `repix.audit`; NaN if the model has no upsampling or could not be measured."""

    def at(self, column: str, limit: float, label: str) -> float:
        """Return the metric on the learning curve at a number of steps or seconds; NaN before the first validation.

        >>> run = Run(0, "", curve=[{"step": 10, "psnr": 20.0}, {"step": 20, "psnr": 30.0}])
        >>> run.at("step", 15, "psnr"), run.at("step", 40, "psnr"), run.at("step", 5, "psnr")
        (25.0, 30.0, nan)
        """
        points = [(row[column], row[label]) for row in self.curve if label in row]
        if not points or limit < points[0][0]:
            return math.nan
        for (x, y), (next_x, next_y) in pairwise(points):
            if x <= limit < next_x:
                return y + (next_y - y) * (limit - x) / (next_x - x)
        return points[-1][1]


@dataclass(frozen=True)
class Network:
    """The network of a member."""

    name: str
    parameters: int
    macs: int
    """Multiply-adds per input pixel."""
    halo: int | None
    """Margin of the receptive field, in pixels; None: the whole picture."""
    training: Mapping[str, Any]
    """Settings of training that differ between networks by default: optimizer, learning rate, patches."""


@dataclass(frozen=True)
class Row:
    """A member with its runs, or a model or filter that exists already, with one."""

    name: str
    choices: Mapping[str, str]
    network: Network | None
    """None for filters."""
    runs: Sequence[Run]
    speed: float = math.nan
    """Seconds per megapixel of the result; NaN if it was not measured."""

    @property
    def finished(self) -> list[Run]:
        """The runs that were measured."""
        return [run for run in self.runs if run.totals]

    def values(self, label: str) -> list[float]:
        """Return the value of a metric for each measured run."""
        return [run.totals[label] for run in self.finished if label in run.totals]

    def mean(self, label: str) -> float:
        """Return the mean over the seeds; NaN without a value."""
        values = self.values(label)
        return mean(values) if values else math.nan

    def spread(self, label: str) -> float | None:
        """Return the standard deviation over the seeds; None for fewer than two."""
        values = self.values(label)
        return stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None

    @property
    def artifact(self) -> float:
        """The mean checkerboard score in dB; NaN without one."""
        scores = [run.artifact for run in self.finished if not math.isnan(run.artifact)]
        return mean(scores) if scores else math.nan

    def mean_at(self, column: str, limit: float, label: str) -> float:
        """Return the mean of the metric at an equal number of steps or seconds, on the learning curves."""
        values = [run.at(column, limit, label) for run in self.finished]
        return mean(values) if values else math.nan


@dataclass(frozen=True)
class GridResults:
    """Results of a grid."""

    base: Recipe
    seeds: int
    protocol: Protocol
    members: Sequence[Row]
    others: Sequence[Row]
    """Baselines, and models and filters that exist already."""
    left_out: Mapping[str, str]
    """Combinations that do not fit together, and the reason."""
    machine: str
    """Processor, cores, and how the runs shared them."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the task."""
    speeds: Speeds | None = None
    """The speeds of all rows, measured in turns; None if they were not measured."""

    @property
    def ranked(self) -> list[Row]:
        """The measured members, the best one first."""
        measured = [row for row in self.members if row.values(self.protocol.label)]
        return sorted(measured, key=lambda row: -self._goodness(row.mean(self.protocol.label)))

    def limit(self, column: str) -> float:
        """Return the number of steps or seconds that every measured run reached; 0 without curves."""
        return min((run.curve[-1][column] for row in self.members for run in row.finished if run.curve), default=0.0)

    def ranked_at(self, column: str) -> list[tuple[Row, float]]:
        """Return the members with their values at equal steps or seconds, the best one first."""
        limit, label = self.limit(column), self.protocol.label
        found = [(row, row.mean_at(column, limit, label)) for row in self.ranked]
        return sorted((one for one in found if not math.isnan(one[1])), key=lambda one: -self._goodness(one[1]))

    @property
    def failures(self) -> list[tuple[str, int, str]]:
        """Member, seed and reason of each failed run."""
        return [(row.name, run.seed, run.failure) for row in self.members for run in row.runs if run.failure]

    def _goodness(self, value: float) -> float:
        return self.protocol.metric.goodness(value)

    def as_json(self, answer: Sequence[str]) -> dict[str, Any]:
        """Return a dictionary for JSON; `answer` is the result in words."""
        protocol = self.protocol
        return {
            "answer": list(answer),
            "task": self.base.task,
            "settings": dict(self.settings),
            "folder": self.base.folder,
            "minutes": self.base.minutes,
            "steps": self.base.steps,
            "seeds": self.seeds,
            "metric": protocol.label,
            "unit": protocol.metric.unit,
            "better": protocol.metric.better,
            "pictures": protocol.pictures,
            "independent": protocol.independent,
            "machine": self.machine,
            "speed": None if self.speeds is None else self.speeds.protocol,
            "equal_steps": self.limit(STEPS),
            "equal_seconds": self.limit(SECONDS),
            "members": [self._row(row) for row in self.members],
            "others": [self._row(row) for row in self.others],
            "left_out": dict(self.left_out),
        }

    def _row(self, row: Row) -> dict[str, Any]:
        label, network = self.protocol.label, row.network
        spread = row.spread(label)
        at = {name: row.mean_at(column, self.limit(column), label) for name, column in EQUAL.items()}
        return {
            "name": row.name,
            "choices": dict(row.choices),
            "quality": _plain(row.mean(label)),
            "spread": None if spread is None else _plain(spread),
            **({name: _plain(value) for name, value in at.items()} if row.choices else {}),
            "ms_per_megapixel": _plain(row.speed * 1000),
            "checkerboard_db": _plain(row.artifact),
            "network": None if network is None else network.name,
            "parameters": None if network is None else network.parameters,
            "macs_per_pixel": None if network is None else network.macs,
            "halo": None if network is None else network.halo,
            "training": None if network is None else dict(network.training),
            "runs": [_run(run) for run in row.runs],
        }

    def rows(self) -> list[tuple[object, ...]]:
        """Return a table with one value per row; the first row names the columns."""
        columns: tuple[object, ...] = ("name", "seed", "metric", "value", "steps", "seconds", "ms per megapixel")
        found = [
            (row.name, run.seed, label, value, run.steps, run.seconds, row.speed * 1000)
            for row in (*self.members, *self.others)
            for run in row.finished
            for label, value in run.totals.items()
        ]
        return [columns, *found]


EQUAL: Mapping[str, str] = {"quality_at_equal_steps": STEPS, "quality_at_equal_seconds": SECONDS}
"""Keys in JSON, and columns of the learning curves."""


def _run(run: Run) -> dict[str, Any]:
    return {
        "seed": run.seed,
        "folder": run.folder,
        "metrics": {label: _plain(value) for label, value in run.totals.items()},
        "steps": run.steps,
        "seconds": run.seconds,
        "checkerboard_db": _plain(run.artifact),
        "curve": [dict(row) for row in run.curve],
        "failure": run.failure,
    }


def _plain(value: float) -> float | str | None:
    return None if math.isnan(value) else json_number(value)
