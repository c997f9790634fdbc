"""A blur in words, for the filters that undo one that is known."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.blur import disc_kernel, gaussian_kernel, mean_kernel, motion_kernel
from repix.errors import WrongUse

KINDS = "gaussian SIGMA, motion LENGTH ANGLE, disc RADIUS, mean SIZE"
WORDS = f"the blur: {KINDS} (pixels, degrees)"
"""How a blur is said: a word, and numbers behind it."""

LARGEST = 999.0

KERNELS: dict[str, tuple[int, Callable[..., NDArray[np.float64]]]] = {
    "gaussian": (1, gaussian_kernel),
    "motion": (2, motion_kernel),
    "disc": (1, disc_kernel),
    "mean": (1, lambda size: mean_kernel(_whole(size))),
}
"""For each kind of blur how many numbers follow, and what makes its kernel of them."""


def parse_blur(blur: str) -> NDArray[np.float64]:
    """The kernel of a blur in words.

    >>> parse_blur("motion 3 0").round(3).tolist()
    [[0.333, 0.333, 0.333]]
    >>> parse_blur("gauss 3")
    Traceback (most recent call last):
    repix.errors.WrongUse: Blur 'gauss 3' is none of gaussian SIGMA, motion LENGTH ANGLE, disc RADIUS, mean SIZE.
    """
    kind, *words = blur.split() or [""]
    count, make = KERNELS.get(kind, (-1, mean_kernel))
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise WrongUse(f"Blur '{blur}' is none of {KINDS}.")
    if not all(abs(number) <= LARGEST for number in numbers):
        raise WrongUse(f"Blur '{blur}' has a number beyond {LARGEST:.0f}; say it in pixels and degrees.")
    return make(*numbers)


def _whole(size: float) -> int:
    if size != int(size):
        raise WrongUse(f"The mean's size is {size}; it must be a whole, odd number.")
    return int(size)
