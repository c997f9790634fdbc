"""JPEG files: quality and chroma subsampling, from the quantization tables and the frame header.

The tables are compared with those of the standard (ITU-T T.81, Annex K) as libjpeg scales them for each quality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from repix.inspection.blocks import BLOCK
from repix.pictures.file_bytes import Bytes
from repix.pictures.headers import FRAMES, jpeg_segments

TABLES = 0xDB
"""The marker of quantization tables."""
QUALITIES = range(1, 101)
LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""The luma table of the standard, row by row: quality 50."""
SUBSAMPLINGS = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1", (4, 2): "4:1:0"}

Steps = NDArray[np.int64]


@dataclass(frozen=True)
class JpegHeader:
    """Compression parameters in the header of a JPEG file."""

    quality: int
    """1 to 100, as libjpeg counts."""
    exact: bool
    """True for libjpeg's own tables; otherwise `quality` has the most similar ones."""
    subsampling: str
    """Chroma subsampling such as "4:2:0"; "gray" for one channel, "other" for unusual factors."""
    steps: Steps
    """The quantization steps of the luma, 8×8."""


def jpeg_header(data: Bytes) -> JpegHeader | None:
    """Return how a JPEG file was compressed; None without tables.

    >>> from repix.pictures import Picture, write
    >>> import io
    >>> file = io.BytesIO()
    >>> report = write(Picture(np.zeros((8, 8, 3), np.uint8)), file, format="jpg", quality=80)
    >>> found = jpeg_header(file.getvalue())
    >>> found.quality, found.exact, found.subsampling
    (80, True, '4:4:4')
    """
    tables: dict[int, Steps] = {}
    factors: list[tuple[int, int]] = []
    used = 0
    for marker, start, length in jpeg_segments(data):
        if marker == TABLES:
            tables.update(_tables(bytes(data[start : start + length])))
        elif marker in FRAMES:
            frame = bytes(data[start : start + length])
            parts = [frame[at : at + 3] for at in range(6, len(frame) - 2, 3)]
            factors = [(part[1] >> 4, part[1] & 15) for part in parts]
            used = parts[0][2] if parts else 0
    if used not in tables or not factors:
        return None
    quality, exact = quality_of(tables[used])
    return JpegHeader(quality, exact, _subsampling(factors), tables[used])


def quality_of(steps: Steps) -> tuple[int, bool]:
    """Return the quality whose table is the most similar, and whether it is the same.

    >>> quality_of(steps_of(75))
    (75, True)
    """
    distances = {quality: float(np.abs(np.log(steps / steps_of(quality))).sum()) for quality in QUALITIES}
    best = min(distances, key=distances.__getitem__)
    return best, distances[best] == 0


@cache
def steps_of(quality: int) -> Steps:
    """Return libjpeg's quantization steps of the luma for a quality, 8×8.

    >>> steps_of(50)[0, :3].tolist(), steps_of(90)[0, :3].tolist()
    ([16, 11, 10], [3, 2, 2])
    """
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps: Steps = np.clip((np.array(LUMA).reshape(BLOCK, BLOCK) * scale + 50) // 100, 1, 255)
    return steps


def _tables(segment: bytes) -> Iterator[tuple[int, Steps]]:
    """Yield number and steps of each table of a segment; a cut table is left out."""
    at = 0
    while at < len(segment):
        size = 2 if segment[at] >> 4 else 1
        values = segment[at + 1 : at + 1 + size * BLOCK**2]
        if len(values) < size * BLOCK**2:
            return
        steps = np.empty(BLOCK**2, np.int64)
        steps[_zigzag()] = np.frombuffer(values, ">u2" if size == 2 else np.uint8)
        yield segment[at] & 15, np.maximum(steps, 1).reshape(BLOCK, BLOCK)
        at += 1 + len(values)


@cache
def _zigzag() -> NDArray[np.intp]:
    """Return the place of each value of a stored table, which runs along the diagonals."""
    order = sorted(
        (row + column, row if (row + column) % 2 else column, row, column)
        for row in range(BLOCK)
        for column in range(BLOCK)
    )
    return np.array([row * BLOCK + column for _, _, row, column in order])


def _subsampling(factors: list[tuple[int, int]]) -> str:
    if len(factors) == 1:
        return "gray"
    (wide, high), (across, down) = factors[0], factors[1]
    if not across or not down or wide % across or high % down:
        return "other"
    return SUBSAMPLINGS.get((wide // across, high // down), "other")
