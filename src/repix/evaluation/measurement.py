"""A measurement: one metric's numbers of every pair of pictures, and of all of them together."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from repix.errors import RepixError
from repix.metrics import Metric, Tally

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Score:
    """One metric's number of one pair or of all of them."""

    value: float
    parts: Mapping[str, float]


@dataclass
class Measurement(Generic[Key]):
    """One metric with its settings, and the numbers it gave; `Key` is what a pair is known by.

    >>> import numpy as np
    >>> from repix import registry
    >>> found = Measurement("psnr-gray", registry.get("metrics", "psnr-gray"), {})
    >>> for error in (0.1, 0.01):
    ...     found.add(error, {"result": np.full((4, 4), 0.5 + error), "truth": np.full((4, 4), 0.5)})
    >>> round(found.total.value, 2), found.joined
    (30.0, 'mean')
    """

    name: str
    metric: Metric
    settings: dict[str, Any]
    """All settings, the defaults as well."""
    scores: dict[Key, Score] = field(default_factory=dict)
    problems: dict[Key, str] = field(default_factory=dict)
    _tally: Tally | None = None

    @property
    def label(self) -> str:
        """The name with the settings that make its number what it is."""
        words = [f"{option(name)} {value}" for name, value in self.settings.items() if value is not None]
        if not self.metric.looks_at_result:
            words.append("of the truth alone")
        return f"{self.name} ({', '.join(words)})" if words else self.name

    def add(self, key: Key, arrays: dict[str, Any]) -> None:
        """Measure one pair; a refusal is kept as a problem."""
        self.include(key, self.measured(arrays))

    def measured(self, arrays: dict[str, Any]) -> "float | Tally | str":
        """Return what the metric says of one pair: its number, its tally where it keeps them, or why it refuses."""
        if not self.metric.looks_at_result:
            arrays = {"truth": arrays["truth"]}
        try:
            return (self.metric.tally or self.metric.function)(**arrays, **self.settings)
        except RepixError as problem:
            return str(problem)

    def include(self, key: Key, measured: "float | Tally | str") -> None:
        """Count a pair that was measured."""
        if isinstance(measured, str):
            self.problems[key] = measured
        elif isinstance(measured, float | int):
            self.scores[key] = Score(measured, {})
        else:
            self._tally = measured if self._tally is None else self._tally + measured
            self.scores[key] = Score(measured.value, measured.parts)

    @property
    def total(self) -> Score:
        """The number of all pairs: of the added tallies where the metric keeps them, or else the mean."""
        if self._tally is not None:
            return Score(self._tally.value, self._tally.parts)
        return Score(sum(score.value for score in self.scores.values()) / len(self.scores), {})

    @property
    def joined(self) -> str:
        """How the number of all pairs came about."""
        return "mean" if self._tally is None else "together"

    def as_json(self) -> dict[str, Any]:
        """The number of all pairs with all that belongs to it, as JSON has it."""
        total = self.total
        return {
            "metric": self.name,
            "settings": self.settings,
            "unit": self.metric.unit,
            "better": self.metric.better,
            "value": json_number(total.value),
            "joined": self.joined,
            "parts": total.parts,
        }

    def worded(self, value: float) -> str:
        """A number as this metric's are written.

        >>> Measurement("psnr-gray", Metric(max, unit="dB"), {}).worded(29.997)
        '30.00 dB'
        """
        return f"{value:.2f} {self.metric.unit}" if self.metric.unit else f"{value:.4f}"


def option(setting: str) -> str:
    """A setting as the command line spells it.

    >>> option("ignore_index")
    'ignore-index'
    """
    return setting.replace("_", "-")


def json_number(value: float) -> float | str:
    """A number for JSON, which knows no infinity: that of equal pictures is a text.

    >>> json_number(float("inf"))
    'inf'
    """
    return value if math.isfinite(value) else str(value)
