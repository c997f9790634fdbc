"""Writing a mask of palette indices as the PNG that programs for segmentation read: indices with their colours."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import WrongShape, WrongUse
from repix.masks.encoding import IGNORED, Encoding
from repix.masks.raw import PALETTE, SIGNATURE, chunk
from repix.pictures.atomic import check_free, whole_file

MOST_AT_A_TIME = 256
"""Rows that are compressed in one go."""


def write_indexed(ids: NDArray[Any], encoding: Encoding, path: Path, *, overwrite: bool = False) -> None:
    """Class ids H×W as a PNG with a palette; it appears whole or not at all.

    >>> import tempfile
    >>> from repix.masks import read_mask
    >>> encoding = Encoding("palette", (0, 2), palette=(0x000000, 0x00ff00))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_indexed(np.array([[0, 1]], np.uint8), encoding, Path(folder, "mask.png"))
    ...     read_mask(Path(folder, "mask.png")).pixels.tolist()
    [[0, 2]]
    """
    if encoding.kind != "palette":
        raise WrongUse(f"The classes are written as {encoding.kind}; only palette indices make an indexed PNG.")
    if ids.ndim != 2 or 0 in ids.shape:
        raise WrongShape(f"The ids have shape {ids.shape}; they must be H×W.")
    check_free(path, overwrite)
    height, width = ids.shape
    indices = encoding.from_ids(ids)
    with whole_file(path, overwrite) as file:
        file.write(SIGNATURE)
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)))
        file.write(chunk(b"PLTE", _colours(encoding)))
        compressing = zlib.compressobj(6)
        for start in range(0, height, MOST_AT_A_TIME):
            rows = indices[start : start + MOST_AT_A_TIME].astype(np.uint8)
            file.write(chunk(b"IDAT", compressing.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())))  # 0: no filter
        file.write(chunk(b"IDAT", compressing.flush()))
        file.write(chunk(b"IEND", b""))


def _colours(encoding: Encoding) -> bytes:
    """Red, green and blue of every index up to the highest; black where none is said."""
    everything = (*encoding.values, *([] if encoding.ignored is None else [encoding.ignored]))
    table = np.zeros((max(everything) + 1, 3), np.uint8)
    for index, colour in zip(everything, encoding.palette, strict=True):
        table[index] = colour >> 16, colour >> 8 & IGNORED, colour & IGNORED
    return table.tobytes()
