"""Richardson-Lucy deconvolution of a known blur."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import column_and_row
from repix.filters import Filter
from repix.filters._blur_spec import BLUR_HELP, parse_blur
from repix.filters._layout import contiguous
from repix.parameters import Bounds, checked
from repix.registry import library

DARKEST = 1e-6
"""Lower bound of all values; the iteration needs positive values."""


@checked
def richardson_lucy(
    picture: Array,
    blur: Annotated[str, BLUR_HELP] = "gaussian 1.6",
    steps: Annotated[int, "number of iterations; more: sharper and noisier", Bounds(1, 1000)] = 10,
) -> Array:
    """Deconvolve a known blur by iterating towards the maximum likelihood under Poisson noise.

    Args:
        picture: floats in [0, 1], gray or RGB; values below 0 count as black.
        blur: the blur kernel, such as "motion 15 30".
        steps: number of iterations.

    Returns:
        The sharpened picture.

    Raises:
        WrongUse: the blur is invalid.

    >>> import numpy as np
    >>> edge = np.array([[0.0, 0.0, 0.0, 0.1, 0.3, 0.7, 0.9, 1.0, 1.0, 1.0]] * 10)
    >>> richardson_lucy(edge, blur="gaussian 1", steps=20)[5].round(1).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.1, 0.8, 1.0, 1.0, 1.0, 1.0]
    """
    picture = contiguous(picture)
    kernel = parse_blur(blur)
    margins = (*((side // 2, side // 2) for side in kernel.shape), *((0, 0),) * (picture.ndim - 2))
    observed = np.maximum(np.pad(picture, margins, mode="symmetric"), picture.dtype.type(DARKEST))
    sharp = observed
    for _ in range(steps):
        ratio = observed / np.maximum(_correlate(sharp, kernel), picture.dtype.type(DARKEST))
        sharp = sharp * _correlate(ratio, kernel[::-1, ::-1])
    inner = tuple(slice(before, before + n) for (before, _), n in zip(margins, picture.shape, strict=True))
    sharpened: Array = sharp[inner]
    return sharpened


def _correlate(picture: Array, kernel: Array) -> Array:
    """Return the correlation of a picture with a kernel, by OpenCV."""
    cv2 = library("cv2")
    factors = column_and_row(kernel)
    if factors is None:
        correlated: Array = cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT)
    else:
        correlated = cv2.sepFilter2D(picture, -1, factors[1], factors[0], borderType=cv2.BORDER_REFLECT)
    return correlated.reshape(picture.shape)


FILTER = Filter(richardson_lucy)
