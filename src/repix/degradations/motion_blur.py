"""Motion blur: the light of each point spreads along a line."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, motion_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def motion_blur(
    picture: Array,
    length: Annotated[float, "length of the movement, in pixels", Bounds(1, 999)] = 9.0,
    angle: Annotated[float, "its direction, in degrees counter-clockwise from the right"] = 0.0,
    border: Annotated[Border, "what lies beyond the edge"] = "mirror",
) -> Array:
    """Blur along a straight line, as when the camera moved while its shutter was open.

    >>> import numpy as np
    >>> motion_blur(np.array([[0.0, 0.0, 0.9, 0.0, 0.0]]), length=3).round(3).tolist()
    [[0.0, 0.3, 0.3, 0.3, 0.0]]
    """
    return blur(picture, motion_kernel(length, angle), border)


DEGRADATION = Degradation(motion_blur)
