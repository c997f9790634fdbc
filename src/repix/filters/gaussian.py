"""Gaussian filter: each pixel becomes an average of its neighbours, weighted by a bell."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.members import library
from repix.parameters import Bounds, checked


@checked
def gaussian(
    picture: Array, sigma: Annotated[float, "standard deviation of the bell, in pixels", Bounds(0, 100)] = 1.0
) -> Array:
    """Average with weights exp(-d² / 2 sigma²), d the distance in pixels; they end at 4 sigma, and sum to 1.

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
