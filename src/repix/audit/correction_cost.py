"""The cost of a correction: the difference of the results of two models for pictures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.audit.graph import ModelGraph
from repix.audit.measurement import least_side, result_scale
from repix.audit.probes import Shape, folder_probes
from repix.audit.report import Audit
from repix.audit.runner import ModelRunner, channels_of, require_runnable, size_that_runs
from repix.metrics._psnr import psnr


@dataclass(frozen=True)
class Difference:
    """The results of two models for one picture, in dB (PSNR); infinite for equal ones."""

    name: str
    """The picture's file."""
    results: float
    """Between the results."""
    truth: tuple[float, float] | None
    """Between each result and the truth; None if the truth is unknown."""


@dataclass(frozen=True)
class Cost:
    """The difference of the results of two models for several pictures."""

    pictures: tuple[Difference, ...]

    @property
    def mean(self) -> float:
        """The mean PSNR between the results."""
        return float(np.mean([one.results for one in self.pictures]))

    @property
    def worst(self) -> Difference:
        """The picture with the lowest PSNR between the results."""
        return min(self.pictures, key=lambda one: one.results)

    @property
    def truth(self) -> tuple[float, float] | None:
        """The mean PSNR against the truths, before and after; None if they are unknown."""
        known = [one.truth for one in self.pictures if one.truth is not None]
        if not known:
            return None
        before, after = (float(np.mean(several)) for several in zip(*known, strict=True))
        return before, after

    def __str__(self) -> str:
        count = len(self.pictures)
        where = f"on {count} picture{'s' if count > 1 else ''}"
        text = f"PSNR between the results before and after, {where}: mean {_decibels(self.mean)}"
        text += f", worst {_decibels(self.worst.results)} ({self.worst.name})."
        if self.truth is not None:
            before, after = self.truth
            text += f" PSNR against the truth: {_decibels(before)} before, {_decibels(after)} after"
            text += f" ({after - before:+.2f} dB)." if math.isfinite(after - before) else "."
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return the cost for JSON; the PSNR of equal results is null."""
        return {
            "psnr_between_mean": _finite(self.mean),
            "psnr_between_worst": _finite(self.worst.results),
            "worst": self.worst.name,
            "psnr_truth_before": None if self.truth is None else _finite(self.truth[0]),
            "psnr_truth_after": None if self.truth is None else _finite(self.truth[1]),
            "pictures": len(self.pictures),
        }


def measure_cost(
    old: ModelGraph,
    new: ModelGraph,
    audit: Audit,
    folder: Path,
    *,
    levels: tuple[float, float],
    engine: str,
) -> Cost:
    """Return the difference of the results of two models for the pictures of a folder.

    Args:
        old: the model before.
        new: the model after; it takes the same inputs.
        audit: the audit of the old model.
        folder: the folder of pictures.
        levels: the values of black and white; their difference is the peak of the PSNR.
        engine: the engine that runs the models.
    """
    require_runnable(old)
    axes, channels = audit.prediction.axes, channels_of(old)
    runners = [ModelRunner(one, axes, engine) for one in (old, new)]
    size = size_that_runs(runners[0], channels, least_side(old, audit.prediction))
    shape = Shape(channels, size, levels)
    scale = result_scale(runners[0].run(np.full((1, channels, *size), np.mean(levels))), size)
    white = levels[1] - levels[0]
    found = []
    for probe in folder_probes(folder, old.contract, shape, scale):
        before, after = (runner.run(probe.x)[0] for runner in runners)
        truth = probe.truth if old.contract is not None else None  # a guess, without a task
        found.append(Difference(probe.name, psnr(before, after, white), _against(truth, (before, after), white)))
    return Cost(tuple(found))


def _against(truth: Array | None, results: Sequence[Array], white: float) -> tuple[float, float] | None:
    """Return the PSNR of two results against the truth."""
    if truth is None or truth.shape != results[0].shape:
        return None
    before, after = (psnr(np.clip(one, 0, 1), truth, white) for one in results)
    return before, after


def _decibels(value: float) -> str:
    return f"{value:.2f} dB" if math.isfinite(value) else "∞ dB (equal)"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
