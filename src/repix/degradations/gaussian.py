"""Gaussian noise: an independent normal number is added to every value."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation


def gaussian(
    picture: Array, rng: np.random.Generator, sigma: Annotated[float, "standard deviation, in levels of 255"] = 25.0
) -> Array:
    """Add white Gaussian noise of `sigma`/255; the result is not clipped."""
    noise = rng.standard_normal(picture.shape) * (sigma / 255)
    return (picture + noise).astype(picture.dtype)


DEGRADATION = Degradation(gaussian, random=True)
