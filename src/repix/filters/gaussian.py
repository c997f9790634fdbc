"""Gaussian filter: a Gaussian-weighted mean of the neighborhood."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.parameters import Bounds, checked
from repix.registry import library


@checked
def gaussian(picture: Array, sigma: Annotated[float, "standard deviation, in pixels", Bounds(0, 100)] = 1.0) -> Array:
    """Blur with a normalized Gaussian that is truncated at 4 `sigma`.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: standard deviation, in pixels.

    Returns:
        The blurred picture.

    >>> import numpy as np
    >>> gaussian(np.array([[0.0, 0.0, 1.0, 0.0, 0.0]]), sigma=0.5).round(3).tolist()
    [[0.0, 0.106, 0.787, 0.106, 0.0]]
    """
    picture = contiguous(picture)
    if sigma == 0:
        return picture.copy()
    cv2 = library("cv2")
    side = 2 * int(4 * sigma + 0.5) + 1
    filtered: Array = cv2.GaussianBlur(picture, (side, side), sigma, borderType=cv2.BORDER_REFLECT)
    return filtered.reshape(picture.shape)


FILTER = Filter(gaussian, denoises=True, linear=True, shifts=True, stays_within=True)
