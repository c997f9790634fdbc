"""Bilinear interpolation (2×2 pixels)."""

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._scale import Scale
from repix.parameters import checked


@checked
def bilinear(picture: Array, scale: Scale = 2.0) -> Array:
    """Upsample by bilinear interpolation, with half-pixel centers and replicated borders.

    Args:
        picture: floats in [0, 1], gray or RGB.
        scale: upsampling factor.

    Returns:
        The larger picture.

    >>> import numpy as np
    >>> bilinear(np.array([[1.0, 5.0], [4.0, 8.0]]))[0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    return resize_picture(contiguous(picture), scale=scale, method="bilinear")


FILTER = Filter(bilinear, scales=True, linear=True, stays_within=True)
