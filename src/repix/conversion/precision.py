"""Precision: `exact` is float32; `fast` is bf16, half as many bits, where the processor and the model bear it.

A model bears it where somebody has looked, and the contract's part `fast` says that its results stay within these
limits on every picture that was looked at, and are hardly worse against the truth. Export looks.
"""

from typing import Literal

from repix.conversion.contract import Json

Precision = Literal["exact", "fast"]
PRECISIONS = ("auto", "exact", "fast")
"""What can be asked for; `auto` is fast where the model bears it and the processor can, else exact."""

LEAST_PSNR = 58.0
"""Decibels between fast and exact results that are pictures: on average a third of a level of 255."""
LEAST_AGREEMENT = 0.999
"""The share of pixels that get the same class, where results are classes."""
MOST_LOST_DB, MOST_LOST = 0.05, 0.001
"""How much worse fast results may be against the truth, by the protocol that decides: in decibels, or as a share."""


def objection(fast: Json) -> str | None:
    """Why a model whose contract says this is not run with bf16, as half a sentence; None where it may be.

    >>> objection({"psnr": 62.5, "worse": 0.004, "unit": "dB"})
    >>> objection({"psnr": 52.0, "worse": 0.004, "unit": "dB"})
    'its results would be 52.0 dB from exact ones, and at least 58 are asked for'
    """
    if not fast:
        return "nobody has measured what that does to its results; `repix export RUN` measures it"
    near, agreed, lost = (_number(fast, name) for name in ("psnr", "agreement", "worse"))
    decibels = fast.get("unit") == "dB"
    if "agreement" in fast:
        if not agreed >= LEAST_AGREEMENT:
            return f"{agreed:.2%} of pixels would keep their class, and at least {LEAST_AGREEMENT:.1%} are asked for"
    elif not near >= LEAST_PSNR:
        return f"its results would be {near:.1f} dB from exact ones, and at least {LEAST_PSNR:g} are asked for"
    most = MOST_LOST_DB if decibels else MOST_LOST
    if not lost <= most:
        return f"its results would be {lost:.3g}{' dB' if decibels else ''} worse, and at most {most:g} is allowed"
    return None


def _number(fast: Json, name: str) -> float:
    """Not a number where there is none, which keeps no limit."""
    value = fast.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
