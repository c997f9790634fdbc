"""Comparison: metrics of the finished model, of the unchanged source, and of the best classical filter.

A task may draw the noise of each picture from a range. Without much noise, the PSNR of the unchanged source is high or
infinite; one such picture would decide a comparison of means, so the pooled PSNR decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from repix.arithmetic.step_text import plural
from repix.conversion import WHOLE, Contract, Engine, convert, open_model
from repix.errors import RepixError
from repix.evaluation import Example, Examples, Outcome, class_pixels, classical, measure, measure_examples, nothing
from repix.evaluation.measurement import json_number
from repix.metrics import Metric
from repix.pictures import Picture
from repix.tasks import Baseline, DrawSide
from repix.training.build import Training
from repix.training.deadline import Deadline, NoDeadline
from repix.training.drawn_side import drawn_side
from repix.training.holdout import examples as examples_of
from repix.training.run_export import ExportedRun, add_metrics, add_precisions
from repix.training.run_folder import Message, RunFolder

HELD_OUT = "held-out pictures"
"""The data of a metric, where these pictures had no part in choosing the weights."""
HELD_OUT_CHOSE = "held-out pictures, which chose the weights too"
"""The data of a metric, where they had."""


@dataclass(frozen=True)
class Row:
    """The model or a baseline, and its metrics."""

    name: str
    totals: dict[str, float]
    """Value over all pictures by the metric's label; the first one decides."""
    speed: float
    """Seconds for a megapixel."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Value of the deciding metric for each picture, by its name."""

    @classmethod
    def of(cls, name: str, outcome: Outcome) -> "Row":
        """Return the row of an outcome with at least one metric."""
        scores = {key: score.value for key, score in outcome.measurements[0].scores.items()}
        return cls(name, outcome.compared, outcome.speed, scores)


@dataclass(frozen=True)
class Comparison:
    """The model first, then the baselines."""

    rows: tuple[Row, ...]
    metric: Metric
    """The deciding metric."""
    examples: int
    independent: bool = True
    """True if these pictures had no part in choosing the weights."""
    steps: int = 0
    """The number of steps that the model was trained for."""
    with_side: tuple[Row, ...] = ()
    """The model with values of its side inputs, such as ten color hints."""
    unit: str = "picture"
    """An example in words: a picture, or a volume."""

    @property
    def protocol(self) -> str:
        """The name of the deciding metric, with its settings."""
        return next(iter(self.rows[0].totals))

    @property
    def lost_to(self) -> tuple[str, ...]:
        """The baselines that are at least as good as the model."""
        return tuple(name for name, lead in self._leads.items() if not lead > 0)

    @property
    def _leads(self) -> dict[str, float]:
        """By how much the model is better than each baseline."""
        good = {
            row.name: self.metric.goodness(row.totals[self.protocol])
            for row in self.rows
            if self.protocol in row.totals
        }
        own = good.pop(self.rows[0].name)
        return {name: own - value for name, value in good.items()}

    @property
    def useless(self) -> bool:
        """True if the first baseline, the unchanged source, is at least as good as the model."""
        return len(self.rows) > 1 and self.rows[1].name in self.lost_to

    def won(self, other: Row) -> str:
        """Return on how many pictures the model is better than a baseline, as a text; empty if none was measured."""
        own, goodness = self.rows[0].scores, self.metric.goodness
        both = own.keys() & other.scores.keys()
        better = sum(goodness(own[name]) > goodness(other.scores[name]) for name in both)
        return f"the model is better on {better} of {plural(len(both), self.unit)}" if both else ""

    def metrics(self) -> tuple[dict[str, Any], ...]:
        """Return the metrics for the contract."""
        on = HELD_OUT if self.independent else HELD_OUT_CHOSE
        return tuple(
            {"metric": protocol, "value": json_number(value), "on": on, "examples": self.examples}
            | {"others": self._others(protocol)}
            for protocol, value in self.rows[0].totals.items()
        )

    def _others(self, protocol: str) -> dict[str, float | str]:
        others = (*self.rows[1:], *self.with_side)
        return {row.name: json_number(row.totals[protocol]) for row in others if protocol in row.totals}

    def sentences(self) -> list[str]:
        """Return the comparison as sentences."""
        own = self.rows[0]
        also = "" if self.independent else " (which chose the weights too, because they are few)"
        said = [f"On {plural(self.examples, f'held-out {self.unit}')}{also}:"]
        for row in (*self.rows, *self.with_side):
            numbers = ", ".join(f"{protocol} {value:.4g}" for protocol, value in row.totals.items())
            won = self.won(row) if row in self.rows[1:] else ""
            said.append(f"  {row.name}: {numbers}; {row.speed:.3g} s for a megapixel{won and f'; {won}'}")
        if self.useless:
            nothing = self.rows[1]
            said.append(
                f"After {plural(self.steps, 'step')} the model is no better than "
                f"{nothing.name} by {self.protocol} ({own.totals[self.protocol]:.4g} against "
                f"{nothing.totals[self.protocol]:.4g}): this training was too short to be useful. Train with more "
                "minutes or steps, or choose a smaller network (`repix networks` lists them)."
            )
        elif self.lost_to:
            said.append(
                f"The model is no better than {' and '.join(self.lost_to)} by {self.protocol}; train longer, or use "
                "this filter."
            )
        elif len(self.rows) > 1:
            said.append(f"The model is better than all of these by {min(self._leads.values()):.3g} ({self.protocol}).")
        return said


