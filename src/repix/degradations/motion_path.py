"""Blur along a curved path, as by a shaking hand.

The path has constant speed; its direction does a random walk (a simple form of the trajectories of Boracchi and Foi,
IEEE Trans. Image Processing 2012). A straight motion is `motion-blur`.
"""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.blur import Border, Kernel, blur
from repix.degradations import Degradation
from repix.parameters import Bounds, checked

POINTS_PER_PIXEL = 8


@checked
def motion_path(
    picture: Array,
    rng: np.random.Generator,
    length: Annotated[float, "length of the path, in pixels", Bounds(1, 500)] = 15.0,
    bend: Annotated[
        float,
        "standard deviation of the change of direction between start and end, in degrees; 0: a straight line",
        Bounds(0, 3600),
    ] = 120.0,
    border: Annotated[Border, "padding beyond the border"] = "mirror",
) -> Array:
    """Blur along a random, curved path, as a shaking hand does.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: random generator, for the path.
        length: length of the path, in pixels.
        bend: standard deviation of the change of direction between both ends, in degrees.
        border: padding beyond the border.

    Returns:
        The blurred picture.

    >>> point = np.zeros((9, 9))
    >>> point[4, 4] = 1
    >>> float(motion_path(point, np.random.default_rng(0), length=5).sum().round(6))
    1.0
    """
    return blur(picture, path_kernel(rng, length, bend), border)


def path_kernel(rng: np.random.Generator, length: float, bend: float) -> Kernel:
    """Return the kernel of a random path of constant speed; its center of mass is the kernel's middle.

    >>> path_kernel(np.random.default_rng(0), 9, 0).shape  # a straight line
    (5, 11)
    """
    count = int(np.ceil(length * POINTS_PER_PIXEL))
    turns = rng.standard_normal(count) * np.deg2rad(bend) / np.sqrt(count)
    directions = rng.uniform(0, 2 * np.pi) + np.cumsum(turns)
    moves = np.stack([np.sin(directions), np.cos(directions)]) * (length / count)
    path = np.cumsum(moves, axis=1) - moves / 2  # the middle of each move
    return _rasterized(path - path.mean(axis=1, keepdims=True))


def _rasterized(path: Array) -> Kernel:
    """Spread each point, y and x from the middle, over its four pixels, in proportion to the nearness."""
    up, left = (int(side) + 1 for side in np.abs(path).max(axis=1))
    kernel = np.zeros((2 * up + 1, 2 * left + 1))
    corner = np.floor(path).astype(int)
    far = path - corner
    for dy, dx in np.ndindex(2, 2):
        weights = np.abs(1 - dy - far[0]) * np.abs(1 - dx - far[1])
        np.add.at(kernel, (corner[0] + up + dy, corner[1] + left + dx), weights)
    normalized: Kernel = kernel / kernel.sum()
    return normalized


DEGRADATION = Degradation(motion_path, random=True)
