"""JPEG compression artifacts."""

from typing import Annotated

import numpy as np

from repix.arithmetic.arrays import Array
from repix.degradations import Degradation
from repix.parameters import Bounds, checked
from repix.pictures.jpeg import Subsampling, jpeg_round_trip
from repix.pictures.picture import from_unit


@checked
def jpeg(
    picture: Array,
    quality: Annotated[int, "JPEG quality, 1 (worst) to 100 (best)", Bounds(1, 100)] = 30,
    subsampling: Annotated[
        Subsampling, "chroma subsampling: half in both directions, half in width, or full size"
    ] = "4:2:0",
    offset_x: Annotated[int, "distance of the left edge from that of its block, in pixels", Bounds(0, 15)] = 0,
    offset_y: Annotated[int, "distance of the top edge from that of its block, in pixels", Bounds(0, 15)] = 0,
) -> Array:
    """Encode as JPEG and decode again; values are clipped and rounded to 8 bits before.

    With an offset, the picture is compressed as if it had been cropped out of a larger one afterwards: its blocks do
    not begin at its corner. Write the result to a lossless format such as PNG to keep exactly this loss.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        quality: JPEG quality, 1 to 100.
        subsampling: chroma subsampling; "4:2:2" needs Pillow.
        offset_x: horizontal distance of the picture's left edge from its block's left edge, in pixels.
        offset_y: vertical distance of the picture's top edge from its block's top edge, in pixels.

    Returns:
        The decoded picture.

    >>> jpeg(np.full((8, 8), 0.5), quality=50).shape
    (8, 8)
    """
    pixels = from_unit(picture, "8")
    if offset_x or offset_y:
        pixels = np.pad(pixels, [(offset_y, 0), (offset_x, 0)] + [(0, 0)] * (picture.ndim - 2), mode="edge")
    decoded = jpeg_round_trip(pixels, quality, subsampling)[offset_y:, offset_x:]
    return decoded.astype(picture.dtype) / picture.dtype.type(255)


DEGRADATION = Degradation(jpeg)
