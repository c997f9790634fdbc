"""Stamp: the program that made a picture, with its options, in the metadata of the file.

In EXIF and TIFF, the program is the tag Software. Its options are a line of ImageDescription, after the text that was
there; an older Software is named in that line. PNG has the same as text chunks with the keywords Software and
Description, which most programs show.
"""

import struct
from contextlib import suppress
from dataclasses import dataclass

from repix.pictures.tiff_tags import Damaged, Entry, Layout, TagList, build, layout_of, lists

DESCRIPTION, SOFTWARE = 0x010E, 0x0131
TEXT = 2
"""The type of a text that ends with a zero byte."""
EMPTY = b"II*\0\x08\0\0\0"


@dataclass(frozen=True)
class Stamp:
    """The program that made a picture."""

    software: str
    """Name and version of the program."""
    description: str
    """Model and options."""

    @property
    def line(self) -> str:
        """Software and description, in one line."""
        return f"{self.software}: {self.description}"


def stamped_exif(block: bytes | None, stamp: Stamp) -> bytes:
    r"""Return an EXIF block with a stamp; all other tags are kept, and no value of them moves.

    The first directory is written again behind the block, so that offsets into the block stay valid.

    >>> block = stamped_exif(None, Stamp("repix 1.0", "model a"))
    >>> [entry.data for entry in lists(block)[0].entries.values()]
    [b'repix 1.0: model a\x00', b'repix 1.0\x00']
    """
    layout, page, body = _first_page(block)
    body += b"\0" * (len(body) % 2)
    entries = {} if page is None else dict(page.entries)
    before, program = _text(entries.get(DESCRIPTION)), _text(entries.get(SOFTWARE))
    line = stamp.line if not program or program == stamp.software else f"{stamp.line}; before: {program}"
    entries[DESCRIPTION] = _entry(DESCRIPTION, f"{before}\n{line}" if before else line)
    entries[SOFTWARE] = _entry(SOFTWARE, stamp.software)
    start, following = struct.pack(layout.offset, len(body)), 0 if page is None else page.following
    return body[:4] + start + body[8:] + build(list(entries.values()), len(body), layout, following)


def _first_page(block: bytes | None) -> tuple[Layout, TagList | None, bytes]:
    """Return the layout of an EXIF block, its first directory and its bytes; an empty one where it is damaged."""
    if block is not None:
        with suppress(Damaged):
            layout, pages = layout_of(block)[0], lists(block)
            if pages and not layout.big:
                return layout, pages[0], block
    return Layout("<"), None, EMPTY


def _text(entry: Entry | None) -> str:
    """Return the text of a tag without the bytes that only fill it; empty if there is none."""
    return "" if entry is None else entry.data.decode("utf-8", "replace").strip("\0 ")


def _entry(tag: int, text: str) -> Entry:
    data = text.encode() + b"\0"
    return Entry(tag, TEXT, len(data), data)
