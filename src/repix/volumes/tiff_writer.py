"""Write the slices of a volume as the pages of a TIFF, with the spacing as ImageJ writes it."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repix.pictures.tiff_tags import ITEM_SIZES, Entry, Layout, build
from repix.volumes.metadata import Metadata

STRIP = 2**18
"""Approximate bytes of a strip before compression."""
BIG_FROM = 2**32 - 2**26
"""Bytes of voxels from which BigTIFF is written: offsets of 32 bits end at 4 GiB."""
LEVEL = 6
"""Level of deflate."""
SHORT, LONG, ASCII, RATIONAL, LONG8 = 3, 4, 2, 5, 16
NONE, DEFLATE = 1, 8
HORIZONTAL = 2
"""The predictor: each pixel as the difference from the one to its left."""
FLOAT = 3
"""The sample format."""
NO_UNIT, CENTIMETER = 1, 3


def save_tiff(
    slices: Iterable[NDArray[Any]],
    shape: tuple[int, int, int],
    dtype: np.dtype[Any],
    metadata: Metadata,
    file: BinaryIO,
) -> None:
    """Write slices H×W of uint8, uint16 or float32 as pages of one gray TIFF.

    Args:
        slices: the slices, as many as the shape has.
        shape: numbers of slices, rows and columns.
        dtype: their dtype.
        metadata: spacing or resolution, and whether to compress.
        file: an empty file that can be sought.
    """
    big = shape[0] * shape[1] * shape[2] * dtype.itemsize >= BIG_FROM
    layout = Layout("<", big)
    file.write(b"II+\0\x08\0\0\0" + bytes(8) if big else b"II*\0" + bytes(4))
    pointer_at = 8 if big else 4
    compression = DEFLATE if metadata.compressed else NONE
    for number, pixels in enumerate(slices):
        page = _Page(pixels.shape[:2], dtype, compression, layout)
        strips = [page.write(strip, file) for strip in page.strips(pixels)]
        if file.tell() % 2:
            file.write(b"\0")
        start = file.tell()
        entries = page.entries(strips, _calibration(metadata, shape[0], described=number == 0))
        file.write(build(entries, start, layout))
        file.seek(pointer_at)
        file.write(start.to_bytes(8 if big else 4, "little"))
        pointer_at = start + (8 if big else 2) + len(entries) * layout.entry_size
        file.seek(0, 2)


@dataclass(frozen=True)
class _Page:
    """The layout of the pages."""

    size: tuple[int, int]
    dtype: np.dtype[Any]
    compression: int
    layout: Layout

    @property
    def rows(self) -> int:
        """Rows of a strip."""
        return min(max(STRIP // (self.size[1] * self.dtype.itemsize), 1), self.size[0])

    @property
    def predicted(self) -> bool:
        """True if pixels are stored as differences."""
        return self.compression == DEFLATE and self.dtype.kind == "u"

    def strips(self, pixels: NDArray[Any]) -> Iterable[NDArray[Any]]:
        """Yield the strips of a page."""
        return (pixels[top : top + self.rows] for top in range(0, self.size[0], self.rows))

    def write(self, strip: NDArray[Any], file: BinaryIO) -> tuple[int, int]:
        """Write a strip and return its offset and length."""
        if self.predicted:
            strip = np.diff(strip, axis=1, prepend=strip.dtype.type(0))
        data = np.ascontiguousarray(strip, self.dtype.newbyteorder("<")).tobytes()
        if self.compression == DEFLATE:
            data = zlib.compress(data, LEVEL)
        offset = file.tell()
        file.write(data)
        return offset, len(data)

    def entries(self, strips: list[tuple[int, int]], calibration: list[Entry]) -> list[Entry]:
        """Return the tags of a page."""
        wide = LONG8 if self.layout.big else LONG
        found = [
            _numbers(256, LONG, self.size[1]),
            _numbers(257, LONG, self.size[0]),
            _numbers(258, SHORT, 8 * self.dtype.itemsize),
            _numbers(259, SHORT, self.compression),
            _numbers(262, SHORT, 1),  # 0 is black
            _numbers(273, wide, *(offset for offset, _ in strips)),
            _numbers(277, SHORT, 1),  # one channel
            _numbers(278, LONG, self.rows),
            _numbers(279, wide, *(length for _, length in strips)),
            *calibration,
        ]
        if self.predicted:
            found.append(_numbers(317, SHORT, HORIZONTAL))
        if self.dtype.kind == "f":
            found.append(_numbers(339, SHORT, FLOAT))
        return found


def _calibration(metadata: Metadata, slices: int, described: bool) -> list[Entry]:
    """Return the tags of resolution, and in the first page the description, as ImageJ and tifffile read them."""
    if metadata.spacing is None:
        if metadata.resolution is None:
            return []
        return _resolution(10 * metadata.resolution[0], 10 * metadata.resolution[1], CENTIMETER)
    depth, down, across = metadata.spacing
    entries = _resolution(1 / across, 1 / down, NO_UNIT)
    if described:
        unit = {"µm": "micron"}.get(metadata.unit, metadata.unit)
        lines = ["ImageJ=1.11a", f"images={slices}", f"slices={slices}", *([f"unit={unit}"] if unit else [])]
        text = "\n".join([*lines, f"spacing={depth!r}", "loop=false", ""]).encode("utf-8") + b"\0"
        entries.append(Entry(270, ASCII, len(text), text))
    return entries


def _resolution(across: float, down: float, unit: int) -> list[Entry]:
    return [_rational(282, across), _rational(283, down), _numbers(296, SHORT, unit)]


def _rational(tag: int, value: float) -> Entry:
    """Return a positive number as a ratio of two integers below 2³²."""
    if value < 1:
        below, above = _ratio(1 / value)
    else:
        above, below = _ratio(value)
    return Entry(tag, RATIONAL, 1, above.to_bytes(4, "little") + below.to_bytes(4, "little"))


def _ratio(value: float) -> tuple[int, int]:
    """Return numerator and denominator of a number of at least 1; the largest is 2³² - 1."""
    largest = 2**32 - 1
    found = Fraction(min(value, largest)).limit_denominator(max(min(int(largest / (value + 1)), 10**6), 1))
    return found.numerator, found.denominator


def _numbers(tag: int, kind: int, *values: int) -> Entry:
    return Entry(tag, kind, len(values), b"".join(value.to_bytes(ITEM_SIZES[kind], "little") for value in values))
