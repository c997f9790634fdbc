"""Edges: Canny's thin lines, or soft pencil strokes (difference of Gaussians).

Contrast is in gray levels (8-bit), after smoothing: for `canny` the change from one pixel to the next, for `pencil` the
difference between a pixel and its surroundings.
"""

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array, require_dimensions, require_floats
from repix.arithmetic.blur import blur, gaussian_kernel
from repix.errors import WrongUse

SOBEL = np.outer([1.0, 2.0, 1.0], [1.0, 0.0, -1.0]) / 8
"""The horizontal derivative, smoothed vertically. Convolution flips it, so brighter to the right is positive."""

SAME = 1e-9
"""Contrasts that differ by less count as equal. Of two equal ridges side by side the left or upper one is kept."""


def gradient(lightness: Array, sigma: float) -> tuple[Array, Array]:
    """Return the vertical and horizontal derivatives of lightness H×W, in gray levels per pixel, smoothed by `sigma`.

    >>> down, right = gradient(np.tile(np.arange(9.0), (9, 1)) / 255, sigma=0.5)
    >>> float(down[4, 4].round(9)), float(right[4, 4].round(9))
    (0.0, 1.0)
    """
    smooth = blur(255 * _plane(lightness).astype(np.float64), gaussian_kernel(sigma), "replicate")
    return blur(smooth, SOBEL.T, "replicate"), blur(smooth, SOBEL, "replicate")


def canny(lightness: Array, sigma: float = 1.4, low: float = 3.0, high: float = 8.0) -> NDArray[np.bool_]:
    """Return Canny edges: lines one pixel wide along the ridges of contrast, as a boolean array H×W.

    A line starts where contrast is at least `high` and continues while it is at least `low` (hysteresis). The outermost
    pixels have no neighbors to be compared with and are never part of a line.

    >>> step = np.repeat([[0.0] * 4 + [1.0] * 4], 5, axis=0)
    >>> canny(step)[2].astype(int).tolist()
    [0, 0, 0, 1, 0, 0, 0, 0]
    """
    if not 0 <= low <= high:
        raise WrongUse(f"low is {low} and high is {high}; they must be at least 0, and low at most high.")
    down, right = gradient(lightness, sigma)
    contrast = np.hypot(down, right)
    ridge = _is_ridge(contrast, down, right)
    return _grown(ridge & (contrast >= high), ridge & (contrast >= low))


def pencil(lightness: Array, sigma: float = 1.4, contrast: float = 8.0) -> Array:
    """Return dark strokes on a white background, H×W, where a pixel is darker than its surroundings.

    The picture is smoothed twice, with `sigma` and with 1.6 times `sigma`. Where the first is darker by `contrast` gray
    levels (8-bit), the stroke is half black. The difference of two Gaussians follows the dark side of an edge, so a
    dark line is drawn once; a gradient would draw both of its sides.

    >>> pencil(np.full((2, 2), 0.5)).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    if not 0.01 <= contrast <= 255:
        raise WrongUse(f"contrast is {contrast}; it must be from 0.01 to 255.")
    levels = 255 * _plane(lightness).astype(np.float64)
    near = blur(levels, gaussian_kernel(sigma), "replicate")
    around = blur(levels, gaussian_kernel(1.6 * sigma), "replicate")
    darker = np.maximum(around - near, 0)
    paper: Array = contrast**2 / (contrast**2 + darker**2)
    return paper.astype(lightness.dtype)


def _plane(lightness: Array) -> Array:
    require_floats(lightness, "lightness")
    require_dimensions(lightness, "lightness", 2)
    return lightness


def _is_ridge(contrast: Array, down: Array, right: Array) -> NDArray[np.bool_]:
    """Return where contrast has a maximum across the edge; its neighbors are interpolated between two pixels."""
    ridge = np.zeros(contrast.shape, np.bool_)
    inner = (slice(1, -1), slice(1, -1))
    vertical, horizontal = np.abs(down[inner]), np.abs(right[inner])
    flat = horizontal >= vertical  # the gradient is more horizontal than vertical
    same = (down[inner] > 0) == (right[inner] > 0)  # it points from the upper left to the lower right, or back
    most = np.maximum(np.maximum(vertical, horizontal), SAME)
    share = np.minimum(vertical, horizontal) / most  # the diagonal neighbor's weight in the interpolation

    def ahead(side: int) -> Array:
        """Return the contrast one step along the gradient: to the right or below (1), or to the other side (-1)."""
        straight = np.where(flat, _shifted(contrast, 0, side), _shifted(contrast, side, 0))
        slanted = np.where(
            same,
            _shifted(contrast, side, side),
            np.where(flat, _shifted(contrast, -side, side), _shifted(contrast, side, -side)),
        )
        mixed: Array = (1 - share) * straight + share * slanted
        return mixed

    center = contrast[inner]
    ridge[inner] = (center >= ahead(1) - SAME) & (center > ahead(-1) + SAME)
    return ridge


def _shifted(array: Array, down: int, right: int) -> Array:
    """Return the inner part of an array moved by one: entry (i, j) is the neighbor of inner pixel (i, j)."""
    height, width = array.shape
    return array[1 + down : height - 1 + down, 1 + right : width - 1 + right]


def _grown(seeds: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return all allowed pixels that are connected to a seed through allowed pixels (8-connectivity)."""
    width = seeds.shape[1]
    waiting = allowed.ravel().copy()  # lines stay away from the edge, so a step never leaves the array
    found = np.zeros_like(waiting)
    steps = np.array([down * width + right for down in (-1, 0, 1) for right in (-1, 0, 1)])
    front = np.flatnonzero(seeds)
    while front.size:
        found[front] = True
        waiting[front] = False
        near = (front[:, np.newaxis] + steps).ravel()
        front = np.unique(near[waiting[near]])
    return found.reshape(seeds.shape)
