"""Measurement: the values of one metric for each pair of pictures, and over all pairs."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from repix.errors import RepixError
from repix.metrics import Metric, Tally

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Score:
    """Value of a metric for one pair or over all pairs."""

    value: float
    parts: Mapping[str, float]


@dataclass
class Measurement(Generic[Key]):
    """A metric with its settings, and its values; `Key` is the type that identifies a pair.

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
    """All settings, including defaults."""
    scores: dict[Key, Score] = field(default_factory=dict)
    problems: dict[Key, str] = field(default_factory=dict)
    _tally: Tally | None = None

    @property
    def label(self) -> str:
        """The metric's name with its settings."""
        words = [f"{option(name)} {value}" for name, value in self.settings.items() if value is not None]
        words += [self.metric.note] if self.metric.note else []
        return f"{self.name} ({', '.join(words)})" if words else self.name

    def add(self, key: Key, arrays: dict[str, Any]) -> None:
        """Measure a pair; if the metric refuses it, the reason is added to `problems`."""
        self.include(key, self.measured(arrays))

    def measured(self, arrays: dict[str, Any]) -> "float | Tally | str":
        """Return the result for a pair: a value, or a tally if the metric has them, or the reason of a refusal."""
        taken = {name: arrays[name] for name in self.metric.arrays}
        try:
            return (self.metric.tally or self.metric.function)(**taken, **self.settings)
        except RepixError as problem:
            return str(problem)

    def include(self, key: Key, measured: "float | Tally | str") -> None:
        """Add the result of `measured`."""
        if isinstance(measured, str):
            self.problems[key] = measured
        elif isinstance(measured, float | int):
            self.scores[key] = Score(measured, {})
        else:
            self._tally = measured if self._tally is None else self._tally + measured
            self.scores[key] = Score(measured.value, measured.parts)

    def keyed(self, names: Mapping[Key, str]) -> "Measurement[str]":
        """Return the same values, with a name for each pair."""
        scores = {names[key]: score for key, score in self.scores.items()}
        return Measurement(self.name, self.metric, self.settings, scores, {}, self._tally)

    @property
    def total(self) -> Score:
        """Value over all pairs: from the sum of the tallies if the metric has them, or else the mean."""
        if self._tally is not None:
            return Score(self._tally.value, self._tally.parts)
        return Score(sum(score.value for score in self.scores.values()) / len(self.scores), {})

    @property
    def pooled(self) -> float | None:
        """Value over all pairs that no pair without errors dominates; None if the metric needs none beside the total.

        >>> import numpy as np
        >>> from repix import registry
        >>> found = Measurement("psnr-gray", registry.get("metrics", "psnr-gray"), {})
        >>> for error in (0.1, 0.000001):
        ...     found.add(error, {"result": np.full((4, 4), 0.5 + error), "truth": np.full((4, 4), 0.5)})
        >>> round(found.total.value, 2), round(found.pooled, 2)
        (70.0, 23.01)
        """
        values = [score.value for score in self.scores.values()]
        return self.metric.pool(values) if self.metric.pool is not None and values else None

    @property
    def joined(self) -> str:
        """The combination of the pairs: "mean" or "together" (sum of the tallies)."""
        return "mean" if self._tally is None else "together"

    def as_json(self) -> dict[str, Any]:
        """Return the value over all pairs and the settings, as a dictionary for JSON."""
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
        """Return a value as text, with its unit.

        >>> Measurement("psnr-gray", Metric(max, unit="dB"), {}).worded(29.997)
        '30.00 dB'
        """
        return f"{value:.2f} {self.metric.unit}" if self.metric.unit else f"{value:.4f}"


def pooled_label(label: str) -> str:
    """Return the label of a metric's pooled value.

    >>> pooled_label("psnr-y (scale 2)")
    'pooled psnr-y (scale 2)'
    """
    return f"pooled {label}"


def joined_title(measurements: Sequence[Measurement[Any]]) -> str:
    """Return a title for the values over all pairs: "mean of 3", or "3 together" for sums of tallies.

    >>> joined_title([Measurement("psnr-gray", Metric(max), {}, scores={"a": Score(30, {}), "b": Score(31, {})})])
    'mean of 2'
    """
    counts = dict.fromkeys(len(one.scores) for one in measurements)
    if measurements[0].joined == "mean":
        return " or ".join(f"mean of {count}" for count in counts)
    return f"{' or '.join(map(str, counts))} together"


def option(setting: str) -> str:
    """Return the command-line spelling of a setting.

    >>> option("ignore_index")
    'ignore-index'
    """
    return setting.replace("_", "-")


def json_number(value: float) -> float | str:
    """Return a number for JSON; infinity, the PSNR of equal pictures, becomes text.

    >>> json_number(float("inf"))
    'inf'
    """
    return value if math.isfinite(value) else str(value)
