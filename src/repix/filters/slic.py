"""SLIC superpixels, filled with their mean color."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.filters import Filter
from repix.filters._layout import contiguous
from repix.filters._regions import paint_regions
from repix.parameters import Bounds, checked
from repix.registry import library


@checked
def slic(
    picture: Array,
    count: Annotated[int, "approximate number of superpixels", Bounds(1, 1_000_000)] = 400,
    compactness: Annotated[
        float, "weight of position against color; higher: more compact superpixels", Bounds(0.01, 1000)
    ] = 10.0,
) -> Array:
    """Replace each pixel by the mean color of its SLIC superpixel (k-means on position and Lab color).

    Args:
        picture: floats in [0, 1], gray or RGB.
        count: approximate number of superpixels.
        compactness: weight of position against color.

    Returns:
        The segmented picture.

    >>> slic(np.array([[0.0, 0.1, 0.8, 0.9]]), count=2).round(2).tolist()
    [[0.05, 0.05, 0.85, 0.85]]
    """
    picture = contiguous(picture)
    height, width = picture.shape[:2]
    colors = np.broadcast_to(picture.reshape(height, width, -1), (height, width, 3))  # gray as RGB, for Lab
    labels = library("skimage.segmentation").slic(colors, count, compactness, start_label=0, channel_axis=-1)
    return paint_regions(picture, labels)


FILTER = Filter(slic, stays_within=True)
