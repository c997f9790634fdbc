"""JPEG compression in memory."""

import io
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.errors import MissingLibrary, WrongDtype, WrongShape, WrongUse

Subsampling = Literal["4:2:0", "4:2:2", "4:4:4"]
"""Resolution of the chroma: half in both directions, half in width, or full."""

VIPS_MODES = {"4:2:0": "on", "4:4:4": "off"}
"""The setting of libvips for each subsampling; it has none for 4:2:2."""

LONGEST = 65500
"""Longest side that libjpeg encodes."""


def jpeg_round_trip(pixels: NDArray[np.uint8], quality: int, subsampling: Subsampling = "4:2:0") -> NDArray[np.uint8]:
    """Return the pixels after JPEG encoding and decoding.

    Pillow does it if it is installed, otherwise libvips; both give the same pixels.

    Args:
        pixels: uint8, H×W, H×W×1 or H×W×3.
        quality: 1 to 100.
        subsampling: chroma subsampling, "4:2:0", "4:2:2" (needs Pillow) or "4:4:4".

    Raises:
        WrongDtype: the pixels are not uint8.
        WrongShape: the shape is not that of a gray or RGB picture.
        WrongUse: the quality is out of range.
        MissingLibrary: 4:2:2 without Pillow.

    >>> jpeg_round_trip(np.full((8, 8, 3), 128, np.uint8), 90)[0, 0].tolist()
    [128, 128, 128]
    """
    if pixels.dtype != np.uint8:
        raise WrongDtype(f"The pixels are {pixels.dtype}; JPEG needs uint8.")
    if pixels.shape[2:] not in ((), (1,), (3,)) or pixels.ndim < 2 or 0 in pixels.shape:
        raise WrongShape(f"The pixels have shape {pixels.shape}; JPEG needs H×W, H×W×1 or H×W×3.")
    if max(pixels.shape) > LONGEST:
        raise WrongShape(f"The pixels have shape {pixels.shape}; JPEG's sides are at most {LONGEST}.")
    if not 1 <= quality <= 100:
        raise WrongUse(f"quality is {quality}; it must be from 1 to 100.")
    if _has_pillow():
        return _by_pillow(pixels, quality, subsampling)
    if subsampling not in VIPS_MODES:
        raise MissingLibrary(f"JPEG with {subsampling} chroma needs pillow: `pip install pillow` (extra train).")
    return _by_vips(pixels, quality, subsampling)


@cache
def _has_pillow() -> bool:
    return find_spec("PIL") is not None


def _by_pillow(pixels: NDArray[np.uint8], quality: int, subsampling: Subsampling) -> NDArray[np.uint8]:
    """Ten times faster than libvips for patches."""
    from PIL import Image

    encoded = io.BytesIO()
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels)
    image.save(encoded, "JPEG", quality=quality, subsampling=subsampling)
    with Image.open(encoded) as decoded:
        return np.asarray(decoded).reshape(pixels.shape)


def _by_vips(pixels: NDArray[np.uint8], quality: int, subsampling: Subsampling) -> NDArray[np.uint8]:
    import pyvips

    image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels))
    encoded: bytes = image.jpegsave_buffer(Q=quality, subsample_mode=VIPS_MODES[subsampling])
    decoded: NDArray[Any] = pyvips.Image.new_from_buffer(encoded, "").numpy()
    return decoded.reshape(pixels.shape)
