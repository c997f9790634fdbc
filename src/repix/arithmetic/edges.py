"""Edges: where lightness changes, as Canny's thin lines or as pencil strokes.

Contrast is said in levels of 255, after smoothing: for Canny from one pixel to the next, for the pencil between a pixel
and its surroundings.
"""

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array, require_dimensions, require_floats
from repix.arithmetic.blur import blur, gaussian_kernel
from repix.errors import WrongUse

SOBEL = np.outer([1.0, 2.0, 1.0], [1.0, 0.0, -1.0]) / 8
"""The change to the right, smoothed down; convolution flips it, so that lighter to the right is positive."""

SAME = 1e-9
"""Contrasts that differ by less are the same: of two equal ridges side by side the left or upper one is kept."""


def gradient(lightness: Array, sigma: float) -> tuple[Array, Array]:
    """The change of lightness H×W down and to the right, in levels per pixel, after a Gaussian of `sigma` pixels.

    >>> down, right = gradient(np.tile(np.arange(9.0), (9, 1)) / 255, sigma=0.5)
    >>> float(down[4, 4].round(9)), float(right[4, 4].round(9))
    (0.0, 1.0)
    """
    smooth = blur(255 * _plane(lightness).astype(np.float64), gaussian_kernel(sigma), "replicate")
    return blur(smooth, SOBEL.T, "replicate"), blur(smooth, SOBEL, "replicate")


def canny(lightness: Array, sigma: float = 1.4, low: float = 3.0, high: float = 8.0) -> NDArray[np.bool_]:
    """Lines one pixel wide along the ridges of contrast: H×W of true and false.

    A line begins where contrast is at least `high` and goes on while it is at least `low`. The outermost pixels
    have no neighbors to be compared with and are never part of a line.

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
    """Dark strokes on white paper, H×W, where a pixel is darker than its surroundings.

    A smoothed pixel that is darker by `contrast` levels of 255 than one smoothed 1.6 times as wide is drawn half black:
    the difference of two Gaussians follows the dark side of edges, and dark lines once, where a gradient has two sides.

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
    """Where contrast is highest across the edge; its neighbors there are interpolated between two pixels."""
    ridge = np.zeros(contrast.shape, np.bool_)
    inner = (slice(1, -1), slice(1, -1))
    vertical, horizontal = np.abs(down[inner]), np.abs(right[inner])
    flat = horizontal >= vertical  # the edge is crossed more sideways than up and down
    same = (down[inner] > 0) == (right[inner] > 0)  # crossed from the upper left to the lower right
    most = np.maximum(np.maximum(vertical, horizontal), SAME)
    share = np.minimum(vertical, horizontal) / most  # of the diagonal neighbor in what lies ahead

    def ahead(side: int) -> Array:
        """The contrast one step across the edge, on the side to the right or below (1), or on the other (-1)."""
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
    """The inner part of an array moved by one: entry (i, j) is the neighbor of inner pixel (i, j)."""
    height, width = array.shape
    return array[1 + down : height - 1 + down, 1 + right : width - 1 + right]


def _grown(seeds: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All allowed pixels that a path of allowed neighbors, straight or diagonal, joins to a seed."""
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
