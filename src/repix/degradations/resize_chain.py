"""Resize chain: shrinking and enlarging, as by web pages and messengers."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.arithmetic.resampling import Mode, resize_picture
from repix.degradations import Degradation
from repix.parameters import Bounds, checked


@checked
def resize_chain(
    picture: Array,
    factor: Annotated[float, "size after shrinking, as a share of height and width", Bounds(0.02, 1)] = 0.5,
    down: Annotated[Mode, "interpolation when shrinking; with antialiasing, except nearest"] = "bicubic",
    up: Annotated[Mode, "interpolation when enlarging"] = "bicubic",
) -> Array:
    """Shrink the picture and enlarge it to its old size.

    In a chain with ranges, several of these steps with JPEG between them imitate pictures from the web.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        factor: size in between; heights and widths are at least 1 pixel.
        down: interpolation when shrinking.
        up: interpolation when enlarging.

    Returns:
        A picture of the old size.

    >>> import numpy as np
    >>> resize_chain(np.array([[0.0, 1.0, 0.0, 1.0]]), factor=0.5, down="bilinear", up="nearest").round(2).tolist()
    [[0.38, 0.38, 0.62, 0.62]]
    """
    height, width = picture.shape[:2]
    between = (max(1, round(height * factor)), max(1, round(width * factor)))
    small = resize_picture(picture, between, method=down, antialias=down != "nearest")
    return resize_picture(small, (height, width), method=up)


DEGRADATION = Degradation(resize_chain, bounded=False)
