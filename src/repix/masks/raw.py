"""A mask's pixels as they stand in the file: palette indices and small bit depths are not turned into colours."""

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

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 3
CODING = (b"IHDR", b"IDAT", b"IEND")
"""The chunks that a grey PNG needs."""


@dataclass(frozen=True, eq=False)
class RawMask:
    """Indices or grey levels H×W, or colours H×W×3; alpha is left out."""

    pixels: NDArray[Any]
    kind: Literal["grey", "palette", "colours"]
    palette: tuple[int, ...] = ()
    """The colours that indices stand for, as 0xRRGGBB."""

    @property
    def is_grey(self) -> bool:
        """Whether there is nothing but greys, even where they are written as colours."""
        if self.kind == "colours":
            return bool((self.pixels == self.pixels[:, :, :1]).all())
        return self.kind == "grey"


def read_mask(path: Path | str) -> RawMask:
    """Read a mask; of a PNG with a palette its indices, of other pictures their levels or colours.

    >>> read_mask("nowhere.png")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.png: there is no such file.
    """
    picture = read(path)
    if picture.depth == "float":
        raise Unreadable(f"{path} holds floats; a mask holds whole numbers or colours.")
    try:
        with Path(path).open("rb") as file:
            head = file.read(26)
            data = head + file.read() if _is_indexed(head) else b""
    except OSError as problem:
        raise read_error(path, problem) from None
    if data:
        return _indexed(data, str(path))
    if picture.is_grey:
        return RawMask(picture.pixels[:, :, 0], "grey")
    if picture.depth == "16":
        raise Unreadable(f"{path} holds colours of 16 bits; write the mask with 8 bits.")
    return RawMask(picture.pixels[:, :, :3], "colours")


def _is_indexed(head: bytes) -> bool:
    """Whether this is a PNG with a palette, or of grey with less than 8 bits, which the reader would stretch."""
    return head[:8] == SIGNATURE and (head[25] == PALETTE or head[24] < 8)


def _indexed(data: bytes, name: str) -> RawMask:
    """Indices and palette of a sound PNG.

    Indices are stored just as greys are, so the decoder is told they are grey.
    """
    bits, kind = data[24], data[25]
    chunks = _chunks(data)
    header = data[16:25] + b"\0" + data[26:29]
    grey = SIGNATURE + b"".join(chunk(tag, header if tag == b"IHDR" else body) for tag, body in chunks if tag in CODING)
    found = vips_reader.opened(grey, "PNG", name, OWN, Header())
    levels = found.rows(0, found.size[0])[:, :, 0]
    pixels = levels if bits == 8 else levels // np.uint8(255 // (2**bits - 1))  # the decoder stretches to 0..255
    if kind != PALETTE:
        return RawMask(pixels, "grey")
    entries = np.frombuffer(next((body for tag, body in chunks if tag == b"PLTE"), b""), np.uint8).reshape(-1, 3)
    if int(pixels.max()) >= len(entries):
        raise Unreadable(
            f"{name} is a damaged PNG: a pixel has colour {pixels.max()} and the palette ends before that."
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
    """A part of a PNG: its length, its name, itself, its checksum."""
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))
