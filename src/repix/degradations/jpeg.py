"""JPEG: the blocks and fringes of strong compression."""

from typing import Annotated, Literal

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.jpeg import jpeg_round_trip
from repix.pictures.picture import from_unit


@checked
def jpeg(
    picture: Array,
    quality: Annotated[int, "quality, 1 worst, 100 best", Bounds(1, 100)] = 30,
    chroma: Annotated[Literal["4:2:0", "4:4:4"], "colour at half size, as cameras do, or whole"] = "4:2:0",
) -> Array:
    """Compress as JPEG and decode again; values are clipped and rounded to 8 bits first.

    Write the result as PNG to see this loss alone.

    >>> import numpy as np
    >>> jpeg(np.full((8, 8), 0.5), quality=50).shape
    (8, 8)
    """
    return jpeg_round_trip(from_unit(picture, "8"), quality, chroma).astype(picture.dtype) / picture.dtype.type(255)


DEGRADATION = Degradation(jpeg)
