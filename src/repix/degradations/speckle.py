"""Speckle noise: values are multiplied by random numbers near 1."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def speckle(
    picture: Array,
    rng: np.random.Generator,
    sigma: Annotated[float, "standard deviation of the factor", Bounds(0, 100)] = 0.2,
) -> Array:
    """Multiply every value by a normal number of mean 1, so that black stays black.

    The result is not clipped; a file of 8 or 16 bits clips it, a float file (--depth float) keeps it.

    >>> spoiled = speckle(np.full((100, 100), 0.5), np.random.default_rng(0), sigma=0.2)
    >>> round(float(spoiled.std()), 2)
    0.1
    """
    noise = rng.standard_normal(picture.shape)
    return (picture + picture * noise * sigma).astype(picture.dtype)


DEGRADATION = Degradation(speckle, random=True, bounded=False)
