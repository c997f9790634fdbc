"""Color spaces: BT.601 luma and YCbCr, in full range and in studio range (16 to 235).

Pictures are H×W×3 of RGB in [0, 1]. The results are in [0, 1] too: the 8-bit level 16 is 16/255. Sums are computed in
float64 in a fixed order, so the result is the same on every machine, and float32 differs by its rounding only.
"""

from typing import Literal

import numpy as np

from repix.arithmetic.arrays import Array, require_picture
from repix.errors import WrongShape, WrongUse

Span = Literal["full", "studio"]
"""Range of 8-bit values: `full` uses 0 to 255; `studio` keeps luma within 16–235 and chroma within 16–240."""

RED, BLUE = 0.299, 0.114
GREEN = 1 - RED - BLUE
SPANS = {"full": (0.0, 1.0, 1.0), "studio": (16 / 255, 219 / 255, 224 / 255)}
"""The value of black, the range of luma, the range of chroma."""
MIDDLE = 128 / 255
"""The chroma value of gray."""


def luma(picture: Array, span: Span = "full") -> Array:
    """Return the BT.601 luma: H×W×3 becomes H×W×1; a gray picture, H×W or H×W×1, keeps its shape.

    >>> luma(np.array([[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])).round(3).tolist()
    [[[0.299], [1.0]]]
    >>> (255 * luma(np.array([[[1.0, 0.0, 0.0]]]), "studio")).round(3).tolist()
    [[[81.481]]]
    """
    require_picture(picture)
    black, white, _ = _levels(span)
    gray = picture.ndim == 2 or picture.shape[2] == 1
    lightness = picture.astype(np.float64) if gray else _lightness(picture)[:, :, np.newaxis]
    return (black + white * lightness).astype(picture.dtype)


def rgb_to_ycbcr(picture: Array, span: Span = "full") -> Array:
    """Return Y, Cb and Cr of an RGB picture; gray has 128/255 in Cb and Cr.

    >>> (255 * rgb_to_ycbcr(np.ones((1, 1, 3)), "studio")).round(3).tolist()
    [[[235.0, 128.0, 128.0]]]
    """
    _require_colors(picture)
    black, white, chroma = _levels(span)
    y = _lightness(picture)
    cb = (picture[:, :, 2] - y) / (2 * (1 - BLUE))
    cr = (picture[:, :, 0] - y) / (2 * (1 - RED))
    parts = black + white * y, MIDDLE + chroma * cb, MIDDLE + chroma * cr
    return np.stack(parts, axis=2).astype(picture.dtype)


def ycbcr_to_rgb(picture: Array, span: Span = "full") -> Array:
    """Return the RGB picture of a YCbCr picture; the result is not clipped.

    >>> ycbcr_to_rgb(rgb_to_ycbcr(np.array([[[0.1, 0.5, 0.9]]]))).round(3).tolist()
    [[[0.1, 0.5, 0.9]]]
    """
    _require_colors(picture)
    black, white, chroma = _levels(span)
    y, cb, cr = np.moveaxis(picture.astype(np.float64), 2, 0)
    y = (y - black) / white
    blue = y + 2 * (1 - BLUE) / chroma * (cb - MIDDLE)
    red = y + 2 * (1 - RED) / chroma * (cr - MIDDLE)
    green = (y - RED * red - BLUE * blue) / GREEN
    return np.stack((red, green, blue), axis=2).astype(picture.dtype)


def _lightness(picture: Array) -> Array:
    """Return luma from 0 to 1 in float64, H×W."""
    _require_colors(picture)
    red, green, blue = np.moveaxis(picture.astype(np.float64), 2, 0)
    lightness: Array = RED * red + GREEN * green + BLUE * blue
    return lightness


def _require_colors(picture: Array) -> None:
    require_picture(picture)
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise WrongShape(f"picture has shape {picture.shape}; red, green and blue need H×W×3.")


def _levels(span: Span) -> tuple[float, float, float]:
    if span not in SPANS:
        raise WrongUse(f"span '{span}' is not one of {', '.join(SPANS)}.")
    return SPANS[span]
