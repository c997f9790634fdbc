"""Random-valued impulse noise."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def random_valued(
    picture: Array,
    rng: np.random.Generator,
    density: Annotated[float, "fraction of noisy pixels", Bounds(0, 1)] = 0.05,
) -> Array:
    """Replace random pixels by random colors: each channel is uniform in [0, 1].

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator.
        density: fraction of noisy pixels.

    Returns:
        The noisy picture.

    >>> noisy = random_valued(np.full((100, 100), 0.5), np.random.default_rng(0), density=0.1)
    >>> bool(0.08 < np.mean(noisy != 0.5) < 0.12)
    True
    """
    hit = rng.random(picture.shape[:2]) < density
    values = rng.random(picture.shape).astype(picture.dtype)
    noisy = picture.copy()
    noisy[hit] = values[hit]
    return noisy


DEGRADATION = Degradation(random_valued, random=True)
