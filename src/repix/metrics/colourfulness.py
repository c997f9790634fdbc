"""Ratio of the colourfulness of result and truth (Hasler and Süsstrunk)."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from repix.arithmetic.arrays import Array
from repix.errors import WrongUse
from repix.metrics import Protocol
from repix.metrics._pair import colour_pictures


@dataclass(frozen=True)
class Colourfulness:
    """Colourfulness of result and truth, summed over several pairs, so that nearly grey truths have little weight."""

    result: float
    truth: float
    pairs: int = 1

    def __add__(self, other: "Colourfulness") -> "Colourfulness":
        return Colourfulness(self.result + other.result, self.truth + other.truth, self.pairs + other.pairs)

    def as_json(self) -> Mapping[str, Any]:
        """Return the fields, of which the class makes the same tally."""
        return asdict(self)

    @property
    def value(self) -> float:
        """The ratio."""
        return self.result / self.truth

    @property
    def parts(self) -> Mapping[str, float]:
        """The colourfulness of result and truth, averaged over the pairs."""
        return {"result": self.result / self.pairs, "truth": self.truth / self.pairs}


def colourfulness(result: Array, truth: Array) -> float:
    """Return the colourfulness of the result divided by that of the truth; below 1, the result is less saturated.

    Args:
        result: floats in [0, 1], H×W×3.
        truth: floats in [0, 1], H×W×3.

    Raises:
        WrongUse: the truth has no colour.

    >>> import numpy as np
    >>> truth = np.zeros((1, 2, 3))
    >>> truth[0, 0, 0] = 1.0
    >>> round(colourfulness(truth / 2, truth), 4)
    0.5
    """
    return count(result, truth).value


def count(result: Array, truth: Array) -> Colourfulness:
    """Return the tally of a pair."""
    first, second = colour_pictures(result, truth)
    both = Colourfulness(_of(first), _of(second))
    if both.truth == 0:
        raise WrongUse("the truth has no colour, so the ratio of colourfulness is undefined.")
    return both


def _of(picture: Array) -> float:
    """Return √(σ²rg + σ²yb) + 0.3·√(μ²rg + μ²yb) in gray levels (8-bit), with rg = R−G and yb = (R+G)/2 − B."""
    red, green, blue = (255 * picture[:, :, c] for c in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    return float(math.hypot(rg.std(), yb.std()) + 0.3 * math.hypot(rg.mean(), yb.mean()))


PROTOCOL = Protocol(colourfulness, better="nearer to 1", tally=count, read_tally=Colourfulness)
