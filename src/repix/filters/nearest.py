"""Nearest-neighbor interpolation."""

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._scale import Scale
from repix.parameters import checked


@checked
def nearest(picture: Array, scale: Scale = 2.0) -> Array:
    """Upsample by nearest-neighbor interpolation, with half-pixel centers.

    Args:
        picture: floats in [0, 1], gray or RGB.
        scale: upsampling factor.

    Returns:
        The larger picture.

    >>> import numpy as np
    >>> nearest(np.array([[1.0, 5.0], [4.0, 8.0]]))[0].tolist()
    [1.0, 1.0, 5.0, 5.0]
    """
    return resize_picture(contiguous(picture), scale=scale, method="nearest")


FILTER = Filter(nearest, scales=True, linear=True, stays_within=True)
