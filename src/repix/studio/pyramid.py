"""Pyramid: a picture in levels, each half as high and wide as the one before, from which a browser gets its tiles."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import RepixError, WrongUse
from repix.pictures import Picture, write
from repix.pictures.band_reader import open_bands
from repix.pictures.picture import from_unit, to_unit

TILE = 512
"""Pixels a side of a tile."""
ROWS = 256
"""Rows that are read at a time."""
LARGEST_PART = 2048 * 2048
"""Pixels of the largest rectangle that is returned."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Level:
    """A picture of 8 bits in a file of its rows, without any header."""

    path: Path
    height: int
    width: int
    channels: int

    def read(self, left: int, top: int, width: int, height: int) -> Pixels:
        """Return a rectangle, as far as it is inside; only these pixels are read."""
        rows = np.memmap(self.path, np.uint8, "r", shape=(self.height, self.width, self.channels))
        return np.array(rows[top : top + height, left : left + width])


@dataclass(frozen=True)
class Pyramid:
    """The levels of a picture; the first has its full size, the last fits into one tile."""

    levels: tuple[Level, ...]
    profile: bytes | None

    @classmethod
    def make(cls, source: Path, folder: Path, stem: str, room: int) -> "Pyramid":
        """Read a picture once, in bands, and write its levels into files of a folder: 4/3 bytes a pixel and channel.

        Raises:
            RepixError: The files would need more than `room` bytes.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     report = write(Picture(np.zeros((700, 1300), np.uint16)), Path(folder, "a.tif"))
        ...     made = Pyramid.make(Path(folder, "a.tif"), Path(folder), "a", 10**7)
        >>> [(level.height, level.width) for level in made.levels]
        [(700, 1300), (350, 650), (175, 325)]
        """
        with open_bands(source) as bands:
            sizes = list(_sizes(*bands.size))
            needed = sum(height * width for height, width in sizes) * bands.channels
            if needed > room:
                raise RepixError(
                    f"The tiles of this picture need {needed / 1e9:.1f} GB, more than the {max(room, 0) / 1e9:.1f} GB "
                    "that the studio has left; remove results, or download the file."
                )
            levels = tuple(
                Level(folder / f"{stem}-{number}.level", *size, bands.channels) for number, size in enumerate(sizes)
            )
            with closing(_Writer(levels)) as writer:
                while bands.rows_left:
                    band = bands.read(ROWS)
                    writer.write(band.pixels if band.depth == "8" else from_unit(to_unit(band.pixels), "8"))
                writer.end()
        return cls(levels, band.profile)

    def to_dict(self) -> dict[str, Any]:
        """Return what a viewer must know, for JSON."""
        first = self.levels[0]
        return {"width": first.width, "height": first.height, "tile": TILE, "levels": len(self.levels)}

    def tile(self, level: int, x: int, y: int) -> bytes:
        """Return a tile as PNG: column x and row y of the tiles of a level."""
        return self.part(level, x * TILE, y * TILE, TILE, TILE)

    def part(self, level: int, left: int, top: int, width: int, height: int) -> bytes:
        """Return a rectangle of a level as PNG with the picture's profile; it ends where the picture ends."""
        if level >= len(self.levels) or width * height > LARGEST_PART:
            raise WrongUse(f"There are {len(self.levels)} levels, and a part has at most {LARGEST_PART:,} pixels.")
        found = self.levels[level]
        if left >= found.width or top >= found.height:
            raise WrongUse(f"{left},{top} is outside level {level}, which is {found.width}×{found.height}.")
        file = BytesIO()
        write(Picture(found.read(left, top, width, height), self.profile), file, format="png")
        return file.getvalue()


def _sizes(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the heights and widths of the levels.

    >>> list(_sizes(1, 1025))
    [(1, 1025), (1, 513), (1, 257)]
    """
    yield height, width
    while max(height, width) > TILE:
        height, width = -(-height // 2), -(-width // 2)
        yield height, width


class _Writer:
    """Writes rows into the file of a level, and their means into the levels after it."""

    def __init__(self, levels: tuple[Level, ...]) -> None:
        self._file = levels[0].path.open("wb")
        self._next = _Writer(levels[1:]) if len(levels) > 1 else None
        self._rest: Pixels = np.zeros((0, levels[0].width, levels[0].channels), np.uint8)
        """Rows that wait for the second row of their pair."""

    def write(self, rows: Pixels) -> None:
        self._file.write(np.ascontiguousarray(rows).data)
        if self._next is not None:
            rows = np.concatenate([self._rest, rows]) if len(self._rest) else rows
            even = len(rows) // 2 * 2
            self._rest = rows[even:].copy()
            if even:
                self._next.write(halved(rows[:even]))

    def end(self) -> None:
        """Write a last row that has no second one: it counts twice."""
        if self._next is not None:
            if len(self._rest):
                self._next.write(halved(np.repeat(self._rest, 2, axis=0)))
            self._next.end()

    def close(self) -> None:
        self._file.close()
        if self._next is not None:
            self._next.close()


def halved(rows: Pixels) -> Pixels:
    """Return the means of 2×2 pixels of an even number of rows; the last column of an odd number counts twice.

    >>> halved(np.array([[[0], [10], [7]], [[20], [10], [8]]], np.uint8)).ravel().tolist()
    [10, 8]
    """
    if rows.shape[1] % 2:
        rows = np.concatenate([rows, rows[:, -1:]], axis=1)
    total = rows[::2, ::2].astype(np.uint16)
    for one in (rows[1::2, ::2], rows[::2, 1::2], rows[1::2, 1::2]):
        total += one
    total += 2
    return np.asarray(total >> 2, np.uint8)
