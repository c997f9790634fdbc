"""Numbers and pictures of an untrained layer on a photo, for JSON."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.synthetic import street
from repix.audit.amplification import amplified, spectrum_picture
from repix.audit.untrained_layer import UntrainedLayer
from repix.pictures import Picture, read
from repix.report import embedded
from repix.report.checkerboard import gray_photo
from repix.studio.preview import preview_of

SIDE = 128
"""The side of the photo; larger ones are cropped to a square and shrunk."""
LONGEST = 2048
"""Larger photos are shrunk by means of blocks before, read in bands."""
FLAT = np.full((64, 64), 0.5)
"""The constant input."""
CROP = 64
"""The side of the amplified crops, around the middle, where the border has no effect."""


def square_photo(file: Path | None) -> Array:
    """Return a photo as gray square of 128×128, from 0 to 1; without a file, a drawn one.

    >>> square_photo(None).shape
    (128, 128)
    """
    return _drawn() if file is None else _square(read(preview_of(file, LONGEST)))


def shown_layer(layer: UntrainedLayer, photo: Array) -> dict[str, Any]:
    """Return the numbers and pictures of a layer.

    Args:
        layer: the layer.
        photo: a gray photo H×W.
    """
    result, flat = layer.enlarge(photo), layer.enlarge(FLAT)
    spectrum, score = layer.spectrum(result)
    larger, gain = _amplified_middle(result, is_constant=False)
    flat_larger, flat_gain = _amplified_middle(flat, is_constant=True)
    return {
        "settings": layer.to_dict(),
        "kernel": layer.kernels[:, 0].tolist(),
        "phase_sums": layer.phases.sums[0, 0].tolist(),
        "spread": layer.phases.spread,
        "even": layer.phases.even,
        "sentence": layer.sentence(),
        "score": score,
        "flat_score": layer.spectrum(flat)[1],
        "photo": _uri(photo),
        "result": _uri(result),
        "amplified": {"picture": _uri(larger), "gain": gain},
        "flat": {"picture": _uri(flat_larger), "gain": flat_gain},
        "spectrum": _uri(spectrum_picture(spectrum.power)),
    }


def photo_pixels(photo: Array) -> Picture:
    """Return a gray photo from 0 to 1 as a picture of 8 bits."""
    return Picture(np.rint(255 * np.clip(photo, 0, 1)).astype(np.uint8))


@cache
def _drawn() -> Array:
    return _square(Picture(street().astype(np.float32)))


def _square(photo: Picture) -> Array:
    height, width = photo.size
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    found = gray_photo(Picture(photo.pixels[top : top + side, left : left + side], photo.profile), SIDE)
    return photo_pixels(found).colors()[:, :, 0].astype(np.float64)  # as it is after a way as PNG


def _amplified_middle(result: Array, *, is_constant: bool) -> tuple[Array, float]:
    """Return the middle of a result, amplified, and by how much."""
    height, width = result.shape
    top, left = (height - CROP) // 2, (width - CROP) // 2
    crop = result[np.newaxis, top : top + CROP, left : left + CROP]
    larger, gain = amplified(crop, float(np.sqrt((result**2).mean())) or 1.0, is_constant=is_constant)
    return larger[0], gain


def _uri(plane: Array) -> str:
    return embedded(photo_pixels(plane).pixels).uri