def compare(
    training: Training, exported: ExportedRun, folder: RunFolder, deadline: Deadline | NoDeadline, message: Message
) -> tuple[Contract, Comparison | None]:
    """Return the contract with its metrics, and the comparison; both are recorded in the model file and run.toml.

    The comparison is None if no picture was held out, or the run was stopped before its end.
    """
    examples, baselines = to_compare(training, deadline, message)
    add_precisions(exported.model, examples)
    comparison = None
    if exported.complete and len(examples):
        comparison = _compared(examples, baselines, exported.model, training.holdout.independent, message)
    metrics = () if comparison is None else comparison.metrics()
    contract = add_metrics(exported.model, metrics)
    record = training.record | {"trained": dict(contract.trained), "metrics": list(metrics)}
    folder.end(exported.recipe, record, exported.complete)
    return contract, comparison


def to_compare(
    training: Training, deadline: Deadline | NoDeadline, message: Message
) -> tuple[Examples, Sequence[Baseline]]:
    """Return the unchanged held-out pictures and the baselines to compare, as far as there is time."""
    held_out = training.holdout.comparison
    if not len(held_out):
        message(
            "No picture was held out, so the quality of this model was not measured; hold pictures out with --holdout."
        )
        return held_out, ()
    items, found = training.holdout.unchanged(), baselines(training)
    missing = sorted({item.picture for item in held_out.items} - {item.picture for item in items})
    if missing:
        message(
            f"{', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}: changed or damaged since the training began, "
            "and left out of the comparison."
        )
    side = training.network.fixed(training.network_config)
    examples = partial(examples_of, held_out.root, task=training.task, side=side, findings=training.findings)
    if isinstance(deadline, NoDeadline) or not items:
        return examples(items), found
    most, classical_too = deadline.compared()
    if not classical_too and len(found) > 1:
        message(
            f"{found[1].name} was left out of the comparison: it takes at least {deadline.costs.classical:.0f} s for a "
            "picture, more than the time left. `repix evaluate` measures it."
        )
        found = found[:1]
    return examples(items[:: -(-len(items) // most)]), found


def _compared(
    examples: Examples, baselines: Sequence[Baseline], model: Path, independent: bool, message: Message
) -> Comparison:
    """Return the metrics of the model file and of the baselines on the same pictures."""
    engine = open_model(model)
    converters = [Baseline("the model", lambda picture: convert(picture, engine, WHOLE)), *baselines]
    outcomes = [(one.name, measure(one.convert, examples, examples.task.metrics)) for one in converters]
    for name, outcome in outcomes:
        for failure in outcome.failures[:1]:
            message(f"{name}: {failure}")
    rows = [Row.of(name, outcome) for name, outcome in outcomes if outcome.totals]
    if not rows or rows[0].name != "the model":
        raise RepixError(f"The model cannot convert any held-out picture: {outcomes[0][1].failures[0]}")
    steps = engine.contract.trained.get("steps", 0)
    metric = outcomes[0][1].measurements[0].metric
    given = _with_side_inputs(examples, engine, message)
    comparison = Comparison(tuple(rows), metric, len(examples), independent, steps, given, examples.unit)
    for sentence in comparison.sentences():
        message(sentence)
    return comparison


def _with_side_inputs(examples: Examples, engine: Engine, message: Message) -> tuple[Row, ...]:
    """Return the metrics of the model with values of its side inputs, drawn from each example's seed."""
    rows = []
    for name, draw in examples.task.side.examples.items():

        def converted(example: Example, draw: DrawSide = draw) -> Picture:
            return convert(example.source, engine, WHOLE, side=drawn_side(examples.task, draw, example))

        outcome = measure_examples(converted, examples, examples.task.metrics)
        for failure in outcome.failures[:1]:
            message(f"the model with {name}: {failure}")
        if outcome.totals:
            rows.append(Row.of(f"the model with {name}", outcome))
    return tuple(rows)


def baselines(training: Training) -> Sequence[Baseline]:
    """Return the unchanged source, and the best classical filter of the task, if any and if it is asked for."""
    task = training.task
    counts: tuple[int, ...] = ()
    if task.logits:
        root = Path(training.config.folder)
        masks = (root / item.partner for item in training.findings.split.train if item.partner is not None)
        counts = class_pixels(masks, task, training.findings.encoding)
    filtered = classical(task) if training.config.classical else None
    return [nothing(task, counts)] + ([filtered] if filtered is not None else [])
