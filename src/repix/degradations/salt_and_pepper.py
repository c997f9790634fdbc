"""Salt and pepper: some pixels become white, others black."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def salt_and_pepper(
    picture: Array,
    rng: np.random.Generator,
    rate: Annotated[float, "share of pixels that are hit", Bounds(0, 1)] = 0.05,
    salt: Annotated[float, "share of the hit pixels that become white", Bounds(0, 1)] = 0.5,
) -> Array:
    """Make some pixels white and others black, in all their channels at once.

    >>> spoiled = salt_and_pepper(np.full((100, 100), 0.5), np.random.default_rng(0), rate=0.1)
    >>> bool(0.08 < np.mean(spoiled != 0.5) < 0.12)
    True
    """
    draw = rng.random(picture.shape[:2])
    spoiled = picture.copy()
    spoiled[draw < rate] = 0
    spoiled[draw < rate * salt] = 1
    return spoiled


DEGRADATION = Degradation(salt_and_pepper, random=True)
