"""The color filter array of a camera's sensor (RGGB), and linear demosaicing.

A raw picture has one value per pixel: red at even rows and columns, blue at odd ones, green elsewhere. `bilinear`
averages the nearest values of the missing color. `malvar` adds the Laplacian of the known color (Malvar, He, Cutler,
ICASSP 2004), which keeps edges sharper and carries noise from one color into the others.
"""

from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array

Demosaicing = Literal["bilinear", "malvar", "none"]
"""`none`: the sensor measures all three colors at every pixel."""

MARGIN = 2
"""Pixels around the picture that demosaicing reads."""

Kernel = tuple[tuple[float, ...], ...]

CROSS: dict[str, Kernel] = {
    "bilinear": ((0, 0, 0, 0, 0), (0, 0, 2, 0, 0), (0, 2, 0, 2, 0), (0, 0, 2, 0, 0), (0, 0, 0, 0, 0)),
    "malvar": ((0, 0, -1, 0, 0), (0, 0, 2, 0, 0), (-1, 2, 4, 2, -1), (0, 0, 2, 0, 0), (0, 0, -1, 0, 0)),
}
"""Green at a red or blue pixel, in eighths."""
ROW: dict[str, Kernel] = {
    "bilinear": ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 4, 0, 4, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    "malvar": ((0, 0, 0.5, 0, 0), (0, -1, 0, -1, 0), (-1, 4, 5, 4, -1), (0, -1, 0, -1, 0), (0, 0, 0.5, 0, 0)),
}
"""Red or blue at a green pixel whose row has that color, in eighths; transposed where its column has it."""
DIAGONAL: dict[str, Kernel] = {
    "bilinear": ((0, 0, 0, 0, 0), (0, 2, 0, 2, 0), (0, 0, 0, 0, 0), (0, 2, 0, 2, 0), (0, 0, 0, 0, 0)),
    "malvar": ((0, 0, -1.5, 0, 0), (0, 2, 0, 2, 0), (-1.5, 0, 6, 0, -1.5), (0, 2, 0, 2, 0), (0, 0, -1.5, 0, 0)),
}
"""Red at a blue pixel or blue at a red one, in eighths."""


def mosaic(picture: Array) -> Array:
    """Keep one color per pixel: H×W×3 becomes H×W.

    >>> mosaic(np.arange(12.0).reshape(2, 2, 3)).tolist()
    [[0.0, 4.0], [7.0, 11.0]]
    """
    raw = picture[:, :, 1].copy()
    raw[::2, ::2] = picture[::2, ::2, 0]
    raw[1::2, 1::2] = picture[1::2, 1::2, 2]
    return raw


def demosaic(raw: Array, method: Literal["bilinear", "malvar"]) -> Array:
    """Return the picture without the margin of two pixels: H×W becomes (H−4)×(W−4)×3.

    >>> demosaic(np.full((8, 8), 0.25), "malvar").ravel().tolist() == [0.25] * 48
    True
    """
    height, width = (side - 2 * MARGIN for side in raw.shape)
    planes = np.empty((3, height, width), raw.dtype)  # arithmetic is twice as fast with each color by itself
    row, column = ROW[method], tuple(zip(*ROW[method], strict=True))
    kernels = {
        (0, 0): (None, CROSS[method], DIAGONAL[method]),
        (0, 1): (row, None, column),
        (1, 0): (column, None, row),
        (1, 1): (DIAGONAL[method], CROSS[method], None),
    }
    for (y, x), colors in kernels.items():
        for color, kernel in enumerate(colors):
            planes[color, y::2, x::2] = _weighted(raw, y, x, height, width, kernel)
    return np.moveaxis(planes, 0, 2)


def _weighted(raw: Array, y: int, x: int, height: int, width: int, kernel: Kernel | None) -> Array:
    """Every second value of the raw picture from y, x on, or a weighted sum of its neighbors."""
    if kernel is None:
        return raw[MARGIN + y : MARGIN + height : 2, MARGIN + x : MARGIN + width : 2]
    taps = [(dy, dx, weight) for dy, line in enumerate(kernel) for dx, weight in enumerate(line) if weight]
    parts = (raw.dtype.type(w / 8) * raw[y + dy : dy + height : 2, x + dx : dx + width : 2] for dy, dx, w in taps)
    total = next(parts)
    for part in parts:
        total += part
    return total
