"""Poisson noise: values are counts of photons, as in dim light."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.errors import WrongUse
from repix.parameters import Bounds, checked

MOST_PHOTONS = 1e18
"""Numpy draws whole numbers of 64 bits."""


@checked
def poisson(
    picture: Array,
    rng: np.random.Generator,
    photons: Annotated[float, "photons that a white pixel receives on average", Bounds(above=0, high=10**9)] = 100.0,
) -> Array:
    """Count photons: fewer photons, more noise, and more of it where it is bright.

    Values below 0 count as black. The result is not clipped at white; a float file (--depth float) keeps it so.

    >>> counted = poisson(np.full((100, 100), 0.5), np.random.default_rng(0), photons=100)
    >>> round(float(100 * counted.mean()), 1), round(float(100**2 * counted.var()), 1)
    (50.0, 50.0)
    """
    expected = np.maximum(picture.astype(np.float64), 0) * photons
    if expected.max() > MOST_PHOTONS:
        raise WrongUse(f"picture and photons make {expected.max():g} photons; at most {MOST_PHOTONS:g} can be drawn.")
    return (rng.poisson(expected) / photons).astype(picture.dtype)


DEGRADATION = Degradation(poisson, random=True, bounded=False)
