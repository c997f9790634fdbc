"""Precision: `exact` is float32; `fast` is half as many bits: bf16 on processors, fp16 on OpenVINO's other devices.

A model stays accurate in bf16 if the measurement in its contract is within these limits, on every measured picture and
against the ground truth. `repix export` measures it. fp16 has the same limits; it is measured on the device itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from repix.conversion.contract_parts import MeasuredPrecision
from repix.pictures.picture import Picture

Precision = Literal["exact", "fast"]
PRECISIONS = ("auto", "exact", "fast")
"""The choices; `auto` is fast where the device can be and the model stays accurate, else exact."""
FAST = "bf16"
"""The precision `fast` of processors, by its name in contracts."""
FAST_ON_DEVICES = "fp16"
"""The precision `fast` of other devices."""

LEAST_PSNR = 58.0
"""The lowest PSNR of fast pictures against exact ones, in dB: a mean error of a third of a gray level (8-bit)."""
LEAST_AGREEMENT = 0.999
"""The lowest share of pixels with the same class."""
MOST_LOST_DB, MOST_LOST = 0.05, 0.001
"""The largest loss of fast results against the ground truth, by the deciding metric: in dB, or as a share."""
MOST_DECIBELS = 200.0
"""Replaces infinity, which JSON lacks."""


def refusal_reason(measured: MeasuredPrecision | None) -> str | None:
    """Return the reason why a model is not run in a measured precision, without a full stop; None if it is.

    >>> refusal_reason(MeasuredPrecision("bf16", psnr=62.5, worse=0.004, unit="dB", verdict="accurate"))
    >>> refusal_reason(MeasuredPrecision("bf16", psnr=52.0, worse=0.004, unit="dB"))
    'the PSNR of its results in bf16 against exact ones is 52.00 dB, below the limit of 58 dB'
    """
    if measured is None:
        return "its accuracy in bf16 was never measured; `repix export RUN` measures it"
    reason = _out_of_limits(measured)
    if reason is None and measured.verdict == "inaccurate":
        return f"its contract says that it loses accuracy in {measured.name}"
    return reason


def with_verdict(measured: MeasuredPrecision) -> MeasuredPrecision:
    """Return a measurement with its verdict by the limits.

    >>> with_verdict(MeasuredPrecision("bf16", agreement=0.9995)).verdict
    'accurate'
    """
    return replace(measured, verdict="accurate" if _out_of_limits(measured) is None else "inaccurate")


def least_psnr(exact: Sequence[Picture], fast: Sequence[Picture]) -> float:
    """Return the PSNR of fast results against exact ones, in dB, of the worst picture."""
    return _least(_psnr, exact, fast)


def least_agreement(exact: Sequence[Picture], fast: Sequence[Picture]) -> float:
    """Return the share of pixels with the same class, of the worst picture."""
    return _least(_agreement, exact, fast)


def _least(similarity: Callable[[Picture, Picture], float], exact: Sequence[Picture], fast: Sequence[Picture]) -> float:
    return round(min(similarity(one, other) for one, other in zip(exact, fast, strict=True)), 5)


def _psnr(one: Picture, other: Picture) -> float:
    first, second = (np.clip(picture.colors().astype(np.float64), 0, 1) for picture in (one, other))
    error = float(np.mean((first - second) ** 2))
    return min(-10 * float(np.log10(error)), MOST_DECIBELS) if error else MOST_DECIBELS


def _agreement(one: Picture, other: Picture) -> float:
    return float((one.pixels == other.pixels).all(axis=2).mean())


def _out_of_limits(measured: MeasuredPrecision) -> str | None:
    name, psnr, agreement, loss = measured.name, measured.psnr, measured.agreement, measured.worse
    if psnr is None and agreement is None:
        return f"the difference of its results in {name} from exact ones was never measured"
    if agreement is not None and agreement < LEAST_AGREEMENT:
        return f"in {name} only {agreement:.2%} of pixels keep their class, below the limit of {LEAST_AGREEMENT:.1%}"
    if psnr is not None and psnr < LEAST_PSNR:
        return (
            f"the PSNR of its results in {name} against exact ones is {psnr:.2f} dB, below the limit of "
            f"{LEAST_PSNR:g} dB"
        )
    unit = " dB" if measured.unit == "dB" else ""
    most = MOST_LOST_DB if unit else MOST_LOST
    if loss > most:
        return f"its results in {name} are {loss:.3g}{unit} worse than exact ones, above the limit of {most:g}{unit}"
    return None
