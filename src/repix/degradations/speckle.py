"""Speckle noise (multiplicative Gaussian noise)."""

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
    """Multiply every value by a Gaussian random factor of mean 1.

    The result is not clipped. Files of 8 or 16 bits clip it; a float file (--depth float) does not.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator.
        sigma: standard deviation of the factor.

    Returns:
        The noisy picture.

    >>> noisy = speckle(np.full((100, 100), 0.5), np.random.default_rng(0), sigma=0.2)
    >>> round(float(noisy.std()), 2)
    0.1
    """
    noise = rng.standard_normal(picture.shape)
    return (picture + picture * noise * sigma).astype(picture.dtype)


DEGRADATION = Degradation(speckle, random=True, bounded=False)
