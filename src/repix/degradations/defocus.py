"""Defocus blur: convolution with a disc."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, disc_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def defocus(
    picture: Array,
    radius: Annotated[float, "radius of the disc, in pixels", Bounds(above=0, high=500)] = 3.0,
    border: Annotated[Border, "padding beyond the border"] = "mirror",
) -> Array:
    """Blur with an antialiased disc: each kernel weight is the area of its pixel inside the circle.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        radius: radius of the disc, in pixels.
        border: padding beyond the border.

    Returns:
        The blurred picture.

    >>> import numpy as np
    >>> defocus(np.array([[0.0, 1.0, 0.0]]), radius=0.5).round(3).tolist()
    [[0.0, 1.0, 0.0]]
    """
    return blur(picture, disc_kernel(radius), border)


DEGRADATION = Degradation(defocus)
