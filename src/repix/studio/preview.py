"""Previews: pictures that every browser can show, of files of any format and size."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repix.pictures import Picture, write
from repix.pictures.band_reader import open_bands
from repix.pictures.picture import from_unit, to_unit

LONGEST = 4096
"""The most rows and columns of a preview; larger pictures are shrunk by means of blocks."""


def preview_of(path: Path, longest: int = LONGEST) -> bytes:
    """Return a picture file as PNG with 8 bits, read in bands; profile and transparency are kept.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = write(Picture(np.zeros((50, 30), np.uint16)), Path(folder, "a.tif"))
    ...     made = preview_of(Path(folder, "a.tif"), longest=20)
    >>> import repix
    >>> repix.read(made)
    Picture(10×16 gray, depth 8)
    """
    parts: list[NDArray[np.uint8]] = []
    with open_bands(path) as bands:
        block = -(-max(bands.size) // longest)
        while bands.rows_left >= block or not parts:
            band = bands.read(block * max(1, 256 // block))
            parts.append(shrunk(band, block))
    pixels = np.concatenate(parts)
    file = BytesIO()
    write(Picture(pixels, band.profile), file, format="png")
    return file.getvalue()


def shrunk(band: Picture, block: int) -> NDArray[np.uint8]:
    """Return 8-bit pixels; each is the mean of a block. Rows and columns that fill no block are left out."""
    if block == 1:
        return band.pixels if band.depth == "8" else from_unit(to_unit(band.pixels), "8")
    height, width = (side // block for side in band.size)
    values = to_unit(band.pixels)[: height * block, : width * block]
    means = values.reshape(height, block, width, block, -1).mean((1, 3))
    return from_unit(means, "8")
