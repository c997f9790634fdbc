"""Structural similarity (Wang and others, 2004), which the SSIM protocols share."""

from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape

K1, K2 = 0.01, 0.03
"""The constants of the paper: they keep the quotients steady where a window is dark or flat."""

ROWS = 32
"""How many rows of windows are worked on at a time; a few tens keep them in the processor's cache."""


@dataclass(frozen=True)
class Similarity:
    """The means over all windows of SSIM, and of its part that leaves lightness out."""

    whole: float
    contrast: float


def gaussian_window() -> Array:
    """The paper's window along one axis: 11 weights of a Gaussian of σ 1.5, with sum 1."""
    weights: Array = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    weights /= weights.sum()
    return weights


def similarity(result: Array, truth: Array, window: Array, white: float, correction: float = 1.0) -> Similarity:
    """SSIM of two arrays H×W over the windows that lie wholly inside.

    `window` holds the weights along either axis. Variances are multiplied by `correction`: N/(N−1) makes those of a
    sample of N pixels.

    >>> flat = np.ones((11, 11))
    >>> round(similarity(0.5 * flat, flat, gaussian_window(), 1.0).whole, 4)
    0.8
    """
    height, width = result.shape
    if min(height, width) < len(window):
        raise WrongShape(
            f"the pictures are {height}×{width} (height × width); "
            f"this protocol's windows need at least {len(window)}×{len(window)}."
        )
    total = np.zeros(2)
    for top in range(0, height - len(window) + 1, ROWS):
        rows = slice(top, top + ROWS + len(window) - 1)
        total += _strip(result[rows], truth[rows], window, white, correction)
    whole, contrast = total / ((height - len(window) + 1) * (width - len(window) + 1))
    return Similarity(float(whole), float(contrast))


def _strip(x: Array, y: Array, window: Array, white: float, correction: float) -> Array:
    """The sums of SSIM and of its contrast part over the windows in a few rows."""
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = (_means(a, window) for a in (x, y, x * x, y * y, x * y))
    c1, c2 = (K1 * white) ** 2, (K2 * white) ** 2
    variances = correction * (mean_xx - mean_x**2 + mean_yy - mean_y**2)
    covariance = correction * (mean_xy - mean_x * mean_y)
    contrast = (2 * covariance + c2) / (variances + c2)
    lightness = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return np.array([np.sum(lightness * contrast), np.sum(contrast)])


def _means(plane: Array, window: Array) -> Array:
    """The weighted means of all windows inside the array: down the columns, then along the rows."""
    return _down(_down(plane, window).T, window).T


def _down(plane: Array, window: Array) -> Array:
    """Weighted sums of as many neighbouring rows as the symmetric window has weights."""
    middle = len(window) // 2
    kept = plane.shape[0] - 2 * middle
    total: Array = plane[middle : middle + kept] * window[middle]
    pair = np.empty_like(total)
    for k in range(middle):
        np.add(plane[k : k + kept], plane[2 * middle - k : 2 * middle - k + kept], out=pair)
        pair *= window[k]
        total += pair
    return total
