"""Fill segmented regions with their mean color."""

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array


def paint_regions(picture: Array, labels: NDArray[np.integer]) -> Array:
    """Return the picture with each pixel replaced by the mean color of its region.

    Args:
        picture: H×W or H×W×C.
        labels: one integer label from 0 per pixel.


    >>> paint_regions(np.array([[0.0, 1.0, 0.5]]), np.array([0, 0, 1])).tolist()
    [[0.5, 0.5, 0.5]]
    """
    flat = labels.reshape(-1)
    counts = np.maximum(np.bincount(flat), 1)
    channels = picture.reshape(flat.size, -1).T  # C×N
    means = np.empty((counts.size, len(channels)), picture.dtype)
    for index, channel in enumerate(channels):
        means[:, index] = np.bincount(flat, weights=channel) / counts
    result: Array = means[flat].reshape(picture.shape)
    return result
