"""Linear motion blur, as by a moving camera."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, motion_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def motion_blur(
    picture: Array,
    length: Annotated[float, "length of the motion, in pixels", Bounds(1, 999)] = 9.0,
    angle: Annotated[float, "direction of the motion, in degrees counter-clockwise from the right"] = 0.0,
    border: Annotated[Border, "padding beyond the border"] = "mirror",
) -> Array:
    """Blur along a straight line, as a moving camera does.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        length: length of the line, in pixels.
        angle: direction of the line, in degrees counter-clockwise from the right.
        border: padding beyond the border.

    Returns:
        The blurred picture.

    >>> import numpy as np
    >>> motion_blur(np.array([[0.0, 0.0, 0.9, 0.0, 0.0]]), length=3).round(3).tolist()
    [[0.0, 0.3, 0.3, 0.3, 0.0]]
    """
    return blur(picture, motion_kernel(length, angle), border)


DEGRADATION = Degradation(motion_blur)
