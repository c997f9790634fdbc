"""Measurement of one pair of files, without a batch, and the map of its errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from repix.evaluation.pair_batch import PairOutcome, PairPlan, concluded
from repix.evaluation.pairs import Pair, PairArrays, read_pair
from repix.report.crops import Pixels
from repix.report.error_map import error_colors, error_of, scale_end, wrong_classes


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """The errors of a result as a picture."""

    pixels: Pixels
    end: int | None
    """The gray levels (8-bit) of the last color; None for label maps, whose wrong pixels are orange."""


def measure_pair(pair: Pair, plan: PairPlan, advance: Callable[[], None]) -> tuple[PairOutcome, PairArrays]:
    """Return the values of a pair, and its arrays.

    Args:
        pair: a result and its truth.
        plan: the metrics; see `plan_measurements`.
        advance: called after each metric.

    Raises:
        FileProblem: the files cannot be measured together.
    """
    found = read_pair(pair, plan.labels)
    for one in plan.measurements:
        one.include(pair, one.measured(found.arrays))
        advance()
    notes: dict[str, list[str]] = {}
    for note, place in found.notes:
        notes.setdefault(note, []).append(place)
    return concluded(plan, notes), found


def error_map(arrays: dict[str, Any], *, labels: bool, ignored: int | None = None) -> ErrorMap:
    """Return the errors of a result: absolute differences as colors, or the wrong pixels of a label map.

    >>> truth = np.zeros((2, 2, 3))
    >>> found = error_map({"result": truth + 0.03, "truth": truth}, labels=False)
    >>> found.end, found.pixels.shape
    (10, (2, 2, 3))
    """
    result, truth = arrays["result"], arrays["truth"]
    if not labels:
        error = error_of(result, truth)
        end = scale_end([error])
        return ErrorMap(error_colors(error, end), end)
    gray = (255 * (truth / max(1, int(truth.max())))).astype(np.uint8)
    photo = np.repeat(gray[:, :, np.newaxis], 3, axis=2)
    return ErrorMap(wrong_classes(result, truth, photo, -1 if ignored is None else ignored), None)
