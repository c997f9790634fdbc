"""Insert an EXIF block byte for byte into an encoded file; libvips would rewrite it and lose tags."""

import struct
import zlib
from typing import BinaryIO

from repix.pictures.file_bytes import FileBytes
from repix.pictures.metadata import exif_tree
from repix.pictures.picture import Picture
from repix.pictures.tiff_tags import Tree, layout_of, lists

HEAD = 33
"""Bytes of a PNG up to the end of its header chunk: a signature of 8, and 25."""


def header_insertion(form: str, exif: bytes | None, like: Picture) -> tuple[int, bytes]:
    """Return an offset in an encoded file and the bytes to insert there.

    A JPEG gets JFIF and EXIF segments, a PNG gets chunks of palette, EXIF and text, other formats get nothing.

    Args:
        form: name of the format.
        exif: the EXIF block.
        like: a picture with the resolution, the palette and the stamp.
    """
    if form == "JPEG":
        segment = b"" if exif is None else b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
        return 2, _jfif(like.resolution) + segment
    if form == "PNG":
        colors = b"".join(color.to_bytes(3) for color in like.palette)
        chunks = [(b"PLTE", colors or None), (b"eXIf", exif)]
        if like.stamp is not None:
            chunks += [_text("Software", like.stamp.software), _text("Description", like.stamp.line)]
        return HEAD, b"".join(_chunk(tag, body) for tag, body in chunks if body is not None)
    return 0, b""


def _text(keyword: str, text: str) -> tuple[bytes, bytes]:
    """Return name and contents of a PNG text chunk: tEXt is Latin-1, iTXt (not compressed, no language) is UTF-8."""
    try:
        return b"tEXt", keyword.encode() + b"\0" + text.encode("latin-1")
    except UnicodeEncodeError:
        return b"iTXt", keyword.encode() + bytes(5) + text.encode()


def _chunk(tag: bytes, body: bytes) -> bytes:
    """Return a PNG chunk: length, name, body, checksum."""
    return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))


def mark_as_indexed(file: BinaryIO) -> None:
    """Change the color type of a gray PNG with an inserted palette to indexed; its pixel data stay the same."""
    file.seek(12)
    header = file.read(HEAD - 4 - 12)  # its name and all of it
    indexed = header[:13] + b"\3" + header[14:]
    file.seek(12)
    file.write(indexed + struct.pack(">I", zlib.crc32(indexed)))


def _jfif(resolution: tuple[float, float] | None) -> bytes:
    """Return the JFIF segment of a JPEG, which stores the resolution; libvips does not write it."""
    unit, across, down = (0, 1, 1) if resolution is None else (1, *(min(round(r * 25.4), 65535) for r in resolution))
    return b"\xff\xe0\0\x10JFIF\0\1\1" + struct.pack(">BHHBB", unit, across, down, 0, 0)


def webp_with_exif(data: bytes, exif: bytes) -> bytes:
    """Return a WebP file with an EXIF chunk at its end, and an extended header if it had none."""
    body = data[12:]
    if body[:4] != b"VP8X":
        body = _extended_header(body) + body
    flagged = body[:8] + bytes([body[8] | 0x08]) + body[9:]
    chunk = b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2)
    content = b"WEBP" + flagged + chunk
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _extended_header(body: bytes) -> bytes:
    """Return the VP8X chunk of a simple lossy file, which has no alpha, profile or XMP."""
    width, height = (size & 0x3FFF for size in struct.unpack("<HH", body[14:18]))
    return b"VP8X" + struct.pack("<II", 10, 0) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]


def append_exif_to_tiff(file: BinaryIO, exif: bytes) -> None:
    """Add EXIF tags to a TIFF: append a new directory with the page's own tags and those of the block."""
    data = FileBytes(file)
    layout, _ = layout_of(data)
    page = lists(data)[0]
    tree = exif_tree(exif, lists(exif)[0])
    own = tuple(entry for tag, entry in page.entries.items())
    added = tuple(entry for entry in tree.entries if entry.tag not in page.entries)
    end = len(data) + len(data) % 2
    file.seek(0, 2)
    file.write(b"\0" * (end - len(data)) + Tree(own + added, tree.children).encode(end, layout))
    file.seek(8 if layout.big else 4)
    file.write(struct.pack(layout.offset, end))
