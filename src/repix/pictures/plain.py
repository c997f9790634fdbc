"""The plain formats that libvips lacks: PBM, PGM, PPM, PFM and NPY, by hand."""

import ast
import io
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable
from repix.pictures import bmp
from repix.pictures.decoded import Bytes, Decoded
from repix.pictures.limits import Limits
from repix.pictures.picture import Picture

_WORD = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([^\s#]+)")
_HEADER = 4096
"""Bytes in which the header of a netpbm file must fit, comments included."""


def decode(data: Bytes, form: str, name: str, limits: Limits) -> Decoded:
    """Read a file of one of these formats."""
    return _READERS[form](data, name, limits)


def pixels(data: Bytes, form: str, name: str) -> int:
    """Height × width of a file of one of these formats but BMP, as its header says."""
    if form == "NPY":
        return math.prod(_npy_header(data, name)[0][:2])
    words, _ = _words(data, 3, name)
    return _whole(words[1], name) * _whole(words[2], name)


def encode(picture: Picture, form: str) -> bytes:
    """The picture, which fits the format, as a file."""
    return _WRITERS[form](picture)


def _netpbm(data: Bytes, name: str, limits: Limits) -> Decoded:
    kind = bytes(data[:2])
    words, start = _words(data, 3 if kind in (b"P1", b"P4") else 4, name)
    width, height = (_whole(word, name) for word in words[1:3])
    white = _whole(words[3], name) if len(words) > 3 else 1
    if not 0 < white < 65536 or not width or not height:
        raise _damaged(name, f"it announces {width}×{height} pixels and {white} as white")
    limits.check_size(name, height, width)
    channels = 3 if kind in (b"P3", b"P6") else 1
    if kind in (b"P1", b"P2", b"P3"):
        values = _written_out(data, start, height * width * channels, kind == b"P1", name)
    elif kind == b"P4":
        rows = _numbers(data, start, height * ((width + 7) // 8), np.dtype(np.uint8), name)
        values = np.unpackbits(rows.reshape(height, -1), axis=1, count=width)
    else:
        values = _numbers(data, start, height * width * channels, np.dtype(np.uint8 if white < 256 else ">u2"), name)
    if int(values.max()) > white:
        raise _damaged(name, f"a value of {values.max()} is above {white}, which is white")
    return _levels(values.reshape(height, width, channels), white, kind in (b"P1", b"P4"))


def _levels(values: NDArray[Any], white: int, ink: bool) -> Decoded:
    """Values up to any white as 8 or 16-bit levels."""
    if ink:
        return Decoded((1 - values.astype(np.uint8)) * np.uint8(255), converted=["1-bit grey became 8-bit grey"])
    full = 255 if white < 256 else 65535
    dtype = np.uint8 if white < 256 else np.uint16
    if white == full:
        return Decoded(values.astype(dtype))
    scaled = np.rint(values.astype(np.float64) * (full / white)).astype(dtype)
    return Decoded(scaled, converted=[f"values up to {white} became values up to {full}"])


def _written_out(data: Bytes, start: int, count: int, bits: bool, name: str) -> NDArray[Any]:
    """Numbers written out as text; those of a PBM need no spaces between them."""
    text = re.sub(rb"#[^\r\n]*", b"", bytes(data[start:]))
    words = re.findall(rb"\S" if bits else rb"\S+", text)
    if len(words) < count:
        raise _damaged(name, f"it ends after {len(words)} of {count} values")
    if len(words) > count:
        raise Unreadable(f"{name} holds more than one picture's numbers; repix converts single pictures.")
    return np.array([_whole(word, name) for word in words], np.int64)


def _pfm(data: Bytes, name: str, limits: Limits) -> Decoded:
    words, start = _words(data, 4, name)
    width, height = (_whole(word, name) for word in words[1:3])
    try:
        scale = float(words[3])
    except ValueError:
        scale = math.nan
    if not math.isfinite(scale) or scale == 0 or not width or not height:
        raise _damaged(name, f"it announces {width}×{height} pixels and a scale of {words[3].decode('latin-1')}")
    limits.check_size(name, height, width)
    channels = 3 if words[0] == b"PF" else 1
    kind = np.dtype("<f4" if scale < 0 else ">f4")
    rows = _numbers(data, start, height * width * channels, kind, name).reshape(height, width, channels)[::-1]
    if abs(scale) == 1:
        return Decoded(rows.astype(np.float32))
    return Decoded((rows * abs(scale)).astype(np.float32), converted=[f"values were multiplied by {abs(scale):g}"])


def _npy(data: Bytes, name: str, limits: Limits) -> Decoded:
    shape, by_columns, dtype, start = _npy_header(data, name)
    known = {"u1": np.uint8, "u2": np.uint16, "f2": np.float32, "f4": np.float32, "f8": np.float32}
    if dtype.str[1:] not in known:
        raise Unreadable(f"{name} holds numbers of type {dtype}; a picture has uint8, uint16 or float32.")
    if len(shape) not in (2, 3) or 0 in shape or (len(shape) == 3 and shape[2] > 4):
        raise Unreadable(f"{name} holds an array of shape {shape}; a picture is H×W, or H×W×C with C from 1 to 4.")
    limits.check_size(name, *shape[:2])
    values = _numbers(data, start, math.prod(shape), dtype, name)
    if len(data) > start + values.nbytes:
        raise _damaged(name, "it is longer than its header says")
    pixels = values.reshape(shape, order="F" if by_columns else "C").astype(known[dtype.str[1:]], order="C")
    changed = (
        [] if dtype.kind == "u" or dtype.itemsize == 4 else [f"{dtype.itemsize * 8}-bit floats became 32-bit floats"]
    )
    return Decoded(pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis], converted=changed)


def _npy_header(data: Bytes, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, order and type of the numbers, and where they begin; numpy's own reader guesses at damaged headers."""
    width = 2 if data[6:7] == b"\1" else 4
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    try:
        if start > _HEADER:
            raise ValueError
        header = ast.literal_eval(bytes(data[8 + width : start]).decode("latin-1").strip())
        shape, by_columns, kind = header["shape"], header["fortran_order"], header["descr"]
        dtype = np.dtype(kind if isinstance(kind, str) else "O")
    except (ValueError, KeyError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise _damaged(name, "its header makes no sense") from None
    if not isinstance(shape, tuple) or not all(isinstance(side, int) and side >= 0 for side in shape):
        raise _damaged(name, f"its shape is {shape!r:.50}")
    return shape, bool(by_columns), dtype, start


def _words(data: Bytes, count: int, name: str) -> tuple[list[bytes], int]:
    """The first words of a netpbm header, comments left out, and where the numbers begin."""
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
        raise _damaged(name, f"'{word[:20].decode('latin-1')}' stands where a number should")
    return int(word)


def _numbers(data: Bytes, start: int, count: int, dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    """So many numbers of the file, as a copy."""
    length = count * dtype.itemsize
    if len(data) < start + length:
        raise _damaged(name, f"it ends after {max(len(data) - start, 0):,} of {length:,} bytes of numbers")
    return np.frombuffer(bytes(data[start : start + length]), dtype)


def _damaged(name: str, why: str) -> Unreadable:
    return Unreadable(f"{name} is damaged: {why}.")


def _write_netpbm(picture: Picture) -> bytes:
    height, width = picture.size
    white = np.iinfo(picture.pixels.dtype).max
    head = f"P{5 if picture.is_grey else 6}\n{width} {height}\n{white}\n".encode()
    return head + picture.pixels.astype(picture.pixels.dtype.newbyteorder(">")).tobytes()


def _write_pfm(picture: Picture) -> bytes:
    height, width = picture.size
    head = f"P{'f' if picture.is_grey else 'F'}\n{width} {height}\n-1.0\n".encode()
    return head + picture.pixels[::-1].astype("<f4").tobytes()


def _write_npy(picture: Picture) -> bytes:
    """H×W for grey without alpha, else H×W×C."""
    pixels = picture.pixels[:, :, 0] if picture.pixels.shape[2] == 1 else picture.pixels
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(pixels), allow_pickle=False)
    return stream.getvalue()


_READERS: dict[str, Callable[[Bytes, str, Limits], Decoded]] = {
    "BMP": bmp.decode,
    "NPY": _npy,
    "PBM": _netpbm,
    "PFM": _pfm,
    "PGM": _netpbm,
    "PPM": _netpbm,
}

_WRITERS: dict[str, Callable[[Picture], bytes]] = {
    "BMP": bmp.encode,
    "NPY": _write_npy,
    "PFM": _write_pfm,
    "PGM": _write_netpbm,
    "PNM": _write_netpbm,
    "PPM": _write_netpbm,
}
