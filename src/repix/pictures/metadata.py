"""What a file says about its picture: EXIF, XMP and colour profile, cleaned of what reading has made untrue."""

import re
from dataclasses import dataclass

from repix.pictures.tiff_tags import Block, Damaged, Entry, Layout, TagList, Tree, layout_of, lists, sublist

ORIENTATION, EXIF, GPS, INTEROPERABILITY = 0x0112, 0x8769, 0x8825, 0xA005
THUMBNAIL_AT, THUMBNAIL_LENGTH = 0x0201, 0x0202
WIDTH, HEIGHT = 0xA002, 0xA003
DESCRIPTIVE = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298)
"""Description, maker, model, software, date, artist, host computer, copyright: in a TIFF they are tags of its page."""


@dataclass(frozen=True)
class Cleaned:
    """An EXIF block without prefix, thumbnail and turn; and what it said before."""

    block: bytes
    orientation: int = 1
    had_thumbnail: bool = False


def clean_exif(block: bytes) -> Cleaned:
    """Reset the orientation to 1 and take the thumbnail out, which shows the picture as it was; all else stays.

    Raises `Damaged` when the block makes no sense.
    """
    block = block.removeprefix(b"Exif\0\0")
    pages = lists(block)
    if not pages:
        raise Damaged("no list of tags")
    changed = bytearray(block)
    turn = pages[0].entries.get(ORIENTATION)
    if turn is not None:
        _put_number(changed, turn, 1)
    if len(pages) > 1:
        _cut_thumbnail(changed, pages)
    return Cleaned(bytes(changed), orientation_of(pages[0]), len(pages) > 1)


def orientation_of(page: TagList) -> int:
    """The orientation that a list of tags asks for; 1, upright, where it asks for nothing sensible."""
    asked = page.number(ORIENTATION, 1)
    return asked if asked in range(1, 9) else 1


def sized_exif(block: bytes, height: int, width: int) -> bytes:
    """The block with the picture's size as it is now, where the block mentions one."""
    changed = bytearray(block)
    details = sublist(block, lists(block)[0], EXIF)
    for tag, value in ((WIDTH, width), (HEIGHT, height)):
        if details is not None and tag in details.entries:
            _put_number(changed, details.entries[tag], value)
    return bytes(changed)


def exif_of_tiff(block: Block, page: TagList) -> bytes | None:
    """The EXIF of a TIFF file, whose tags are spread over the file, as a block of its own."""
    tree = exif_tree(block, page)
    if not tree.entries and not tree.children:
        return None
    return b"II*\0\x08\0\0\0" + tree.plant(8, Layout("<"))


def exif_tree(block: Block, page: TagList) -> Tree:
    """The tags of EXIF that hang on a page, without those that say how a TIFF file is laid out."""
    children = []
    for tag in (EXIF, GPS):
        found = sublist(block, page, tag)
        if found is not None:
            inner = sublist(block, found, INTEROPERABILITY)
            grandchildren = () if inner is None else ((INTEROPERABILITY, _leaf(inner)),)
            children.append((tag, Tree(_leaf(found).entries, grandchildren)))
    return Tree(tuple(page.entries[tag] for tag in DESCRIPTIVE if tag in page.entries), tuple(children))


def reset_xmp_orientation(packet: bytes) -> bytes:
    """The XMP packet with its orientation, if it gives one, reset to 1.

    >>> reset_xmp_orientation(b'<rdf:Description tiff:Orientation="6"/>')
    b'<rdf:Description tiff:Orientation="1"/>'
    """
    return re.sub(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)[2-8]", rb"\g<1>1", packet)


def profile_space(profile: bytes) -> str:
    """What kind of numbers a colour profile is for: 'RGB', 'GRAY', 'CMYK', ...; nothing when it is no profile.

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
    """Replace a tag's one number where it stands; a number that its type cannot hold is left out."""
    order = "little" if layout_of(block)[0].order == "<" else "big"
    size = {3: 2, 4: 4}.get(entry.kind)
    if size and entry.count == 1 and value < 256**size:
        block[entry.at : entry.at + size] = value.to_bytes(size, "little" if order == "little" else "big")


def _cut_thumbnail(block: bytearray, pages: list[TagList]) -> None:
    """Blank the thumbnail's bytes and end the chain of lists at the first."""
    start, length = pages[1].number(THUMBNAIL_AT), pages[1].number(THUMBNAIL_LENGTH)
    if 0 < start < start + length <= len(block):
        block[start : start + length] = bytes(length)
    block[pages[0].following_at : pages[0].following_at + 4] = bytes(4)
