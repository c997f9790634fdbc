"""Measure a converter on examples: every picture's numbers, all pictures' numbers, and how long it took."""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from repix import registry
from repix.errors import RepixError, WrongUse
from repix.evaluation.examples import Example, Examples
from repix.evaluation.measurement import Measurement
from repix.pictures import Picture
from repix.tasks import MetricSpec, Task

Convert = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Outcome:
    """What came of measuring."""

    measurements: tuple[Measurement[str], ...]
    """The numbers by metric, in the order asked for; of each, `scores` by the example's name."""
    seconds_per_megapixel: dict[str, float]
    """How long converting took, by the example's name; a megapixel of the result."""
    failures: tuple[str, ...]
    """What could not be read, converted or measured, a sentence each."""

    @property
    def totals(self) -> dict[str, float]:
        """The number of all pictures by the metric's label; a metric that measured nothing is left out."""
        return {one.label: one.total.value for one in self.measurements if one.scores}

    @property
    def deciding(self) -> float:
        """The number of all pictures by the first metric; NaN where nothing was measured."""
        return self.measurements[0].total.value if self.measurements[0].scores else math.nan

    @property
    def speed(self) -> float:
        """Seconds for a megapixel: the median, so that a slow first picture does not matter; NaN without any."""
        return median(self.seconds_per_megapixel.values()) if self.seconds_per_megapixel else math.nan


def measure(
    convert: Convert,
    examples: Examples,
    metrics: Sequence[MetricSpec],
    progress: Callable[[int, int], None] | None = None,
    on_result: Callable[[Example, Picture], None] | None = None,
) -> Outcome:
    """Convert every example and measure the results; one that fails is reported, and the others go on.

    Numbers of all pictures are made by the metric's own rule, for example by adding the counts of `miou`. `progress`
    is told after each example how many are done, of how many; `on_result` gets each example with its result.
    """
    if not metrics:
        raise WrongUse("There is nothing to measure by; name at least one metric.")
    measurements = tuple(planned(spec) for spec in metrics)
    for one in measurements:
        if one.metric.labels != examples.task.logits:
            compared, made = ("maps of classes", "pictures") if one.metric.labels else ("pictures", "maps of classes")
            raise WrongUse(f"{one.name} compares {compared}, and {examples.task.name} makes {made}.")
    failures: list[str] = []
    speeds: dict[str, float] = {}
    for number, example in enumerate(_read(examples, failures), start=1):
        if example is not None:
            start = perf_counter()
            try:
                result = convert(example.source)
                seconds = perf_counter() - start
                failures += _add(measurements, example, result, examples.task)
            except (RepixError, MemoryError) as problem:
                failures.append(f"{example.name}: {_said(problem)}")
            else:
                speeds[example.name] = seconds * 1e6 / math.prod(result.size)
                if on_result is not None:
                    on_result(example, result)
        if progress is not None:
            progress(number, len(examples))
    return Outcome(measurements, speeds, tuple(failures))


def planned(spec: MetricSpec) -> Measurement[str]:
    """An empty measurement by a metric of a task; a setting it does not have, or lacks, is refused.

    >>> planned(MetricSpec("psnr-y", {"scale": 2})).label
    'psnr-y (scale 2)'
    >>> planned(MetricSpec("psnr-y"))
    Traceback (most recent call last):
    repix.errors.WrongUse: psnr-y needs scale: scale factor; this many pixels are cut at each side.
    """
    metric = registry.get("metrics", spec.name)
    for key in spec.settings:
        if key not in metric.settings:
            raise WrongUse(f"{spec.name} has no setting '{key}'.")
    settings = metric.complete(spec.settings)
    for key, value in settings.items():
        if value is inspect.Parameter.empty:
            raise WrongUse(f"{spec.name} needs {key}: {metric.settings[key].text}.")
    return Measurement(spec.name, metric, settings)


def _read(examples: Examples, failures: list[str]) -> Iterator[Example | None]:
    """The examples one after the other; None, and a word among the failures, for one that cannot be had."""
    for index in range(len(examples)):
        try:
            yield examples[index]
        except (RepixError, MemoryError) as problem:
            said = _said(problem)
            failures.append(said if isinstance(problem, RepixError) else f"{examples.items[index].picture}: {said}")
            yield None


def _said(problem: Exception) -> str:
    return "the memory is not enough." if isinstance(problem, MemoryError) else str(problem)


def _add(measurements: Sequence[Measurement[str]], example: Example, result: Picture, task: Task) -> list[str]:
    """Measure one result by every metric; what they refused."""
    arrays = {"result": _numbers(result, task), "truth": _numbers(example.target, task)}
    for measurement in measurements:
        measurement.add(example.name, arrays)
    return [
        f"{example.name}: not measured by {one.name}: {one.problems[example.name]}"
        for one in measurements
        if example.name in one.problems
    ]


def _numbers(picture: Picture, task: Task) -> Any:
    """What metrics look at: class numbers, or colors without their alpha."""
    return task.encode_target(picture)[0] if task.logits else picture.colors().astype(np.float64)
