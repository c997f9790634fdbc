"""JPEG compression artifacts."""

from typing import Annotated, Literal

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.jpeg import jpeg_round_trip
from repix.pictures.picture import from_unit


@checked
def jpeg(
    picture: Array,
    quality: Annotated[int, "JPEG quality, 1 (worst) to 100 (best)", Bounds(1, 100)] = 30,
    chroma: Annotated[Literal["4:2:0", "4:4:4"], "chroma subsampling: half size, or full size"] = "4:2:0",
) -> Array:
    """Encode as JPEG and decode again; values are clipped and rounded to 8 bits before.

    Write the result to a lossless format such as PNG to keep exactly this loss.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        quality: JPEG quality, 1 to 100.
        chroma: chroma subsampling.

    Returns:
        The decoded picture.

    >>> import numpy as np
    >>> jpeg(np.full((8, 8), 0.5), quality=50).shape
    (8, 8)
    """
    return jpeg_round_trip(from_unit(picture, "8"), quality, chroma).astype(picture.dtype) / picture.dtype.type(255)


DEGRADATION = Degradation(jpeg)
