"""Putting an EXIF block byte for byte into an encoded file; the encoder would rewrite it and lose tags."""

import struct
import zlib
from typing import BinaryIO

from repix.pictures.file_bytes import FileBytes
from repix.pictures.metadata import exif_tree
from repix.pictures.tiff_tags import Tree, layout_of, lists

HEAD = 33
"""The bytes of a PNG up to the end of its header: 8 of the signature, and 25."""


def behind_the_beginning(
    form: str, exif: bytes | None, resolution: tuple[float, float] | None, palette: tuple[int, ...] = ()
) -> tuple[int, bytes]:
    """What to put behind how many bytes of an encoded file: for a JPEG JFIF and EXIF, for a PNG palette and EXIF."""
    if form == "JPEG":
        segment = b"" if exif is None else b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
        return 2, _jfif(resolution) + segment
    if form == "PNG":
        colours = b"".join(colour.to_bytes(3) for colour in palette)
        chunks = (b"PLTE", colours or None), (b"eXIf", exif)
        return HEAD, b"".join(_chunk(tag, body) for tag, body in chunks if body is not None)
    return 0, b""


def _chunk(tag: bytes, body: bytes) -> bytes:
    """A part of a PNG: its length, its name, itself, its checksum."""
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def as_indices(file: BinaryIO) -> None:
    """Let a PNG of grey levels, into which a palette was put, call its levels indices; its rows stay the same."""
    file.seek(12)
    header = file.read(HEAD - 4 - 12)  # its name and all of it
    indexed = header[:13] + b"\3" + header[14:]
    file.seek(12)
    file.write(indexed + struct.pack(">I", zlib.crc32(indexed)))


def _jfif(resolution: tuple[float, float] | None) -> bytes:
    """The usual first segment of a JPEG, which has the resolution; the encoder leaves it out."""
    unit, across, down = (0, 1, 1) if resolution is None else (1, *(min(round(r * 25.4), 65535) for r in resolution))
    return b"\xff\xe0\0\x10JFIF\0\1\1" + struct.pack(">BHHBB", unit, across, down, 0, 0)


def in_webp(data: bytes, exif: bytes) -> bytes:
    """A WebP with EXIF at its end; the extended header, which says so, is made where the encoder made none."""
    body = data[12:]
    if body[:4] != b"VP8X":
        body = _extended_header(body) + body
    flagged = body[:8] + bytes([body[8] | 0x08]) + body[9:]
    chunk = b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2)
    content = b"WEBP" + flagged + chunk
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _extended_header(body: bytes) -> bytes:
    """The VP8X chunk of a lossy picture that has none: then it has no alpha, no profile and no XMP."""
    width, height = (size & 0x3FFF for size in struct.unpack("<HH", body[14:18]))
    return b"VP8X" + struct.pack("<II", 10, 0) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]


def append_to_tiff(file: BinaryIO, exif: bytes) -> None:
    """Put EXIF into a TIFF as tags of its page: the page's list is written anew at the end, with those of the block."""
    data = FileBytes(file)
    layout, _ = layout_of(data)
    page = lists(data)[0]
    tree = exif_tree(exif, lists(exif)[0])
    own = tuple(entry for tag, entry in page.entries.items())
    added = tuple(entry for entry in tree.entries if entry.tag not in page.entries)
    end = len(data) + len(data) % 2
    file.seek(0, 2)
    file.write(b"\0" * (end - len(data)) + Tree(own + added, tree.children).plant(end, layout))
    file.seek(8 if layout.big else 4)
    file.write(struct.pack(layout.offset, end))
