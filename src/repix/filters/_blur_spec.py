"""Text specifications of blur kernels, for the deconvolution filters."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.blur import disc_kernel, gaussian_kernel, mean_kernel, motion_kernel
from repix.errors import WrongUse

KINDS = "gaussian SIGMA, motion LENGTH ANGLE, disc RADIUS, mean SIZE"
BLUR_HELP = f"blur kernel: {KINDS} (pixels, degrees)"
"""Help text of the parameter `blur`."""

LARGEST = 999.0

KERNELS: dict[str, tuple[int, Callable[..., NDArray[np.float64]]]] = {
    "gaussian": (1, gaussian_kernel),
    "motion": (2, motion_kernel),
    "disc": (1, disc_kernel),
    "mean": (1, lambda size: mean_kernel(_whole(size))),
}
"""For each kind of blur: the number of its parameters, and the function that builds its kernel."""


def parse_blur(blur: str) -> NDArray[np.float64]:
    """Return the kernel of a blur specification.

    Args:
        blur: a kind and its parameters, such as "motion 15 30".

    Raises:
        WrongUse: the specification is invalid.

    >>> parse_blur("motion 3 0").round(3).tolist()
    [[0.333, 0.333, 0.333]]
    >>> parse_blur("gauss 3")
    Traceback (most recent call last):
    repix.errors.WrongUse: blur is 'gauss 3'; it must be one of gaussian SIGMA, motion LENGTH ANGLE, disc RADIUS, ...
    """
    kind, *words = blur.split() or [""]
    count, make = KERNELS.get(kind, (-1, mean_kernel))
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise WrongUse(f"blur is '{blur}'; it must be one of {KINDS}.")
    if not all(abs(number) <= LARGEST for number in numbers):
        raise WrongUse(f"blur is '{blur}'; its numbers (pixels or degrees) must be at most {LARGEST:.0f}.")
    return make(*numbers)


def _whole(size: float) -> int:
    if size != int(size):
        raise WrongUse(f"The size of the mean blur is {size}; it must be an odd whole number.")
    return int(size)
