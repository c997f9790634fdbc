"""Bicubic interpolation (4×4 pixels)."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import resize_picture
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._scale import Scale
from repix.parameters import Bounds, checked


@checked
def bicubic(
    picture: Array,
    scale: Scale = 2.0,
    a: Annotated[float, "kernel parameter: -0.5 as in MATLAB, -0.75 as in torch and OpenCV", Bounds(-2, 0)] = -0.5,
) -> Array:
    """Upsample by bicubic interpolation of 4×4 pixels, with half-pixel centers and replicated borders.

    Args:
        picture: floats in [0, 1], gray or RGB.
        scale: upsampling factor.
        a: parameter of the cubic kernel.

    Returns:
        The larger picture.

    >>> import numpy as np
    >>> bicubic(np.array([[1.0, 5.0], [4.0, 8.0]]))[0].round(3).tolist()
    [0.508, 1.602, 3.977, 5.07]
    """
    return resize_picture(contiguous(picture), scale=scale, method="bicubic", a=a)


FILTER = Filter(bicubic, scales=True, linear=True)
