"""Median filter: each pixel becomes the middle value of its neighbourhood."""

from typing import Annotated

from repix.arithmetic.arrays import Array
from repix.filters import Filter
from repix.members import library


def median(picture: Array, size: Annotated[int, "side of the square neighbourhood, in pixels, odd"] = 3) -> Array:
    """Each pixel becomes the median of the `size`×`size` pixels around it, channel by channel."""
    ndimage = library("scipy.ndimage")
    window = (size, size, 1)[: picture.ndim]
    filtered: Array = ndimage.median_filter(picture, size=window, mode="mirror")
    return filtered


FILTER = Filter(median)
