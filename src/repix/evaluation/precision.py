"""Precision: accuracy of a model in bf16, against its float32 results and against the ground truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from repix import registry
from repix.conversion import Engine, MeasuredPrecision, convert, read_model
from repix.conversion.engine import Bf16Unavailable, EngineOptions
from repix.conversion.precision import FAST, MOST_DECIBELS, least_agreement, least_psnr, with_verdict
from repix.evaluation.evaluator import Convert, measure
from repix.evaluation.examples import Examples
from repix.pictures import Picture
from repix.pictures.picture import to_unit

MOST_EXAMPLES = 8
"""Largest number of pictures; each is converted twice."""


def measured_precisions(model: Path, examples: Examples) -> tuple[MeasuredPrecision, ...]:
    """Return the measurement in bf16 for a contract: the worst picture, and the loss of the metric on all of them.

    Empty without pictures, for a model for volumes, or if the processor has no bf16.
    """
    sample = examples[:: -(-len(examples) // MOST_EXAMPLES) or 1]
    engines = opened_twice(model)
    if engines is None or not len(sample):
        return ()
    kept: list[list[Picture]] = [[], []]
    outcomes = [
        measure(_converting(engine, results), sample, sample.task.metrics[:1])
        for engine, results in zip(engines, kept, strict=True)
    ]
    exact, fast = outcomes
    if exact.failures or fast.failures:
        return ()
    deciding = exact.measurements[0]
    lost = exact.deciding - fast.deciding if exact.deciding != fast.deciding else 0.0
    classes = sample.task.logits
    measured = MeasuredPrecision(
        FAST,
        psnr=None if classes else least_psnr(*kept),
        agreement=least_agreement(*kept) if classes else None,
        worse=round(float(np.clip(lost, -MOST_DECIBELS, MOST_DECIBELS)), 5),
        metric=deciding.label,
        unit=deciding.metric.unit,
        examples=len(sample),
    )
    return (with_verdict(measured),)


def opened_twice(model: Path) -> tuple[Engine, Engine] | None:
    """Open a model in float32 and in bf16, whatever its contract allows.

    None if the processor has no bf16, and for a model for volumes.
    """
    file, open_file = read_model(model), registry.get("engines", "openvino")
    if file.contract.dimensions == 3:
        return None
    try:
        fast = open_file(file, EngineOptions(fast=True))  # first: without bf16, nothing is compiled
    except Bf16Unavailable:
        return None
    return open_file(file, EngineOptions()), fast


def _converting(engine: Engine, results: list[Picture]) -> Convert:
    """Return a converter that also appends its results, not rounded, to a list."""

    def converted(picture: Picture) -> Picture:
        result = convert(replace(picture, pixels=to_unit(picture.pixels)), engine)
        results.append(result)
        return result

    return converted
