"""Stratified draws: the random parameters of a few pictures, such as their noise levels, cover their ranges evenly.

Latin hypercube sampling (McKay, Beckman and Conover 1979): of n pictures, each draws from another of the n equal parts
of a range, its stratum. The strata of every further parameter are in another order.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

BELOW_ONE = math.nextafter(1.0, 0.0)
"""The largest number below 1."""


@dataclass(frozen=True)
class Stratum:
    """A picture's place among those that are drawn together."""

    number: int
    """From 0 to count - 1; pictures of one set have different numbers."""
    count: int
    seed: int
    """The seed of the orders; equal for all pictures of the set."""

    def draw(self, parameter: int, within: float) -> float:
        """Return a number in [0, 1), for the first, second ... parameter; `within` is the place in the stratum.

        >>> sorted(int(4 * Stratum(number, 4, seed=0).draw(parameter=2, within=0.5)) for number in range(4))
        [0, 1, 2, 3]
        """
        order = np.random.default_rng((self.seed, parameter)).permutation(self.count)
        return min((int(order[self.number]) + within) / self.count, BELOW_ONE)


class StratifiedGenerator(np.random.Generator):
    """A generator whose single uniform numbers are drawn from the picture's strata; arrays are drawn as usual.

    >>> rng = StratifiedGenerator(np.random.PCG64(5), Stratum(0, 1, seed=0))
    >>> rng.uniform(0, 55) == np.random.Generator(np.random.PCG64(5)).uniform(0, 55)
    True
    """

    def __init__(self, bits: np.random.BitGenerator, stratum: Stratum) -> None:
        super().__init__(bits)
        self._stratum, self._parameters = stratum, 0

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Return a number in [0, 1), or an array."""
        return self._drawn() if size is None and out is None else super().random(size, dtype, out)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Return a number in [low, high), or an array."""
        if size is not None or np.ndim(low) or np.ndim(high):
            return super().uniform(low, high, size)
        return low + (high - low) * self._drawn()

    def integers(
        self, low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False
    ) -> Any:
        """Return a whole number in [low, high), or in [0, low), or an array."""
        if size is not None or np.ndim(low) or np.ndim(high):
            return super().integers(low, high, size, dtype, endpoint)
        first, end = (0, low) if high is None else (low, high)
        return first + int((end + endpoint - first) * self._drawn())

    def _drawn(self) -> float:
        number = self._stratum.draw(self._parameters, super().random())
        self._parameters += 1
        return number
