"""Read all pages of a TIFF as one tall picture, page below page: the slices of a volume."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from repix.errors import Unreadable
from repix.pictures import vips_reader
from repix.pictures.band_reader import BandReader, file_problems
from repix.pictures.file_bytes import Bytes, FileBytes, sliced
from repix.pictures.headers import (
    BITS,
    CHANNELS,
    HEIGHT,
    PHOTOMETRIC,
    REDUCED,
    SAMPLE_FORMAT,
    WIDTH,
    Header,
    add_page,
    file_format,
)
from repix.pictures.limits import OWN, Limits
from repix.pictures.metadata import ORIENTATION
from repix.pictures.sources import open_source
from repix.pictures.tiff_tags import Damaged, TagList, lists

NOT_A_PAGE = 0b101
"""Bits of the page type: a smaller copy, and a mask of transparency."""
PALETTE = 3
VOXELS = Limits(pixels=2**40, bytes=OWN.bytes)
"""Limits of a stack: all its pages together."""


@dataclass(frozen=True)
class PageReader:
    """The open pages of a TIFF."""

    bands: BandReader
    """Their rows, page below page."""
    pages: tuple[TagList, ...]
    """The tags of each page."""


def count_pages(path: Path) -> int:
    """Return the number of pages of a TIFF, without smaller copies and masks; 0 for other files.

    >>> count_pages(Path("nowhere.tif"))
    0
    """
    try:
        with path.open("rb") as file:
            data = FileBytes(file)
            return count_full_pages(data) if file_format(data, str(path)).name == "TIFF" else 0
    except (OSError, ValueError, Unreadable):
        return 0


def count_full_pages(data: Bytes) -> int:
    """Return the number of pages of a TIFF, without smaller copies and masks; 0 for a damaged one."""
    try:
        return len(_full(lists(data)))
    except Damaged:
        return 0


@contextmanager
def open_pages(path: Path, limits: Limits = VOXELS) -> Iterator[PageReader]:
    """Open the pages of a TIFF, to read their rows from top to bottom.

    Args:
        path: the file.
        limits: largest file and number of pixels to accept.

    Raises:
        Unreadable: the file is missing or damaged, or its pages have different sizes or types, or colors.
        TooLarge: the file exceeds the limits.

    >>> with open_pages(Path("nowhere.tif")):
    ...     pass
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.tif: there is no such file.
    """
    name = str(path)
    with file_problems(name):
        opened = open_source(path, limits)
    with opened as content:
        with file_problems(name):
            data = sliced(content)
            limits.check_file(name, len(data))
            pages = _pages(data, name)
            header = Header()
            add_page(header, pages[0], name)
            found = vips_reader.open_file(data, "TIFF", name, limits, header, all_pages=True)
            found.converted[:0], found.exif = header.converted, None
            found.resolution = header.resolution
            bands = BandReader(name, found)
        try:
            yield PageReader(bands, pages)
        finally:
            bands.close()


def _full(pages: Sequence[TagList]) -> tuple[TagList, ...]:
    return tuple(page for page in pages if not page.number(REDUCED) & NOT_A_PAGE)


def _pages(data: Bytes, name: str) -> tuple[TagList, ...]:
    """Return the tags of the pages, after checking that they are gray pictures of one size and type."""
    try:
        pages = lists(data)
    except Damaged as problem:
        raise Unreadable(f"{name} is a damaged TIFF: {problem}.") from None
    if not pages or len(_full(pages)) < len(pages):
        raise Unreadable(f"{name} has pages that are smaller copies or masks of others; save its slices alone first.")
    first = pages[0]
    channels = first.number(CHANNELS, 1)
    if channels != 1 or first.number(PHOTOMETRIC) == PALETTE:
        what = "a palette" if channels == 1 else f"{channels} channels"
        raise Unreadable(
            f"{name} has pages with {what}; repix converts gray volumes, so save each channel alone first."
        )
    for number, page in enumerate(pages[1:], 2):
        if _size(page) != _size(first):
            raise Unreadable(
                f"{name}: page {number} has {_size(page)} pixels, but page 1 has {_size(first)}; the slices of "
                "a volume must have one size."
            )
        if _type(page) != _type(first):
            raise Unreadable(
                f"{name}: page {number} has another type of pixels than page 1; the slices of a volume must have one "
                "depth."
            )
    if first.number(ORIENTATION, 1) != 1:
        raise Unreadable(f"{name} is stored rotated (orientation {first.number(ORIENTATION)}); save it upright first.")
    return tuple(pages)


def _size(page: TagList) -> str:
    return f"{page.number(WIDTH)}×{page.number(HEIGHT)}"


def _type(page: TagList) -> tuple[object, ...]:
    """Return what the pixels of all pages must have in common."""
    return page.numbers(BITS), page.number(SAMPLE_FORMAT, 1), page.number(CHANNELS, 1), page.number(PHOTOMETRIC)
