"""Additive white Gaussian noise."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def gaussian(
    picture: Array,
    rng: np.random.Generator,
    sigma: Annotated[float, "standard deviation, in gray levels (8-bit)", Bounds(0, 10000)] = 25.0,
) -> Array:
    """Add white Gaussian noise, independent in every channel.

    The result is not clipped. Files of 8 or 16 bits clip it; a float file (--depth float) does not.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator.
        sigma: standard deviation, in gray levels (8-bit).

    Returns:
        The noisy picture.

    >>> noisy = gaussian(np.full((100, 100), 0.5), np.random.default_rng(0), sigma=25)
    >>> round(float(255 * noisy.std()))
    25
    """
    noise = rng.standard_normal(picture.shape)
    return (picture + noise * (sigma / 255)).astype(picture.dtype)


DEGRADATION = Degradation(gaussian, random=True, bounded=False)
