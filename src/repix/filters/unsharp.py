"""Unsharp mask: adds to a picture what blurring would take from it."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters.gaussian import gaussian
from repix.parameters import Bounds, checked


@checked
def unsharp(
    picture: Array,
    sigma: Annotated[float, "standard deviation of the blur, in pixels", Bounds(0, 100)] = 1.5,
    amount: Annotated[float, "how much of what the blur takes is added", Bounds(0, 100)] = 1.0,
    threshold: Annotated[float, "differences of fewer levels of 255 are left alone, as noise", Bounds(0, 255)] = 0.0,
) -> Array:
    """Picture + `amount` · (picture - its Gaussian blur), where that difference is at least `threshold`.

    >>> import numpy as np
    >>> unsharp(np.array([[0.2, 0.2, 0.2, 0.8, 0.8, 0.8]]), sigma=0.5).round(2).tolist()
    [[0.2, 0.2, 0.14, 0.86, 0.8, 0.8]]
    """
    picture = contiguous(picture)
    detail = picture - gaussian(picture, sigma)
    sharpened: Array = picture + amount * np.where(np.abs(detail) * 255 >= threshold, detail, 0)
    return sharpened


FILTER = Filter(unsharp, linear=True, shifts=True)
