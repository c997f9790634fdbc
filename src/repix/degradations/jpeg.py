"""JPEG: the blocks and fringes of strong compression."""

from typing import Annotated, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.jpeg import jpeg_round_trip


@checked
def jpeg(
    picture: Array,
    quality: Annotated[int, "quality, 1 worst, 100 best", Bounds(1, 100)] = 30,
    chroma: Annotated[Literal["4:2:0", "4:4:4"], "colour at half size, as cameras do, or whole"] = "4:2:0",
) -> Array:
    """Compress as JPEG and decode again; values are clipped and rounded to 8 bits first.

    Write the result as PNG to see this loss alone.

    >>> jpeg(np.full((8, 8), 0.5), quality=50).shape
    (8, 8)
    """
    levels = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return jpeg_round_trip(levels, quality, chroma).astype(picture.dtype) / picture.dtype.type(255)


DEGRADATION = Degradation(jpeg)
