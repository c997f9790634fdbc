"""Poisson noise (photon shot noise)."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.errors import WrongUse
from repix.parameters import Bounds, checked

MOST_PHOTONS = 1e18
"""Largest expected count; NumPy draws 64-bit integers."""


@checked
def poisson(
    picture: Array,
    rng: np.random.Generator,
    photons: Annotated[
        float, "mean number of photons of a white pixel; fewer: noisier", Bounds(above=0, high=10**9)
    ] = 100.0,
) -> Array:
    """Replace each value by a Poisson-distributed photon count, divided by the count of white.

    Values below 0 count as black. The result is not clipped at white; a float file (--depth float) keeps such values.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator.
        photons: mean number of photons of a white pixel.

    Returns:
        The noisy picture.

    Raises:
        WrongUse: the expected counts are too large.

    >>> counted = poisson(np.full((100, 100), 0.5), np.random.default_rng(0), photons=100)
    >>> round(float(100 * counted.mean()), 1), round(float(100**2 * counted.var()), 1)
    (50.0, 50.0)
    """
    expected = np.maximum(picture.astype(np.float64), 0) * photons
    if expected.max() > MOST_PHOTONS:
        raise WrongUse(f"picture × photons is {expected.max():g}; it must be at most {MOST_PHOTONS:g}.")
    return (rng.poisson(expected) / photons).astype(picture.dtype)


DEGRADATION = Degradation(poisson, random=True, bounded=False)
