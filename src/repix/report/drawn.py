"""A picture that is drawn, where no library carries a photo of its kind: cells as an electron microscope sees them."""

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.resizing import resize_picture

THICKNESS = 2.0
"""Of half a membrane, in pixels."""


def cells(side: int = 256, count: int = 60, seed: int = 0) -> tuple[Array, NDArray[np.bool_]]:
    """A slice side×side×1 from 0 to 1, and which of its pixels are cell and not membrane.

    Every pixel belongs to the nearest of some points, in bent space; membranes lie where two points are equally near.

    >>> picture, inside = cells(64, 9)
    >>> picture.shape, bool(picture[:, :, 0][inside].mean() > picture[:, :, 0][~inside].mean())
    ((64, 64, 1), True)
    """
    rng = np.random.default_rng(seed)
    rows, columns = (place + side / 32 * _smooth(rng, side, 12) for place in np.mgrid[:side, :side])
    centres = rng.uniform(0, side, (count, 2))
    distances = np.hypot(rows - centres[:, :1, None], columns - centres[:, 1:, None])
    nearest, second = np.partition(distances, 1, axis=0)[:2]
    from_membrane = (second - nearest) / 2
    inner = 0.68 + 0.05 * _smooth(rng, side, 8) + 0.06 * _smooth(rng, side, 48)
    for row, column, radius, depth in rng.uniform((0, 0, 3, 0.1), (side, side, 7, 0.28), (count // 2, 4)):
        inner = inner - depth * np.exp(-((np.hypot(rows - row, columns - column) / radius) ** 4))
    slice_ = inner * (1 - 0.65 * np.exp(-((from_membrane / THICKNESS) ** 2))) + rng.normal(0, 0.06, (side, side))
    picture: Array = np.clip(slice_, 0, 1)[:, :, np.newaxis].astype(np.float32)
    return picture, from_membrane > THICKNESS * 0.85


def _smooth(rng: np.random.Generator, side: int, waves: int) -> Array:
    """Hills and dales of about so many waves."""
    return resize_picture(rng.standard_normal((waves, waves)), side, method="bicubic")
