"""Report of a swap: quality, speed, size and checkerboard score of the model before, swapped and fine-tuned."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from repix.arithmetic.step_text import plural
from repix.comparison.holdout_scores import HeldOut, Scores
from repix.comparison.page import crops_section, time_text
from repix.comparison.results import Protocol
from repix.comparison.swapped_network import Conversion
from repix.evaluation.measurement import json_number
from repix.evaluation.speed import Speeds
from repix.printable import short
from repix.report import Number, Section, page
from repix.report.tables import Cell

BEFORE, SWAPPED, TUNED = "before", "swapped", "fine-tuned"
"""The names of the three models."""
CONTROL = "not swapped, fine-tuned"
"""The name of the old model after as many steps of fine-tuning."""


@dataclass(frozen=True)
class Stage:
    """One of the models, measured."""

    name: str
    scores: Scores
    parameters: int
    size: int
    """Bytes of the model file."""
    speed: float = math.nan
    """Seconds per megapixel of the result; NaN if it was not measured."""

    def to_dict(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return {
            "name": self.name,
            "metrics": {label: json_number(value) for label, value in self.scores.totals.items()},
            "ms_per_megapixel": _plain(self.speed * 1000),
            "parameters": self.parameters,
            "bytes": self.size,
            "checkerboard_db": _plain(self.scores.artifact),
            "failure": self.scores.failure,
        }


@dataclass(frozen=True, eq=False)
class SwapReport:
    """The effect of a swap on quality, speed, size and checkerboard score."""

    run: str
    output: str
    before: str
    """The old upsampler."""
    after: str
    """The new one."""
    conversions: Sequence[Conversion]
    steps: int
    """Steps of the fine-tuning."""
    complete: bool
    """False where the fine-tuning, or that of the control, was stopped before its last step."""
    protocol: Protocol
    stages: Sequence[Stage]
    """The old model, the one with converted weights, the fine-tuned one, and the control."""
    held_out: HeldOut
    """The pictures that they were measured on."""
    control_steps: int | None = None
    """Steps of the control's fine-tuning; None without a control."""
    speeds: Speeds | None = None
    """The speeds of the models, measured in turns; None if they were not measured."""

    @property
    def header(self) -> list[str]:
        """The titles of the table."""
        return ["model", self.protocol.label, "ms per megapixel", "parameters", "file", "checkerboard (dB)"]

    def rows(self) -> list[list[Cell]]:
        """Return the table: a row for each model."""
        return [self._row(one) for one in self.stages]

    def _row(self, stage: Stage) -> list[Cell]:
        value, scores = self._quality(stage), stage.scores
        return [
            stage.name,
            Number("failed" if math.isnan(value) else self.protocol.worded(value), value),
            _number(stage.speed * 1000, f"{stage.speed * 1000:,.0f}"),
            Number(short(stage.parameters), stage.parameters),
            Number(f"{stage.size / 1000:,.0f} kB", stage.size),
            _number(scores.artifact, f"{scores.artifact:.1f}"),
        ]

    def answer(self) -> list[str]:
        """Return the result in sentences, the most important one first."""
        old, swapped, tuned = self.stages[:3]
        said = [f"{self.before} → {self.after}: {self._changed(old, tuned)}{self._without()}."]
        if not math.isnan(self._quality(swapped)):
            said.append(f"Without fine-tuning: {self._changed(old, swapped)}.")
        stopped = "" if self.complete else ", because it was stopped; the same command continues it"
        if self.control_steps is None:
            said.append(f"The fine-tuning made {plural(self.steps, 'step')}{stopped}.")
        else:  # a stopped fine-tuning has no control
            said.append(f"The fine-tuning made {plural(self.steps, 'step')}.")
            said += self._beside(plural(self.control_steps, "step") + stopped)
        return [*said, *(f"{one.name}: {one.scores.failure}" for one in self.stages if one.scores.failure)]

    def _beside(self, steps: str) -> list[str]:
        """Return the effect of more training without a swap, and that of the swap at equal training."""
        old, tuned, control = self.stages[0], self.stages[2], self.stages[3]
        said = [f"Not swapped, but fine-tuned for {steps}: {self._changed(old, control)}."]
        return [*said, f"From that to the swapped and fine-tuned one: {self._changed(control, tuned)}."]

    def _without(self) -> str:
        """Return the quality after the same training without a swap, as the end of a sentence."""
        is_equal = self.control_steps is not None and self.complete
        value = self._quality(self.stages[3]) if is_equal else math.nan
        return "" if math.isnan(value) else f"; the same training without the swap: {self.protocol.worded(value)}"

    def _quality(self, stage: Stage) -> float:
        return stage.scores.totals.get(self.protocol.label, math.nan)

    def _changed(self, old: Stage, new: Stage) -> str:
        """Return quality, checkerboard and speed of two models."""
        pairs = [(self._quality(one), one.scores.artifact, one.speed * 1000) for one in (old, new)]
        words = [(self.protocol.worded(q), f"{a:.1f} dB", f"{s:,.0f} ms per megapixel") for q, a, s in pairs]
        names = self.protocol.label, "checkerboard", "time"
        return ", ".join(
            f"{name} {first} → {second}"
            for name, *values, first, second in zip(names, *pairs, *words, strict=True)
            if not any(map(math.isnan, values))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "answer": self.answer(),
            "run": self.run,
            "output": self.output,
            "upsampler": {"before": self.before, "after": self.after},
            "weights": [{"layer": one.layer, "way": one.way, "explained": one.explained} for one in self.conversions],
            "steps": self.steps,
            "control_steps": self.control_steps,
            "complete": self.complete,
            "metric": self.protocol.label,
            "unit": self.protocol.metric.unit,
            "better": self.protocol.metric.better,
            "pictures": self.protocol.pictures,
            "independent": self.protocol.independent,
            "speed": None if self.speeds is None else self.speeds.protocol,
            "models": [one.to_dict() for one in self.stages],
        }

    def page(self) -> str:
        """Return the report as a page of HTML, with crops of the results side by side."""
        text = (
            f"{self.protocol.label} on {plural(self.protocol.pictures, 'held-out picture')}, "
            f"{self.protocol.metric.better} is better. Checkerboard: score by repix audit; above 10 dB it is visible. "
            f"{time_text(self.speeds)}"
        )
        weights = [[one.layer, one.origin] for one in self.conversions]
        other = BEFORE if self.control_steps is None else CONTROL
        sections = [
            Section("Before and after", header=self.header, rows=self.rows()),
            Section("Weights", header=["layer", "weights"], rows=weights),
            crops_section(self.held_out, [one.name for one in self.stages], pair=(other, TUNED)),
        ]
        return page(f"Swap: {self.before} → {self.after}", text, sections, self.answer())


def _number(value: float, text: str) -> Cell:
    return Number("–" if math.isnan(value) else text, value)


def _plain(value: float) -> float | str | None:
    return None if math.isnan(value) else json_number(value)
