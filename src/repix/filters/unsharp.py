"""Unsharp masking: sharpen by adding the difference to a blurred copy."""

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
    sigma: Annotated[float, "standard deviation of the Gaussian blur, in pixels", Bounds(0, 100)] = 1.5,
    amount: Annotated[float, "amount of sharpening", Bounds(0, 100)] = 1.0,
    threshold: Annotated[float, "smallest difference to sharpen, in gray levels (8-bit)", Bounds(0, 255)] = 0.0,
) -> Array:
    """Return picture + `amount` · (picture - blurred), where that difference is at least `threshold`.

    Args:
        picture: floats in [0, 1], gray or RGB.
        sigma: standard deviation of the Gaussian blur, in pixels.
        amount: amount of sharpening.
        threshold: smallest difference to sharpen, in gray levels (8-bit).

    Returns:
        The sharpened picture, not clipped.

    >>> import numpy as np
    >>> unsharp(np.array([[0.2, 0.2, 0.2, 0.8, 0.8, 0.8]]), sigma=0.5).round(2).tolist()
    [[0.2, 0.2, 0.14, 0.86, 0.8, 0.8]]
    """
    picture = contiguous(picture)
    detail = picture - gaussian(picture, sigma)
    sharpened: Array = picture + amount * np.where(np.abs(detail) * 255 >= threshold, detail, 0)
    return sharpened


FILTER = Filter(unsharp, linear=True, shifts=True)
