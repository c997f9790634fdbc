"""Measure a converter on examples: metrics of each picture and of all pictures, and time."""

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from repix import registry
from repix.errors import RepixError, WrongUse
from repix.evaluation.examples import Example, Examples
from repix.evaluation.measurement import Measurement, pooled_label
from repix.metrics import Tally
from repix.pictures import Picture
from repix.tasks import MetricSpec, Task

Convert = Callable[[Picture], Picture]
OnResult = Callable[[Example, Picture], None]
"""Gets an example and its result."""


@dataclass(frozen=True)
class Measured:
    """Measured result of one example, or why there is none."""

    name: str = ""
    """The name of an example that was converted and measured."""
    values: tuple[float | Tally | str, ...] = ()
    """For each metric its value or tally, or why it refused."""
    speed: float = math.nan
    """Seconds per megapixel of the result."""
    failure: str = ""
    """Why the example could not be read, converted or measured."""
    pictures: tuple[Example, Picture] | None = None
    """The example and its result, if they are wanted."""


@dataclass(frozen=True)
class Outcome:
    """Results of a converter."""

    measurements: tuple[Measurement[str], ...]
    """One measurement per metric, in the requested order; the keys of `scores` are the examples' names."""
    seconds_per_megapixel: dict[str, float]
    """Conversion time per megapixel of the result, by the example's name."""
    failures: tuple[str, ...]
    """Problems with reading, converting or measuring, one sentence each."""

    @property
    def totals(self) -> dict[str, float]:
        """Value over all pictures, by the metric's label; metrics without a value are left out."""
        return {one.label: one.total.value for one in self.measurements if one.scores}

    @property
    def compared(self) -> dict[str, float]:
        """The totals, first the value that decides a comparison with other converters: pooled, if the metric is."""
        first = self.measurements[0]
        pooled = {} if first.pooled is None else {pooled_label(first.label): first.pooled}
        return pooled | self.totals

    @property
    def deciding(self) -> float:
        """Value of the first metric over all pictures; NaN without a value."""
        return self.measurements[0].total.value if self.measurements[0].scores else math.nan

    @property
    def speed(self) -> float:
        """Median of the seconds per megapixel, which a slow first picture does not change; NaN without pictures."""
        return median(self.seconds_per_megapixel.values()) if self.seconds_per_megapixel else math.nan


def measure(
    convert: Convert,
    examples: Examples,
    metrics: Sequence[MetricSpec],
    progress: Callable[[int, int], None] | None = None,
    on_result: OnResult | None = None,
) -> Outcome:
    """Convert the source of every example, and measure the results, as `measure_examples` does."""
    return measure_examples(lambda example: convert(example.source), examples, metrics, progress, on_result)


def measure_examples(
    convert: Callable[[Example], Picture],
    examples: Examples,
    metrics: Sequence[MetricSpec],
    progress: Callable[[int, int], None] | None = None,
    on_result: OnResult | None = None,
) -> Outcome:
    """Convert every example, and measure the results; an example that fails is reported and skipped.

    Values over all pictures follow the metric's own rule; `miou`, for example, adds the counts. After each example,
    `progress` gets the number of finished examples and the total; `on_result` gets the example and its result.
    """
    measurements = empty_measurements(metrics, examples.task)
    with_pictures = on_result is not None
    found = (measured(convert, examples, index, measurements, with_pictures) for index in range(len(examples)))
    return collected(found, len(examples), measurements, progress, on_result)


def empty_measurements(metrics: Sequence[MetricSpec], task: Task) -> tuple[Measurement[str], ...]:
    """Return a measurement without values for each metric; refuse metrics that are not for the task's results."""
    if not metrics:
        raise WrongUse("metrics is empty; name at least one.")
    measurements = tuple(planned(spec) for spec in metrics)
    for one in measurements:
        if one.metric.labels != task.logits:
            compared, made = ("label maps", "pictures") if one.metric.labels else ("pictures", "label maps")
            raise WrongUse(f"{one.name} compares {compared}, but {task.name} produces {made}.")
    return measurements


def measured(
    convert: Callable[[Example], Picture],
    examples: Examples,
    index: int,
    measurements: Sequence[Measurement[str]],
    with_pictures: bool = False,
) -> Measured:
    """Return the measured result of one example; the measurements stay as they are."""
    try:
        example = examples[index]
    except (RepixError, MemoryError) as problem:
        reason = _reason(problem)
        return Measured(
            failure=reason if isinstance(problem, RepixError) else f"{examples.items[index].picture}: {reason}"
        )
    start = perf_counter()
    try:
        result = convert(example)
        speed = (perf_counter() - start) * 1e6 / math.prod(result.size)
        arrays = metric_arrays(example, result, examples.task)
        values = tuple(one.measured(arrays) for one in measurements)
    except (RepixError, MemoryError) as problem:
        return Measured(failure=f"{example.name}: {_reason(problem)}")
    return Measured(example.name, values, speed, pictures=(example, result) if with_pictures else None)


def collected(
    found: Iterable[Measured],
    total: int,
    measurements: tuple[Measurement[str], ...],
    progress: Callable[[int, int], None] | None = None,
    on_result: OnResult | None = None,
) -> Outcome:
    """Return the outcome of measured results, in their order; the empty measurements get their values."""
    failures: list[str] = []
    speeds: dict[str, float] = {}
    for number, one in enumerate(found, start=1):
        if one.failure:
            failures.append(one.failure)
        else:
            for measurement, value in zip(measurements, one.values, strict=True):
                measurement.include(one.name, value)
                if isinstance(value, str):
                    failures.append(f"{one.name}: not measured by {measurement.name}: {value}")
            speeds[one.name] = one.speed
        if on_result is not None and one.pictures is not None:
            on_result(*one.pictures)
        if progress is not None:
            progress(number, total)
    return Outcome(measurements, speeds, tuple(failures))


def planned(spec: MetricSpec) -> Measurement[str]:
    """Return an empty measurement for a metric; unknown and missing settings are refused.

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


def _reason(problem: Exception) -> str:
    return "not enough memory." if isinstance(problem, MemoryError) else str(problem)


def metric_arrays(example: Example, result: Picture, task: Task) -> dict[str, Any]:
    """Return the input of metrics, by parameter name."""
    return {"result": _array(result, task), "truth": _array(example.target, task)}


def _array(picture: Picture, task: Task) -> Any:
    """Return a picture's class ids, or its colors without alpha."""
    return task.encode_target(picture)[0] if task.logits else picture.colors().astype(np.float64)
