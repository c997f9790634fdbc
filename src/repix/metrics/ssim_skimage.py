"""SSIM with scikit-image's defaults: uniform 7×7 windows, sample covariance, mean over channels."""

import numpy as np

from repix.arithmetic.arrays import Array
from repix.metrics import Metric
from repix.metrics._pair import pictures
from repix.metrics._ssim import similarity


def ssim_skimage(result: Array, truth: Array) -> float:
    """Return the mean SSIM of float values with white = 1, averaged over the channels.

    Args:
        result: floats in [0, 1], gray or RGB.
        truth: floats in [0, 1], gray or RGB.

    >>> import numpy as np
    >>> round(ssim_skimage(np.full((16, 16), 0.4), np.full((16, 16), 0.5)), 4)
    0.9756
    """
    first, second = pictures(result, truth)
    window, pixels = np.full(7, 1 / 7), 49
    channels = [
        similarity(first[:, :, c], second[:, :, c], window, 1, correction=pixels / (pixels - 1)).whole
        for c in range(first.shape[2])
    ]
    return float(np.mean(channels))


METRIC = Metric(ssim_skimage)
