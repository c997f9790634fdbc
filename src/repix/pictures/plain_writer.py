"""Encoders for formats that libvips does not write: PGM, PPM, PFM, NPY and BMP, row by row."""

import io
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unwritable
from repix.pictures.bmp import EMBEDDED, MASKS, PLAIN, SRGB, V5_HEADER
from repix.pictures.picture import Picture

LARGEST_BMP = 2**32 - 1
"""Largest file size that a BMP header can store."""


@dataclass(frozen=True)
class Frame:
    """The parts of a file around its rows, and the encoding of rows."""

    head: bytes
    row_length: int
    """Bytes of one encoded row."""
    encode: Callable[[NDArray[Any]], NDArray[Any]]
    """Function that encodes rows H×W×C."""
    upwards: bool = False
    """The file stores the last row first."""
    tail: bytes = b""


def save(bands: Iterable[Picture], first: Picture, size: tuple[int, int], form: str, file: BinaryIO) -> None:
    """Write bands that the format can store; `first` gives their depth, channels and metadata."""
    frame = _FRAMES[form](first, size)
    file.write(frame.head)
    left = size[0]
    for band in bands:
        pixels = band.pixels
        left -= len(pixels)
        if frame.upwards:
            file.seek(len(frame.head) + left * frame.row_length)
            pixels = pixels[::-1]
        file.write(np.ascontiguousarray(frame.encode(pixels)).data)
    file.seek(0, 2)
    file.write(frame.tail)


def _netpbm(first: Picture, size: tuple[int, int]) -> Frame:
    dtype = first.pixels.dtype.newbyteorder(">")
    head = f"P{5 if first.is_gray else 6}\n{size[1]} {size[0]}\n{np.iinfo(dtype).max}\n".encode()
    return Frame(head, _row_length(first), lambda rows: rows.astype(dtype, copy=False))


def _pfm(first: Picture, size: tuple[int, int]) -> Frame:
    head = f"P{'f' if first.is_gray else 'F'}\n{size[1]} {size[0]}\n-1.0\n".encode()
    return Frame(head, _row_length(first), lambda rows: rows.astype("<f4", copy=False), upwards=True)


def _npy(first: Picture, size: tuple[int, int]) -> Frame:
    """Store H×W for gray without alpha, else H×W×C."""
    channels = first.pixels.shape[2]
    stream = io.BytesIO()
    about = {
        "descr": np.lib.format.dtype_to_descr(first.pixels.dtype),
        "fortran_order": False,
        "shape": size if channels == 1 else (*size, channels),
    }
    np.lib.format.write_array_header_1_0(stream, about)
    return Frame(stream.getvalue(), _row_length(first), lambda rows: rows)


def _row_length(first: Picture) -> int:
    return int(first.pixels[0].nbytes)


def _bmp(first: Picture, size: tuple[int, int]) -> Frame:
    """Use the V5 header, which can embed a profile."""
    height, width = size
    channels = first.pixels.shape[2]
    row_length = (width * channels + 3) // 4 * 4
    palette = b"".join(bytes([level] * 3 + [0]) for level in range(256)) if channels == 1 else b""
    profile = first.profile or b""
    start, length = 14 + V5_HEADER + len(palette), row_length * height
    if start + length + len(profile) > LARGEST_BMP:
        raise Unwritable(f"BMP stores at most 4 GiB, but the pixels have {length:,} bytes; write PNG or TIFF.")
    across, down = (round(value * 1000) for value in first.resolution or (0.0, 0.0))
    head = struct.pack("<IiiHHIIiiII", V5_HEADER, width, height, 1, channels * 8, MASKS if channels == 4 else PLAIN,
                       length, across, down, len(palette) // 4, 0)  # fmt: skip
    head += struct.pack("<4I", *((0xFF0000, 0xFF00, 0xFF, 0xFF000000) if channels == 4 else (0, 0, 0, 0)))
    head += (EMBEDDED if profile else SRGB) + bytes(48)
    head += struct.pack("<IIII", 4, start - 14 + length if profile else 0, len(profile), 0)
    beginning = b"BM" + struct.pack("<IHHI", start + length + len(profile), 0, 0, start)
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]

    def encode(rows: NDArray[Any]) -> NDArray[Any]:
        padded = np.zeros((len(rows), row_length), np.uint8)
        padded[:, : width * channels] = rows[:, :, order].reshape(len(rows), -1)
        return padded

    return Frame(beginning + head + palette, row_length, encode, upwards=True, tail=profile)


_FRAMES: dict[str, Callable[[Picture, tuple[int, int]], Frame]] = {
    "BMP": _bmp,
    "NPY": _npy,
    "PFM": _pfm,
    "PGM": _netpbm,
    "PNM": _netpbm,
    "PPM": _netpbm,
}
