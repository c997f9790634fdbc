"""Read a mask's stored values: palette indices and small bit depths are not converted to colors."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable
from repix.pictures import OWN, read, vips_reader
from repix.pictures.atomic import read_error
from repix.pictures.headers import Header
from repix.volumes.stack import read_labels, slice_range

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
CODING = (b"IHDR", b"IDAT", b"IEND")
"""Chunks of a minimal gray PNG."""


@dataclass(frozen=True, eq=False)
class RawMask:
    """The stored values of a mask: palette indices or gray levels H×W, or colors H×W×3, without alpha."""

    pixels: NDArray[Any]
    kind: Literal["gray", "palette", "colors"]
    palette: tuple[int, ...] = ()
    """Colors of the indices, as 0xRRGGBB."""

    @property
    def is_gray(self) -> bool:
        """True if all pixels are gray, even if stored as colors."""
        if self.kind == "colors":
            return bool((self.pixels == self.pixels[:, :, :1]).all())
        return self.kind == "gray"


def read_mask(path: Path | str) -> RawMask:
    """Read a mask file: the indices of an indexed PNG, the levels or colors of other pictures.

    The slices of a volume, `labels.tif[0:24]`, are one below another.

    Raises:
        Unreadable: the file cannot be read, or contains floats or 16-bit colors.

    >>> read_mask("nowhere.png")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    if slice_range(str(path)) is not None:
        return RawMask(read_labels(Path(path)), "gray")
    picture = read(path)
    if picture.depth == "float":
        raise Unreadable(f"{path} contains floats; a mask needs integers or 8-bit colors.")
    try:
        with Path(path).open("rb") as file:
            head = file.read(26)
            data = head + file.read() if _is_indexed(head) else b""
    except OSError as problem:
        raise read_error(path, problem) from None
    if data:
        return _indexed(data, str(path))
    if picture.is_gray:
        return RawMask(picture.pixels[:, :, 0], "gray")
    if picture.depth == "16":
        raise Unreadable(f"{path} contains 16-bit colors; write the mask with 8 bits.")
    return RawMask(picture.pixels[:, :, :3], "colors")


def _is_indexed(head: bytes) -> bool:
    """Return true for an indexed PNG, or a gray one of less than 8 bits, which the decoder would scale."""
    return head[:8] == SIGNATURE and (head[25] == PALETTE or head[24] < 8)


def _indexed(data: bytes, name: str) -> RawMask:
    """Return the indices and palette of a valid PNG; indices are stored like grays, so they are decoded as gray."""
    bits, kind = data[24], data[25]
    chunks = _chunks(data)
    header = data[16:25] + b"\0" + data[26:29]
    gray = SIGNATURE + b"".join(chunk(tag, header if tag == b"IHDR" else body) for tag, body in chunks if tag in CODING)
    found = vips_reader.open_file(gray, "PNG", name, OWN, Header())
    levels = found.rows(0, found.size[0])[:, :, 0]
    pixels = levels if bits == 8 else levels // np.uint8(255 // (2**bits - 1))  # the decoder scales to 0..255
    if kind != PALETTE:
        return RawMask(pixels, "gray")
    entries = np.frombuffer(next((body for tag, body in chunks if tag == b"PLTE"), b""), np.uint8).reshape(-1, 3)
    if int(pixels.max()) >= len(entries):
        raise Unreadable(
            f"{name} is a damaged PNG: a pixel has index {pixels.max()}, but the palette has {len(entries)} entries."
        )
    return RawMask(pixels, "palette", tuple(int(r) << 16 | int(g) << 8 | int(b) for r, g, b in entries))


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def chunk(tag: bytes, body: bytes) -> bytes:
    """Return a PNG chunk: length, name, body, checksum."""
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
