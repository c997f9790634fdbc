"""Ratio of the colorfulness of result and truth (Hasler and Süsstrunk)."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.metrics import Metric
from repix.metrics._pair import color_pictures


@dataclass(frozen=True)
class Colorfulness:
    """Colorfulness of result and truth, summed over several pairs, so that nearly gray truths have little weight."""

    result: float
    truth: float
    pairs: int = 1

    def __add__(self, other: "Colorfulness") -> "Colorfulness":
        return Colorfulness(self.result + other.result, self.truth + other.truth, self.pairs + other.pairs)

    def as_json(self) -> Mapping[str, Any]:
        """Return the fields, of which the class makes the same tally."""
        return asdict(self)

    @property
    def value(self) -> float:
        """The ratio."""
        return self.result / self.truth

    @property
    def parts(self) -> Mapping[str, float]:
        """The colorfulness of result and truth, averaged over the pairs."""
        return {"result": self.result / self.pairs, "truth": self.truth / self.pairs}


def colorfulness(result: Array, truth: Array) -> float:
    """Return the colorfulness of the result divided by that of the truth; below 1, the result is less saturated.

    Args:
        result: floats in [0, 1], H×W×3.
        truth: floats in [0, 1], H×W×3.

    Raises:
        WrongUse: the truth has no color.

    >>> import numpy as np
    >>> truth = np.zeros((1, 2, 3))
    >>> truth[0, 0, 0] = 1.0
    >>> round(colorfulness(truth / 2, truth), 4)
    0.5
    """
    return count(result, truth).value


def count(result: Array, truth: Array) -> Colorfulness:
    """Return the tally of a pair."""
    first, second = color_pictures(result, truth)
    both = Colorfulness(_of(first), _of(second))
    if both.truth == 0:
        raise WrongUse("the truth has no color, so the ratio of colorfulness is undefined.")
    return both


def _of(picture: Array) -> float:
    """Return √(σ²rg + σ²yb) + 0.3·√(μ²rg + μ²yb) in gray levels (8-bit), with rg = R−G and yb = (R+G)/2 − B."""
    red, green, blue = (255 * picture[:, :, c] for c in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    return float(math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean()))


METRIC = Metric(colorfulness, better="nearer to 1", tally=count, read_tally=Colorfulness)
