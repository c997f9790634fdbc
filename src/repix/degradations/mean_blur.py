"""Mean blur (box filter)."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, blur, mean_kernel
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def mean_blur(
    picture: Array,
    size: Annotated[int, "side of the square kernel, in pixels", Bounds(1, 999, odd=True)] = 5,
    border: Annotated[Border, "padding beyond the border"] = "mirror",
) -> Array:
    """Blur with a square kernel of equal weights.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        size: side of the kernel, in pixels.
        border: padding beyond the border.

    Returns:
        The blurred picture.

    >>> import numpy as np
    >>> mean_blur(np.array([[0.0, 0.9, 0.0]]), size=3).round(3).tolist()
    [[0.6, 0.3, 0.6]]
    """
    return blur(picture, mean_kernel(size), border)


DEGRADATION = Degradation(mean_blur)
