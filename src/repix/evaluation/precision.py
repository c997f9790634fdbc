"""Precision: how far a model's results with bf16 are from its exact ones, and how much worse against the truth."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from repix import registry
from repix.conversion import Engine, MeasuredPrecision, convert, read_model
from repix.conversion.engine import Bf16Unavailable, EngineOptions
from repix.conversion.precision import FAST, with_verdict
from repix.evaluation.evaluator import Convert, measure
from repix.evaluation.examples import Examples
from repix.pictures import Picture
from repix.pictures.picture import to_unit

MOST_LOOKED_AT = 8
"""Whole pictures; each goes through the model twice."""
MOST_DECIBELS = 200.0
"""What stands for infinity, which JSON does not know."""


def measured_precisions(model: Path, examples: Examples) -> tuple[MeasuredPrecision, ...]:
    """Return what a contract says of bf16: the worst picture, and how much worse all are against the ground truth.

    Empty where there is no picture to measure, or this processor has no bf16.
    """
    looked_at = examples[:: -(-len(examples) // MOST_LOOKED_AT) or 1]
    engines = _engines(model)
    if engines is None or not len(looked_at):
        return ()
    kept: list[list[Picture]] = [[], []]
    outcomes = [
        measure(_converting(engine, results), looked_at, looked_at.task.metrics[:1])
        for engine, results in zip(engines, kept, strict=True)
    ]
    exact, fast = outcomes
    if exact.failures or fast.failures:
        return ()
    deciding = exact.measurements[0]
    lost = exact.deciding - fast.deciding if exact.deciding != fast.deciding else 0.0
    classes = looked_at.task.scores
    measured = MeasuredPrecision(
        FAST,
        psnr=None if classes else _least(_psnr, *kept),
        agreement=_least(_agreement, *kept) if classes else None,
        worse=round(float(np.clip(lost, -MOST_DECIBELS, MOST_DECIBELS)), 5),
        metric=deciding.label,
        unit=deciding.protocol.unit,
        examples=len(looked_at),
    )
    return (with_verdict(measured),)


def _engines(model: Path) -> tuple[Engine, Engine] | None:
    """The model twice, exact and with bf16, whatever its contract says."""
    file, open_file = read_model(model), registry.get("engines", "openvino")
    try:
        return open_file(file, EngineOptions()), open_file(file, EngineOptions(fast=True))
    except Bf16Unavailable:
        return None


def _converting(engine: Engine, results: list[Picture]) -> Convert:
    """Convert, and keep what comes out before it is rounded."""

    def converted(picture: Picture) -> Picture:
        result = convert(replace(picture, pixels=to_unit(picture.pixels)), engine)
        results.append(result)
        return result

    return converted


def _least(near: Callable[[Picture, Picture], float], exact: Sequence[Picture], fast: Sequence[Picture]) -> float:
    """How near the results are, of the picture where they are least so."""
    return round(min(near(one, other) for one, other in zip(exact, fast, strict=True)), 5)


def _psnr(one: Picture, other: Picture) -> float:
    first, second = (np.clip(picture.colors().astype(np.float64), 0, 1) for picture in (one, other))
    error = float(np.mean((first - second) ** 2))
    return min(-10 * float(np.log10(error)), MOST_DECIBELS) if error else MOST_DECIBELS


def _agreement(one: Picture, other: Picture) -> float:
    return float((one.pixels == other.pixels).all(axis=2).mean())
