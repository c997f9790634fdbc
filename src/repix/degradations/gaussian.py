"""Gaussian noise: a normal number is added to every value."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def gaussian(
    picture: Array,
    rng: np.random.Generator,
    sigma: Annotated[float, "standard deviation, in levels of 255", Bounds(0, 10000)] = 25.0,
) -> Array:
    """Add white Gaussian noise, to every channel on its own.

    The result is not clipped; a file of 8 or 16 bits clips it, a float file (--depth float) keeps it.

    >>> noisy = gaussian(np.full((100, 100), 0.5), np.random.default_rng(0), sigma=25)
    >>> round(float(255 * noisy.std()))
    25
    """
    noise = rng.standard_normal(picture.shape)
    return (picture + noise * (sigma / 255)).astype(picture.dtype)


DEGRADATION = Degradation(gaussian, random=True, bounded=False)
