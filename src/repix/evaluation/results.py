"""Results of an evaluation: metrics of each model on the same examples, as JSON and tables, and the gain."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repix.arithmetic.step_text import plural
from repix.errors import WrongUse
from repix.evaluation.evaluator import Outcome
from repix.evaluation.examples import Example
from repix.evaluation.measurement import Measurement, json_number
from repix.evaluation.selection import Each, Evaluation, EvaluationOptions, Selection, prepare
from repix.evaluation.speed import Speeds
from repix.metrics import Metric
from repix.parameters import NONE
from repix.pictures import Picture
from repix.report import table


@dataclass(frozen=True)
class Results:
    """Outcomes of the evaluated models, in their order."""

    evaluation: Evaluation
    outcomes: Sequence[Outcome]
    speeds: Speeds | None = None
    """The speed of the models, measured in turns; None if it was not measured."""

    @classmethod
    def of(
        cls,
        evaluation: Evaluation,
        progress: Callable[[str, int, int], None],
        on_result: Callable[[str, Example, Picture], None] | None = None,
        each: Each | None = None,
    ) -> "Results":
        """Return the results of an evaluation: first all metrics, then the speed; arguments as in `outcomes`."""
        outcomes = evaluation.outcomes(progress, on_result, each)
        return cls(evaluation, outcomes, evaluation.speeds(outcomes, progress))

    @property
    def failures(self) -> list[str]:
        """Problems; those of a single model start with its name."""
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
        """The origin of the sources of the examples, as text."""
        examples = self.evaluation.examples
        if examples.degrade:
            return " | ".join(examples.degrade)
        if examples.items[0].partner is not None:
            return "given pairs"
        described = examples.task.settings.to_dict().items()
        words = [f"{name} {value}" for name, value in described if name != "loss" and value not in (NONE, [])]
        return f"pairs made by the task ({', '.join(words)})" if words else "pairs made by the task"

    @property
    def about(self) -> str:
        """Task, pictures and sources, as text."""
        evaluation, examples = self.evaluation, self.evaluation.examples
        pictures = f"{plural(len(examples), examples.unit)} ({evaluation.part}) of {examples.root}"
        return f"{examples.task.name}, {pictures}: {self.sources}"

    @property
    def speed_lines(self) -> list[str]:
        """The speed of each model, and how it was measured, as text."""
        if self.speeds is None:
            return []
        times = [
            f"{name}: {_seconds(time)} s per megapixel of the result" for name, time in self.speeds.seconds.items()
        ]
        return [*times, f"Time: {self.speeds.protocol}."]

    def speed(self, name: str) -> float:
        """Return the seconds per megapixel of a model; NaN if its speed was not measured."""
        return math.nan if self.speeds is None else self.speeds.of(name)

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary for JSON."""
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
            "speed": None if self.speeds is None else self.speeds.protocol,
            "models": [
                {
                    "model": one.name,
                    "seconds_per_megapixel": None if math.isnan(self.speed(one.name)) else self.speed(one.name),
                    "measured": [_report(measurement) for measurement in outcome.measurements if measurement.scores],
                    "failures": list(outcome.failures),
                }
                for one, outcome in zip(evaluation.contestants, self.outcomes, strict=True)
            ],
        }

    def _repr_html_(self) -> str:
        """Return an HTML table for notebooks: a row for each model, with its values over all pictures."""
        labels = [one.label for one in self.outcomes[0].measurements]
        rows = [
            [one.name, *(_total(measured) for measured in outcome.measurements), _seconds(self.speed(one.name))]
            for one, outcome in zip(self.evaluation.contestants, self.outcomes, strict=True)
        ]
        return table(["model", *labels, "seconds per megapixel"], rows, caption=self.about)

    def rows(self) -> list[tuple[object, ...]]:
        """Return a table with one value per row; rows without a picture are over all pictures."""
        rows: list[tuple[object, ...]] = [("model", "picture", "metric", "metric with settings", "value", "unit")]
        for one, outcome in zip(self.evaluation.contestants, self.outcomes, strict=True):
            for m in outcome.measurements:
                values = {name: score.value for name, score in m.scores.items()}
                values |= {"": m.total.value} if m.scores else {}
                rows += [(one.name, name, m.name, m.label, value, m.metric.unit) for name, value in values.items()]
        return rows


