"""Decoders for formats that libvips does not read: PBM, PGM, PPM, PFM and NPY; BMP is in `bmp`."""

import ast
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable
from repix.pictures import bmp
from repix.pictures.decoded import Decoded, Rows, decode_whole
from repix.pictures.file_bytes import Bytes
from repix.pictures.limits import Limits

_WORD = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([^\s#]+)")
_HEADER = 4096
"""Most bytes of a netpbm header, comments included."""
_TEXT = 80
"""Bytes of memory per value that is stored as text."""


def open_file(data: Bytes, form: str, name: str, limits: Limits) -> Decoded:
    """Open a file of one of these formats; its rows are decoded when they are read."""
    return _READERS[form](data, name, limits)


def _netpbm(data: Bytes, name: str, limits: Limits) -> Decoded:
    kind = bytes(data[:2])
    words, start = _words(data, 3 if kind in (b"P1", b"P4") else 4, name)
    width, height = (_whole(word, name) for word in words[1:3])
    white = _whole(words[3], name) if len(words) > 3 else 1
    if not 0 < white < 65536 or not width or not height:
        raise _damaged(name, f"its header declares {width}×{height} pixels and a maximum of {white}")
    limits.check_size(name, height, width)
    shape = (height, width, 3 if kind in (b"P3", b"P6") else 1)
    if kind in (b"P1", b"P2", b"P3"):
        values = decode_whole(lambda: _parse_text(data, start, shape, kind == b"P1", name))
    elif kind == b"P4":
        packed = _rows(data, start, (height, (width + 7) // 8), np.dtype(np.uint8), name)
        values = lambda first, count: np.unpackbits(packed(first, count), axis=1, count=width)[:, :, np.newaxis]  # noqa: E731
    else:
        values = _rows(data, start, shape, np.dtype(np.uint8 if white < 256 else ">u2"), name)
    found = _levels(values, shape, white, kind in (b"P1", b"P4"), name)
    if kind in (b"P1", b"P2", b"P3"):
        found.whole, found.memory = "its values are stored as text", math.prod(shape) * _TEXT
    return found


def _levels(values: Rows, shape: tuple[int, int, int], white: int, ink: bool, name: str) -> Decoded:
    """Scale values with any maximum to 8 or 16 bits."""
    full = 255 if white < 256 else 65535
    dtype = np.dtype(np.uint8 if white < 256 else np.uint16)

    def levels(first: int, count: int) -> NDArray[Any]:
        rows = values(first, count)
        if int(rows.max()) > white:
            raise _damaged(name, f"a value exceeds the maximum of {white}")
        if ink:
            return (1 - rows.astype(np.uint8)) * np.uint8(255)
        return rows.astype(dtype) if white == full else np.rint(rows.astype(np.float64) * (full / white)).astype(dtype)

    changed = [] if white == full else [f"values up to {white} became values up to {full}"]
    return Decoded(shape[:2], shape[2], dtype, levels, converted=["1-bit gray became 8-bit gray"] if ink else changed)


def _parse_text(data: Bytes, start: int, shape: tuple[int, int, int], bits: bool, name: str) -> NDArray[Any]:
    """Parse values stored as text; those of a PBM need no spaces between them."""
    count = math.prod(shape)
    text = re.sub(rb"#[^\r\n]*", b"", bytes(data[start:]))
    words = re.findall(rb"\S" if bits else rb"\S+", text)
    if len(words) < count:
        raise _damaged(name, f"it ends after {len(words)} of {count} values")
    if len(words) > count:
        raise Unreadable(f"{name} contains more than one picture; repix reads single pictures.")
    return np.array([_whole(word, name) for word in words], np.int64).reshape(shape)


def _pfm(data: Bytes, name: str, limits: Limits) -> Decoded:
    words, start = _words(data, 4, name)
    width, height = (_whole(word, name) for word in words[1:3])
    try:
        scale = float(words[3])
    except ValueError:
        scale = math.nan
    if not math.isfinite(scale) or scale == 0 or not width or not height:
        raise _damaged(name, f"its header declares {width}×{height} pixels and scale {words[3].decode('latin-1')}")
    limits.check_size(name, height, width)
    shape = (height, width, 3 if words[0] == b"PF" else 1)
    upwards = _rows(data, start, shape, np.dtype("<f4" if scale < 0 else ">f4"), name)

    def rows(first: int, count: int) -> NDArray[Any]:
        numbers = upwards(height - first - count, count)[::-1]
        return (numbers if abs(scale) == 1 else numbers * abs(scale)).astype(np.float32)

    changed = [] if abs(scale) == 1 else [f"values were multiplied by {abs(scale):g}"]
    return Decoded(shape[:2], shape[2], np.dtype(np.float32), rows, converted=changed)


def _npy(data: Bytes, name: str, limits: Limits) -> Decoded:
    shape, by_columns, dtype, start = _npy_header(data, name)
    known = {"u1": np.uint8, "u2": np.uint16, "f2": np.float32, "f4": np.float32, "f8": np.float32}
    if dtype.str[1:] not in known:
        raise Unreadable(f"{name} contains values of type {dtype}; a picture needs uint8, uint16 or float32.")
    if len(shape) not in (2, 3) or 0 in shape or (len(shape) == 3 and shape[2] > 4):
        raise Unreadable(f"{name} contains an array of shape {shape}; a picture is H×W or H×W×C with C from 1 to 4.")
    height, width, channels = (*shape, 1)[:3]
    limits.check_size(name, height, width)
    stored = _rows(data, start, (width * channels, height) if by_columns else (height, width, channels), dtype, name)
    length = math.prod(shape) * dtype.itemsize
    if len(data) > start + length:
        raise _damaged(name, "it is longer than its header declares")
    own = np.dtype(known[dtype.str[1:]])
    in_order = lambda: stored(0, width * channels).reshape(channels, width, height).transpose(2, 1, 0)  # noqa: E731
    rows = decode_whole(in_order) if by_columns else stored
    changed = (
        [] if dtype.kind == "u" or dtype.itemsize == 4 else [f"{dtype.itemsize * 8}-bit floats became 32-bit floats"]
    )
    found = Decoded(
        (height, width), channels, own, lambda *place: rows(*place).astype(own, order="C"), converted=changed
    )
    if by_columns:
        found.whole, found.memory = "its values are stored column by column", length
    return found


def _npy_header(data: Bytes, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Parse shape, order and dtype, and the offset of the data; numpy's reader guesses at damaged headers."""
    width = 2 if data[6:7] == b"\1" else 4
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    try:
        if start > _HEADER:
            raise ValueError
        header = ast.literal_eval(bytes(data[8 + width : start]).decode("latin-1").strip())
        shape, by_columns, kind = header["shape"], header["fortran_order"], header["descr"]
        dtype = np.dtype(kind if isinstance(kind, str) else "O")
    except (ValueError, KeyError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise _damaged(name, "its header is invalid") from None
    if not isinstance(shape, tuple) or not all(isinstance(side, int) and side >= 0 for side in shape):
        raise _damaged(name, f"its shape is {shape!r:.50}")
    return shape, bool(by_columns), dtype, start


def _words(data: Bytes, count: int, name: str) -> tuple[list[bytes], int]:
    """Return the first words of a netpbm header, without comments, and the offset of the data."""
    head = bytes(data[:_HEADER])
    words, position = [], 0
    for _ in range(count):
        match = _WORD.match(head, position)
        if match is None:
            raise _damaged(name, "its header is incomplete")
        words.append(match[1])
        position = match.end()
    return words, position + 1


def _whole(word: bytes, name: str) -> int:
    if not word.isdigit() or len(word) > 10:
        raise _damaged(name, f"it contains '{word[:20].decode('latin-1')}' where a number is expected")
    return int(word)


def _rows(data: Bytes, start: int, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Rows:
    """Return a function that gives rows of values stored one after the other."""
    row = math.prod(shape[1:]) * dtype.itemsize
    if len(data) < start + shape[0] * row:
        raise _damaged(name, f"it ends after {max(len(data) - start, 0):,} of {shape[0] * row:,} bytes of pixels")

    def rows(first: int, count: int) -> NDArray[Any]:
        at = start + first * row
        return np.frombuffer(data[at : at + count * row], dtype).reshape(count, *shape[1:])

    return rows


def _damaged(name: str, why: str) -> Unreadable:
    return Unreadable(f"{name} is damaged: {why}.")


_READERS: dict[str, Callable[[Bytes, str, Limits], Decoded]] = {
    "BMP": bmp.open_file,
    "NPY": _npy,
    "PBM": _netpbm,
    "PFM": _pfm,
    "PGM": _netpbm,
    "PPM": _netpbm,
}
