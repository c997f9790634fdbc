"""Lanczos interpolation (windowed sinc, 6×6 pixels)."""

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._scale import Scale
from repix.parameters import checked


@checked
def lanczos(picture: Array, scale: Scale = 2.0) -> Array:
    """Upsample by Lanczos interpolation of 6×6 pixels, with half-pixel centers and replicated borders.

    Args:
        picture: floats in [0, 1], gray or RGB.
        scale: upsampling factor.

    Returns:
        The larger picture.

    >>> import numpy as np
    >>> lanczos(np.array([[1.0, 5.0], [4.0, 8.0]]))[0].round(3).tolist()
    [0.278, 1.532, 3.849, 5.103]
    """
    return resize_picture(contiguous(picture), scale=scale, method="lanczos")


FILTER = Filter(lanczos, scales=True, linear=True)
