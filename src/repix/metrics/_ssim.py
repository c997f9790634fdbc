"""Structural similarity (Wang et al., 2004)."""

from dataclasses import dataclass

import numpy as np

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape

K1, K2 = 0.01, 0.03
"""Stabilizing constants of the paper."""

ROWS = 32
"""Rows of windows that are processed together, so that they fit into the processor's cache."""


@dataclass(frozen=True)
class Similarity:
    """Means over all windows: `whole` of SSIM, `contrast` of its contrast-structure term."""

    whole: float
    contrast: float


def gaussian_window() -> Array:
    """Return the paper's window along one axis: 11 weights of a Gaussian with σ = 1.5, normalized."""
    weights: Array = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    weights /= weights.sum()
    return weights


def similarity(result: Array, truth: Array, window: Array, white: float, correction: float = 1.0) -> Similarity:
    """Return the mean SSIM of two arrays H×W over all windows inside the picture.

    Args:
        result: H×W.
        truth: H×W.
        window: weights along each axis.
        white: the value of white.
        correction: factor of variances; N/(N−1) gives sample variances of N pixels.

    Raises:
        WrongShape: the arrays are smaller than a window.

    >>> flat = np.ones((11, 11))
    >>> round(similarity(0.5 * flat, flat, gaussian_window(), 1.0).whole, 4)
    0.8
    """
    height, width = result.shape
    if min(height, width) < len(window):
        raise WrongShape(
            f"the pictures are {height}×{width} (height × width); "
            f"this metric's window needs at least {len(window)}×{len(window)}."
        )
    total = np.zeros(2)
    for top in range(0, height - len(window) + 1, ROWS):
        rows = slice(top, top + ROWS + len(window) - 1)
        total += _strip(result[rows], truth[rows], window, white, correction)
    whole, contrast = total / ((height - len(window) + 1) * (width - len(window) + 1))
    return Similarity(float(whole), float(contrast))


def _strip(x: Array, y: Array, window: Array, white: float, correction: float) -> Array:
    """Return the sums of SSIM and of its contrast term over the windows of a strip."""
    mean_x, mean_y, mean_xx, mean_yy, mean_xy = (_means(a, window) for a in (x, y, x * x, y * y, x * y))
    c1, c2 = (K1 * white) ** 2, (K2 * white) ** 2
    variances = correction * (mean_xx - mean_x**2 + mean_yy - mean_y**2)
    covariance = correction * (mean_xy - mean_x * mean_y)
    contrast = (2 * covariance + c2) / (variances + c2)
    lightness = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    return np.array([np.sum(lightness * contrast), np.sum(contrast)])


def _means(plane: Array, window: Array) -> Array:
    """Return the weighted means of all windows inside the array (separable)."""
    return _down(_down(plane, window).T, window).T


def _down(plane: Array, window: Array) -> Array:
    """Return weighted sums of rows with the symmetric window."""
    middle = len(window) // 2
    kept = plane.shape[0] - 2 * middle
    total: Array = plane[middle : middle + kept] * window[middle]
    pair = np.empty_like(total)
    for k in range(middle):
        np.add(plane[k : k + kept], plane[2 * middle - k : 2 * middle - k + kept], out=pair)
        pair *= window[k]
        total += pair
    return total
