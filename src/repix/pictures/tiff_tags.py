"""Parse and build the tag directories of TIFF, which EXIF shares.

A block is a whole TIFF file or a whole EXIF block; offsets count from its beginning.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from repix.pictures.file_bytes import Sliced

Block = bytes | bytearray | Sliced

ITEM_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value of each type; rationals (5 and 10) are two numbers of four bytes."""

LONGEST_LIST = 4096
MOST_LISTS = 4096


class Damaged(Exception):
    """The tag directories are invalid."""


@dataclass(frozen=True)
class Layout:
    """Byte order and offset width (8 in BigTIFF) of a block."""

    order: str
    big: bool = False

    @property
    def offset(self) -> str:
        """The struct format of an offset or a count."""
        return f"{self.order}{'Q' if self.big else 'I'}"

    @property
    def entry_size(self) -> int:
        """Size of a directory entry, in bytes."""
        return 20 if self.big else 12


@dataclass(frozen=True)
class Entry:
    """One tag with its values as little-endian bytes; `at` is the offset of the values in the block."""

    tag: int
    kind: int
    count: int
    data: bytes
    at: int = 0

    def numbers(self) -> tuple[int, ...]:
        """Return the values as integers."""
        size = ITEM_SIZES[self.kind]
        return tuple(int.from_bytes(self.data[i : i + size], "little") for i in range(0, len(self.data), size))


@dataclass(frozen=True)
class TagList:
    """The entries of one directory by tag, and the offset of the next directory (0: none)."""

    entries: dict[int, Entry]
    following: int
    following_at: int
    """Offset in the block at which `following` is stored."""

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first value of a tag, or the default."""
        return (self.entries[tag].numbers() or (default,))[0] if tag in self.entries else default

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return all values of a tag."""
        return self.entries[tag].numbers() if tag in self.entries else ()


def layout_of(block: Block) -> tuple[Layout, int]:
    r"""Return the layout of a block and the offset of its first directory.

    Raises:
        Damaged: the block has no TIFF header.

    >>> layout_of(b"MM\0*\0\0\0\x08")
    (Layout(order='>', big=False), 8)
    """
    orders = {b"II": "<", b"MM": ">"}
    if bytes(block[:2]) not in orders or len(block) < 8:
        raise Damaged("no TIFF header")
    order = orders[bytes(block[:2])]
    (version,) = struct.unpack(f"{order}H", block[2:4])
    if version == 42:
        return Layout(order), struct.unpack(f"{order}I", block[4:8])[0]
    if version == 43 and len(block) >= 16:
        return Layout(order, big=True), struct.unpack(f"{order}Q", block[8:16])[0]
    raise Damaged("no TIFF header")


def read_list(block: Block, layout: Layout, start: int) -> TagList:
    """Parse the directory at an offset.

    Raises:
        Damaged: it extends beyond the block.
    """
    head = "H" if not layout.big else "Q"
    count_size = struct.calcsize(f"<{head}")
    offset_size = struct.calcsize(layout.offset)
    if not 0 < start <= len(block) - count_size:
        raise Damaged("a tag directory begins outside the file")
    (count,) = struct.unpack(f"{layout.order}{head}", block[start : start + count_size])
    end = start + count_size + count * layout.entry_size
    if count > LONGEST_LIST or end + offset_size > len(block):
        raise Damaged("a tag directory ends outside the file")
    places = range(start + count_size, end, layout.entry_size)
    entries = {entry.tag: entry for place in places if (entry := _entry(block, layout, place))}
    (following,) = struct.unpack(layout.offset, block[end : end + offset_size])
    return TagList(entries, following, end)


def lists(block: Block) -> list[TagList]:
    """Parse the chain of directories of a block: the pages of a TIFF, or picture and thumbnail of an EXIF block.

    Raises:
        Damaged: the directories are invalid or form a loop.
    """
    layout, start = layout_of(block)
    found: list[TagList] = []
    seen = set()
    while start:
        if start in seen:
            raise Damaged("the tag directories form a loop")
        if len(found) == MOST_LISTS:
            raise Damaged(f"it has more than {MOST_LISTS} tag directories")
        seen.add(start)
        found.append(read_list(block, layout, start))
        start = found[-1].following
    return found


def sublist(block: Block, parent: TagList, tag: int) -> TagList | None:
    """Parse the directory that a tag of another directory points to; None if the tag is missing."""
    if tag not in parent.entries:
        return None
    return read_list(block, layout_of(block)[0], parent.number(tag))


@dataclass(frozen=True)
class Tree:
    """A directory with its subdirectories, by the tags that point to them."""

    entries: tuple[Entry, ...]
    children: tuple[tuple[int, "Tree"], ...] = ()

    def encode(self, start: int, layout: Layout) -> bytes:
        """Return the tree as little-endian bytes for an offset in a block."""
        kind = 16 if layout.big else 4
        width = ITEM_SIZES[kind]
        position = start + len(
            build([*self.entries, *(Entry(tag, kind, 1, b"") for tag, _ in self.children)], 0, layout)
        )
        pointers, grown = [], b""
        for tag, child in self.children:
            pointers.append(Entry(tag, kind, 1, (position + len(grown)).to_bytes(width, "little")))
            grown += child.encode(position + len(grown), layout)
        return build([*self.entries, *pointers], start, layout) + grown


def build(entries: Sequence[Entry], start: int, layout: Layout, following: int = 0) -> bytes:
    r"""Return a directory and its values as bytes in the order of the layout, for an offset in a block.

    >>> build([Entry(274, 3, 1, b"\1\0")], 8, Layout("<")).hex(" ", 2)
    '0100 1201 0300 0100 0000 0100 0000 0000 0000'
    """
    inline = 8 if layout.big else 4
    head = struct.pack(f"{layout.order}{'Q' if layout.big else 'H'}", len(entries))
    values_at = start + len(head) + len(entries) * layout.entry_size + inline
    body, values = b"", b""
    for entry in sorted(entries, key=lambda entry: entry.tag):
        body += struct.pack(f"{layout.order}HH", entry.tag, entry.kind) + struct.pack(layout.offset, entry.count)
        data = _swapped(entry.data, entry.kind, layout.order)
        if len(data) <= inline:
            body += data.ljust(inline, b"\0")
        else:
            body += struct.pack(layout.offset, values_at + len(values))
            values += data + b"\0" * (len(data) % 2)
    return head + body + struct.pack(layout.offset, following) + values


def _entry(block: Block, layout: Layout, place: int) -> Entry | None:
    """Parse the entry at an offset; None if its type is unknown."""
    tag, kind = struct.unpack(f"{layout.order}HH", block[place : place + 4])
    offset_size = struct.calcsize(layout.offset)
    (count,) = struct.unpack(layout.offset, block[place + 4 : place + 4 + offset_size])
    if kind not in ITEM_SIZES:
        return None
    length = ITEM_SIZES[kind] * count
    at = place + 4 + offset_size
    if length > offset_size:
        (at,) = struct.unpack(layout.offset, block[at : at + offset_size])
    if at + length > len(block):
        raise Damaged(f"the values of tag {tag} are outside the file")
    return Entry(tag, kind, count, _swapped(bytes(block[at : at + length]), kind, layout.order), at)


def _swapped(data: bytes, kind: int, order: str) -> bytes:
    """Return the bytes of values, from this order to little-endian or back."""
    size = 4 if kind in (5, 10) else ITEM_SIZES[kind]
    if order == "<" or size == 1:
        return data
    return b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))
