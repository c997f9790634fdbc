"""Bicubic interpolation: enlarges a picture, mixing the 4×4 nearest pixels."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.resizing import resize_picture
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._scale import Scale
from repix.parameters import Bounds, checked


@checked
def bicubic(
    picture: Array,
    scale: Scale = 2.0,
    a: Annotated[float, "slope of the kernel, -0.5 as MATLAB, -0.75 as torch and OpenCV", Bounds(-2, 0)] = -0.5,
) -> Array:
    """Enlarge: every new pixel is a mixture of the 4×4 old ones around it; pixels are areas, borders replicated.

    >>> import numpy as np
    >>> bicubic(np.array([[1.0, 5.0], [4.0, 8.0]]))[0].round(3).tolist()
    [0.508, 1.602, 3.977, 5.07]
    """
    return resize_picture(contiguous(picture), scale=scale, method="bicubic", a=a)


FILTER = Filter(bicubic, scales=True, linear=True)
