"""Mean filter (box filter)."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import WINDOW, Filter
from repix.filters._layout import contiguous
from repix.parameters import checked
from repix.registry import library


@checked
def mean(picture: Array, size: Annotated[int, "side of the square neighborhood, in pixels", WINDOW] = 3) -> Array:
    """Replace each pixel by the mean of its `size`×`size` neighborhood, channel by channel.

    Args:
        picture: floats in [0, 1], gray or RGB.
        size: side of the square neighborhood, in pixels.

    Returns:
        The filtered picture.

    >>> import numpy as np
    >>> mean(np.array([[0.0, 0.3, 0.9]])).round(3).tolist()
    [[0.1, 0.4, 0.7]]
    """
    picture = contiguous(picture)
    cv2 = library("cv2")
    filtered: Array = cv2.blur(picture, (size, size), borderType=cv2.BORDER_REFLECT)
    return filtered.reshape(picture.shape)


FILTER = Filter(mean, denoises=True, linear=True, shifts=True, stays_within=True)
