"""Putting an EXIF block byte for byte into an encoded file; the encoder would rewrite it and lose tags."""

import struct
import zlib

from repix.pictures.metadata import exif_tree
from repix.pictures.tags import Tree, layout_of, lists


def with_exif(data: bytes, form: str, exif: bytes) -> bytes:
    """The encoded file with an EXIF block put in."""
    if form == "AVIF":  # the encoder has done it
        return data
    embedders = {"JPEG": _in_jpeg, "PNG": _in_png, "TIFF": _in_tiff, "WebP": _in_webp}
    return embedders[form](data, exif)


def with_jfif(data: bytes, resolution: tuple[float, float] | None) -> bytes:
    """The encoded JPEG with the usual first segment, which has the resolution; the encoder leaves it out."""
    unit, across, down = (0, 1, 1) if resolution is None else (1, *(min(round(r * 25.4), 65535) for r in resolution))
    return data[:2] + b"\xff\xe0\0\x10JFIF\0\1\1" + struct.pack(">BHHBB", unit, across, down, 0, 0) + data[2:]


def _in_jpeg(data: bytes, exif: bytes) -> bytes:
    """Behind the JFIF segment, which comes first and has 18 bytes."""
    segment = b"Exif\0\0" + exif
    return data[:20] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[20:]


def _in_png(data: bytes, exif: bytes) -> bytes:
    """Behind the header, which always has 25 bytes after the 8 of the signature."""
    chunk = b"eXIf" + exif
    return data[:33] + struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]


def _in_webp(data: bytes, exif: bytes) -> bytes:
    """At the end; the extended header, which says that EXIF is there, is made where the encoder made none."""
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


def _in_tiff(data: bytes, exif: bytes) -> bytes:
    """As tags of the page: its list is written anew at the end, with those of the EXIF block."""
    layout, _ = layout_of(data)
    page = lists(data)[0]
    tree = exif_tree(exif, lists(exif)[0])
    own = tuple(entry for tag, entry in page.entries.items())
    added = tuple(entry for entry in tree.entries if entry.tag not in page.entries)
    data += b"\0" * (len(data) % 2)
    pointer = struct.pack(layout.offset, len(data))
    head = data[:8] + pointer if layout.big else data[:4] + pointer
    return head + data[len(head) :] + Tree(own + added, tree.children).plant(len(data), layout)