def evaluate(
    models: str | Path | Sequence[str | Path],
    folder: str | Path,
    *,
    task: str | None = None,
    settings: Mapping[str, Any] | None = None,
    metrics: Sequence[str] = (),
    selection: Selection | None = None,
) -> Results:
    """Convert the pictures of a folder and measure the results, as `repix evaluate MODEL... FOLDER` does.

    A picture without a partner is a truth, which the task degrades; pairs and masks are used as they are. All models
    get the same pictures.

    Args:
        models: One or more of: a model file, a run folder, the name of a bundled model, a filter with its settings
            ("bm3d sigma=25"), "nothing" (the source itself), "classical" (the best filter for the task).
        folder: The pictures.
        task: The task for filters; a model has its own.
        settings: Settings of the task that differ from the model's, such as `{"sigma": [25, 25]}`.
        metrics: Metrics with their settings, such as "psnr-y scale=2"; default: those of the task.
        selection: Which pictures of the folder, and how sources are made from them; default: the held-out pictures,
            or all if there are none.

    Returns:
        The results: metrics of each picture and over all pictures, and failures.

    Raises:
        WrongUse: A model, metric or setting is unknown, or they do not fit together.
        Unreadable: The folder does not exist, or contains no pictures.

    Example:
        >>> import tempfile, numpy, repix
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = repix.write(repix.Picture(numpy.full((32, 32, 3), 128, numpy.uint8)), f"{folder}/gray.png")
        ...     results = repix.evaluate(["nothing", "median"], folder, task="denoise", settings={"sigma": [25, 25]})
        >>> [len(outcome.totals) for outcome in results.outcomes]
        [2, 2]
    """
    names = [str(one) for one in ([models] if isinstance(models, str | Path) else models)]
    if not names:
        raise WrongUse("models is empty; name at least one.")
    words = [_word(name, value) for name, value in (settings or {}).items()]
    options = EvaluationOptions(names, Path(folder), selection or Selection(), task, words, metrics)
    evaluation = prepare(options)
    return Results.of(evaluation, lambda *_: None)


def _total(measurement: Measurement[str]) -> str:
    return measurement.worded(measurement.total.value) if measurement.scores else "–"


def _seconds(time: float) -> str:
    return "–" if math.isnan(time) else f"{time:.3g}"


def _word(name: str, value: object) -> str:
    """Return a setting as text for the command line.

    >>> _word("sigma", [25, 25]), _word("color", False), _word("sigma", None)
    ('sigma=25,25', 'color=no', 'sigma=none')
    """
    if isinstance(value, list | tuple):
        return f"{name}={','.join(map(str, value))}"
    if isinstance(value, bool):
        return f"{name}={'yes' if value else 'no'}"
    return f"{name}={NONE if value is None else value}"


def gain(metric: Metric, values: Sequence[float | None]) -> float | None:
    """Return the gain of the first value over the best other; None if one of them is missing.

    >>> gain(Metric(max, unit="dB"), [30.0, 28.0, 29.5])
    0.5
    """
    others = [metric.goodness(value) for value in values[1:] if value is not None]
    if values[0] is None or not others:
        return None
    ahead = metric.goodness(values[0]) - max(others)
    return None if math.isnan(ahead) else ahead


def _report(measurement: Measurement[str]) -> dict[str, Any]:
    pictures = {
        name: {"value": json_number(score.value), "parts": score.parts} for name, score in measurement.scores.items()
    }
    return measurement.as_json() | {"pictures": pictures}
