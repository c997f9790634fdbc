"""Precision: `exact` is float32; `fast` is bf16, half as many bits, where processor and model stay accurate.

A model stays accurate in bf16 where its contract holds a measurement that keeps these limits on every picture that was
measured, and is hardly worse against the ground truth. Export measures.
"""

from dataclasses import replace
from typing import Literal

from repix.conversion.contract_parts import MeasuredPrecision

Precision = Literal["exact", "fast"]
PRECISIONS = ("auto", "exact", "fast")
"""What can be asked for; `auto` is fast where the model stays accurate and the processor can, else exact."""
FAST = "bf16"
"""The precision that `fast` stands for, as contracts call it."""

LEAST_PSNR = 58.0
"""Decibels between fast and exact results that are pictures: on average a third of a gray level (8-bit)."""
LEAST_AGREEMENT = 0.999
"""The share of pixels that get the same class, where results are classes."""
MOST_LOST_DB, MOST_LOST = 0.05, 0.001
"""How much worse fast results may be against the ground truth, by the deciding metric: in decibels, or as a share."""


def refusal_reason(measured: MeasuredPrecision | None) -> str | None:
    """Return why a model that was measured so is not run in this precision, as half a sentence; None where it is.

    >>> refusal_reason(MeasuredPrecision("bf16", psnr=62.5, worse=0.004, unit="dB", verdict="accurate"))
    >>> refusal_reason(MeasuredPrecision("bf16", psnr=52.0, worse=0.004, unit="dB"))
    'its results would be 52.0 dB from exact ones, and at least 58 are asked for'
    """
    if measured is None:
        return "its accuracy in bf16 was never measured; `repix export RUN` measures it"
    reason = _out_of_limits(measured)
    if reason is None and measured.verdict == "inaccurate":
        return f"its contract says that it is inaccurate in {measured.name}"
    return reason


def with_verdict(measured: MeasuredPrecision) -> MeasuredPrecision:
    """Return a measurement with the verdict that follows from the limits.

    >>> with_verdict(MeasuredPrecision("bf16", agreement=0.9995)).verdict
    'accurate'
    """
    return replace(measured, verdict="accurate" if _out_of_limits(measured) is None else "inaccurate")


def _out_of_limits(measured: MeasuredPrecision) -> str | None:
    near, agreed, lost = measured.psnr, measured.agreement, measured.worse
    if near is None and agreed is None:
        return f"how far its results in {measured.name} are from exact ones was never measured"
    if agreed is not None and agreed < LEAST_AGREEMENT:
        return f"{agreed:.2%} of pixels would keep their class, and at least {LEAST_AGREEMENT:.1%} are asked for"
    if near is not None and near < LEAST_PSNR:
        return f"its results would be {near:.1f} dB from exact ones, and at least {LEAST_PSNR:g} are asked for"
    decibels = measured.unit == "dB"
    most = MOST_LOST_DB if decibels else MOST_LOST
    if lost > most:
        return f"its results would be {lost:.3g}{' dB' if decibels else ''} worse, and at most {most:g} is allowed"
    return None
