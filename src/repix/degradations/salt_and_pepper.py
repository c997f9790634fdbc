"""Salt-and-pepper noise (impulse noise)."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def salt_and_pepper(
    picture: Array,
    rng: np.random.Generator,
    density: Annotated[float, "fraction of noisy pixels", Bounds(0, 1)] = 0.05,
    salt: Annotated[float, "fraction of the noisy pixels that become white", Bounds(0, 1)] = 0.5,
) -> Array:
    """Set random pixels to white or black, in all channels at once.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator.
        density: fraction of noisy pixels.
        salt: fraction of the noisy pixels that become white.

    Returns:
        The noisy picture.

    >>> noisy = salt_and_pepper(np.full((100, 100), 0.5), np.random.default_rng(0), density=0.1)
    >>> bool(0.08 < np.mean(noisy != 0.5) < 0.12)
    True
    """
    draw = rng.random(picture.shape[:2])
    noisy = picture.copy()
    noisy[draw < density] = 0
    noisy[draw < density * salt] = 1
    return noisy


DEGRADATION = Degradation(salt_and_pepper, random=True)
