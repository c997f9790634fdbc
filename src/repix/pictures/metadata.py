"""EXIF, XMP and ICC metadata: remove what becomes wrong when the orientation is applied."""

import re
from dataclasses import dataclass

from repix.pictures.tiff_tags import Block, Damaged, Entry, Layout, TagList, Tree, layout_of, lists, sublist

ORIENTATION, EXIF, GPS, INTEROPERABILITY = 0x0112, 0x8769, 0x8825, 0xA005
THUMBNAIL_AT, THUMBNAIL_LENGTH = 0x0201, 0x0202
WIDTH, HEIGHT = 0xA002, 0xA003
DESCRIPTIVE = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
"""Description, maker, model, software, date, artist, host computer, copyright; in a TIFF they are tags of the page."""


@dataclass(frozen=True)
class Cleaned:
    """An EXIF block without prefix and thumbnail and with orientation 1, and what it contained before."""

    block: bytes
    orientation: int = 1
    had_thumbnail: bool = False


def clean_exif(block: bytes) -> Cleaned:
    """Return an EXIF block with orientation 1 and without its thumbnail; all other bytes are unchanged.

    Raises:
        Damaged: the block is not valid EXIF.
    """
    block = block.removeprefix(b"Exif\0\0")
    pages = lists(block)
    if not pages:
        raise Damaged("it contains no tag directory")
    changed = bytearray(block)
    turn = pages[0].entries.get(ORIENTATION)
    if turn is not None:
        _put_number(changed, turn, 1)
    if len(pages) > 1:
        _cut_thumbnail(changed, pages)
    return Cleaned(bytes(changed), orientation_of(pages[0]), len(pages) > 1)


def orientation_of(page: TagList) -> int:
    """Return the orientation stored in a tag directory, or 1 if it is missing or invalid."""
    stored = page.number(ORIENTATION, 1)
    return stored if stored in range(1, 9) else 1


def sized_exif(block: bytes, height: int, width: int) -> bytes:
    """Return an EXIF block with its size tags, if it has any, set to this height and width."""
    changed = bytearray(block)
    details = sublist(block, lists(block)[0], EXIF)
    for tag, value in ((WIDTH, width), (HEIGHT, height)):
        if details is not None and tag in details.entries:
            _put_number(changed, details.entries[tag], value)
    return bytes(changed)


def exif_of_tiff(block: Block, page: TagList) -> bytes | None:
    """Return the EXIF tags of a TIFF file, which are spread over the file, as one block; None if there are none."""
    tree = exif_tree(block, page)
    if not tree.entries and not tree.children:
        return None
    return b"II*\0\x08\0\0\0" + tree.encode(8, Layout("<"))


def exif_tree(block: Block, page: TagList) -> Tree:
    """Return the EXIF tags below a page, without the tags that describe the TIFF's pixel layout."""
    children = []
    for tag in (EXIF, GPS):
        found = sublist(block, page, tag)
        if found is not None:
            inner = sublist(block, found, INTEROPERABILITY)
            grandchildren = () if inner is None else ((INTEROPERABILITY, _leaf(inner)),)
            children.append((tag, Tree(_leaf(found).entries, grandchildren)))
    return Tree(tuple(page.entries[tag] for tag in DESCRIPTIVE if tag in page.entries), tuple(children))


def reset_xmp_orientation(packet: bytes) -> bytes:
    """Return an XMP packet with its orientation, if it has one, reset to 1.

    >>> reset_xmp_orientation(b'<rdf:Description tiff:Orientation="6"/>')
    b'<rdf:Description tiff:Orientation="1"/>'
    """
    return re.sub(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]", rb"\g<1>1", packet)


def profile_space(profile: bytes) -> str:
    """Return the color space of an ICC profile: 'RGB', 'GRAY', 'CMYK' ...; empty if it is not an ICC profile.

    >>> profile_space(bytes(16) + b"RGB " + bytes(16) + b"acsp" + bytes(88))
    'RGB'
    """
    if len(profile) < 128 or profile[36:40] != b"acsp" or int.from_bytes(profile[:4], "big") > len(profile):
        return ""
    return profile[16:20].decode("latin-1").strip()


def _leaf(found: TagList) -> Tree:
    inner = {EXIF, GPS, INTEROPERABILITY}
    return Tree(tuple(entry for tag, entry in found.entries.items() if tag not in inner))


def _put_number(block: bytearray, entry: Entry, value: int) -> None:
    """Overwrite the single value of a tag in place, unless its type cannot store the new value."""
    order = "little" if layout_of(block)[0].order == "<" else "big"
    size = {3: 2, 4: 4}.get(entry.kind)
    if size and entry.count == 1 and value < 256**size:
        block[entry.at : entry.at + size] = value.to_bytes(size, "little" if order == "little" else "big")


def _cut_thumbnail(block: bytearray, pages: list[TagList]) -> None:
    """Overwrite the thumbnail with zeros and end the chain of directories after the first."""
    start, length = pages[1].number(THUMBNAIL_AT), pages[1].number(THUMBNAIL_LENGTH)
    if 0 < start < start + length <= len(block):
        block[start : start + length] = bytes(length)
    block[pages[0].following_at : pages[0].following_at + 4] = bytes(4)
