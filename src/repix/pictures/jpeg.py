"""JPEG compression in memory."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongDtype, WrongShape, WrongUse

Chroma = Literal["4:2:0", "4:4:4"]

SUBSAMPLING = {"4:2:0": "on", "4:4:4": "off"}
"""The setting of libvips for each chroma format."""

LONGEST = 65500
"""Longest side that libjpeg encodes."""


def jpeg_round_trip(pixels: NDArray[np.uint8], quality: int, chroma: Chroma = "4:2:0") -> NDArray[np.uint8]:
    """Return the pixels after JPEG encoding and decoding.

    Args:
        pixels: uint8, H×W, H×W×1 or H×W×3.
        quality: 1 to 100.
        chroma: chroma subsampling, "4:2:0" or "4:4:4".

    Raises:
        WrongDtype: the pixels are not uint8.
        WrongShape: the shape is not that of a gray or RGB picture.
        WrongUse: the quality is out of range.

    >>> jpeg_round_trip(np.full((8, 8, 3), 128, np.uint8), 90)[0, 0].tolist()
    [128, 128, 128]
    """
    import pyvips

    if pixels.dtype != np.uint8:
        raise WrongDtype(f"The pixels are {pixels.dtype}; JPEG needs uint8.")
    if pixels.shape[2:] not in ((), (1,), (3,)) or pixels.ndim < 2 or 0 in pixels.shape:
        raise WrongShape(f"The pixels have shape {pixels.shape}; JPEG needs H×W, H×W×1 or H×W×3.")
    if max(pixels.shape) > LONGEST:
        raise WrongShape(f"The pixels have shape {pixels.shape}; JPEG's sides are at most {LONGEST}.")
    if not 1 <= quality <= 100:
        raise WrongUse(f"quality is {quality}; it must be from 1 to 100.")
    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels))
    encoded: bytes = image.jpegsave_buffer(Q=quality, subsample_mode=SUBSAMPLING[chroma])
    decoded: NDArray[Any] = pyvips.Image.new_from_buffer(encoded, "").numpy()
    return decoded.reshape(pixels.shape)
