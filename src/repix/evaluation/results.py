"""Results of an evaluation: each contestant's numbers on the same examples, as JSON, as a table, and their gain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from repix.evaluation.evaluator import Outcome
from repix.evaluation.measurement import Measurement, json_number
from repix.evaluation.selection import Evaluation
from repix.metrics import Protocol
from repix.parameters import NONE


@dataclass(frozen=True)
class Results:
    """The outcomes of an evaluation's contestants, in their order."""

    evaluation: Evaluation
    outcomes: Sequence[Outcome]

    @property
    def failures(self) -> list[str]:
        """What went wrong: once where it did for all, else with the contestant's name."""
        said = [outcome.failures for outcome in self.outcomes]
        common = set(said[0]).intersection(*said[1:])
        alone = [
            f"{one.name}: {failure}"
            for one, failures in zip(self.evaluation.contestants, said, strict=True)
            for failure in failures
            if failure not in common
        ]
        return [failure for failure in said[0] if failure in common] + alone

    @property
    def sources(self) -> str:
        """How the sources of the examples were made, in words."""
        examples = self.evaluation.examples
        if examples.degrade:
            return " | ".join(examples.degrade)
        if examples.items[0].partner is not None:
            return "pairs as they are given"
        described = examples.task.settings.to_dict().items()
        words = [f"{name} {value}" for name, value in described if name != "loss" and value not in (NONE, [])]
        return f"pairs made by the task ({', '.join(words)})" if words else "pairs made by the task"

    def as_json(self) -> dict[str, Any]:
        """Return the report, which holds nothing but what JSON knows."""
        evaluation, examples = self.evaluation, self.evaluation.examples
        return {
            "task": examples.task.name,
            "settings": examples.task.settings.to_dict(),
            "degrade": list(examples.degrade),
            "folder": str(examples.root),
            "part": evaluation.part,
            "pictures": len(examples),
            "seed": examples.seed,
            "notes": list(evaluation.notes),
            "models": [
                {
                    "model": one.name,
                    "seconds_per_megapixel": None if math.isnan(outcome.speed) else outcome.speed,
                    "measured": [_report(measurement) for measurement in outcome.measurements if measurement.scores],
                    "failures": list(outcome.failures),
                }
                for one, outcome in zip(evaluation.contestants, self.outcomes, strict=True)
            ],
        }

    def rows(self) -> list[tuple[object, ...]]:
        """Return a table with one number in a row; rows without a picture are of all together."""
        rows: list[tuple[object, ...]] = [("model", "picture", "protocol", "protocol with settings", "value", "unit")]
        for one, outcome in zip(self.evaluation.contestants, self.outcomes, strict=True):
            for m in outcome.measurements:
                values = {name: score.value for name, score in m.scores.items()}
                values |= {"": m.total.value} if m.scores else {}
                rows += [(one.name, name, m.name, m.label, value, m.protocol.unit) for name, value in values.items()]
        return rows


def gain(protocol: Protocol, values: Sequence[float | None]) -> float | None:
    """Return how far the first value is ahead of the best other; None where one of them is missing.

    >>> gain(Protocol(max, unit="dB"), [30.0, 28.0, 29.5])
    0.5
    """
    others = [_goodness(value, protocol) for value in values[1:] if value is not None]
    if values[0] is None or not others:
        return None
    ahead = _goodness(values[0], protocol) - max(others)
    return None if math.isnan(ahead) else ahead


def _goodness(value: float, protocol: Protocol) -> float:
    """The larger, the better."""
    return value if protocol.better == "higher" else -abs(value - 1)


def _report(measurement: Measurement[str]) -> dict[str, Any]:
    pictures = {
        name: {"value": json_number(score.value), "parts": score.parts} for name, score in measurement.scores.items()
    }
    return measurement.as_json() | {"pictures": pictures}
