"""Adaptive median filter: a median where a pixel is an extreme of its neighborhood; all other pixels are kept.

H. Hwang and R. A. Haddad, "Adaptive median filters: new algorithms and results", IEEE Transactions on Image Processing,
1995; the filter for impulses (RAMF).
"""

from typing import Annotated

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.filters import WINDOW, Filter
from repix.filters._layout import contiguous
from repix.parameters import checked
from repix.registry import library

Indices = NDArray[np.intp]
PART = 2**16
"""Neighborhoods that are sorted at a time, so that memory is bounded."""


@checked
def adaptive_median(
    picture: Array, largest: Annotated[int, "side of the largest square neighborhood, in pixels", WINDOW] = 7
) -> Array:
    """Replace pixels that are the minimum or maximum of their neighborhood by its median, channel by channel.

    The neighborhood of a pixel grows from 3×3 until its median is neither its minimum nor its maximum, so that the
    median is no impulse; in the largest one, any median is used. Salt and pepper are always extremes of their
    neighborhood. Random-valued impulses often are not, and many clean pixels are.

    Args:
        picture: floats in [0, 1], gray or RGB.
        largest: side of the largest square neighborhood, in pixels.

    Returns:
        The filtered picture.

    >>> adaptive_median(np.array([[0.1, 0.2, 1.0, 0.3, 0.4]])).round(2).tolist()
    [[0.2, 0.2, 0.3, 0.4, 0.4]]
    """
    picture = contiguous(picture)
    images = library("scipy.ndimage")
    result, undecided = picture.copy(), np.ones(picture.shape, bool)
    for size in range(min(3, largest), largest + 1, 2):
        window = (size, size, 1)[: picture.ndim]
        low, high = (find(picture, window, mode="reflect") for find in (images.minimum_filter, images.maximum_filter))
        places = np.nonzero(undecided & (low < high))  # elsewhere, the median is the pixel
        middle, own = _medians(picture, places, size), picture[places]
        decided = (low[places] < middle) & (middle < high[places]) | (size == largest)
        replaced = decided & ((own == low[places]) | (own == high[places]))
        result[places] = np.where(replaced, middle, own)
        undecided[places] = ~decided
    return result


def _medians(picture: Array, places: tuple[Indices, ...], size: int) -> Array:
    """Return the medians of the neighborhoods of some places, a part at a time: N."""
    margin = [(size // 2, size // 2)] * 2 + [(0, 0)] * (picture.ndim - 2)
    windows = sliding_window_view(np.pad(picture, margin, mode="symmetric"), (size, size), axis=(0, 1))
    found = np.empty(len(places[0]), picture.dtype)
    for start in range(0, len(found), PART):
        part = slice(start, start + PART)
        values = windows[tuple(axis[part] for axis in places)].reshape(-1, size * size)
        found[part] = np.partition(values, size * size // 2, axis=1)[:, size * size // 2]
    return found


FILTER = Filter(adaptive_median, shifts=True, stays_within=True)
