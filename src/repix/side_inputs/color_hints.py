"""Color hints: pixels whose color is known. Each becomes a small square in a map of three channels.

The map holds Cb and Cr, as differences from gray, and 1 where a hint is; everywhere else it is 0. A square of 7×7
pixels is seen by a network that shrinks the picture at once; a single pixel would be one value among many.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array, whole
from repix.arithmetic.color import MIDDLE, rgb_to_ycbcr
from repix.errors import WrongShape, WrongUse
from repix.pictures.picture import Picture
from repix.printable import shown
from repix.side_inputs.side_input import SideInput
from repix.side_inputs.side_map import Range

BESIDE = 3
"""Pixels of a square on each side of the hint's pixel."""
CHANNELS = 3
"""Cb, Cr and 1."""
KIND = "color-hints"

WRITTEN = re.compile(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(#[0-9a-fA-F]{6})\s*")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Hint:
    """A pixel of the picture as it is seen (after the EXIF orientation), and its color."""

    x: int
    """Column, from 0 at the left."""
    y: int
    """Row, from 0 at the top."""
    color: str
    """Red, green and blue as in HTML: "#rrggbb"."""

    def __post_init__(self) -> None:
        """Check the color and the position."""
        whole(self.x, "x of a hint", least=0)
        whole(self.y, "y of a hint", least=0)
        if not _is_color(self.color):
            raise WrongUse(f"The hint at {self.x},{self.y} has the color {shown(self.color)}; write it as #rrggbb.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the hint of a text x,y,#rrggbb.

        >>> Hint.parse("120,40,#c02018")
        Hint(x=120, y=40, color='#c02018')
        >>> Hint.parse("120,40,red")
        Traceback (most recent call last):
        repix.errors.WrongUse: '120,40,red' is not a hint; write x,y,#rrggbb, such as 120,40,#c02018.
        """
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise WrongUse(f"{shown(text)} is not a hint; write x,y,#rrggbb, such as 120,40,#c02018.")
        return cls(int(found[1]), int(found[2]), found[3])

    @property
    def rgb(self) -> tuple[float, float, float]:
        """Red, green and blue, from 0 to 1."""
        red, green, blue = (int(self.color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return red, green, blue


def _is_color(value: object) -> bool:
    return isinstance(value, str) and COLOR.fullmatch(value) is not None


class ColorHints:
    """Any number of color hints; a side map.

    >>> hints = ColorHints([Hint(1, 0, "#ff0000")])
    >>> hints.read((0, 1), (0, 6))[0, :, 2].tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    """

    def __init__(self, hints: Sequence[Hint], name: str = "") -> None:
        """Hold some hints; `name` is the file that they are from."""
        colors = np.array([hint.rgb for hint in hints]).reshape(-1, 3)
        rows, columns = (np.array([getattr(hint, axis) for hint in hints], np.intp) for axis in "yx")
        self._hold(rows, columns, chroma_of(colors), name)

    @classmethod
    def of_pixels(
        cls, rows: NDArray[np.intp], columns: NDArray[np.intp], colors: Array, name: str, size: tuple[int, int]
    ) -> Self:
        """Return a hint for each of these pixels of a file of this size, with colors N×3 from 0 to 1."""
        made = cls.__new__(cls)
        made._hold(rows, columns, chroma_of(colors), name, size)
        return made

    def _hold(
        self,
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
        chroma: Array,
        name: str,
        size: tuple[int, int] | None = None,
    ) -> None:
        order = np.argsort(rows, kind="stable")
        self._rows, self._columns, self._chroma = rows[order], columns[order], chroma[order]
        self._name, self._size = name, size

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def fingerprint(self) -> str:
        """A hash of the hints."""
        held = b"".join(np.ascontiguousarray(one).tobytes() for one in (self._rows, self._columns, self._chroma))
        return hashlib.blake2b(held, digest_size=16).hexdigest()

    def require(self, side_input: SideInput, size: tuple[int, int]) -> None:
        """Refuse hints outside the picture, a file of hints of another size, and other kinds of side inputs."""
        if (side_input.kind, side_input.channels) != (KIND, CHANNELS):
            raise WrongUse(
                f"The side input {shown(side_input.name)} is a {side_input.kind} of {side_input.channels} channels; "
                "it takes no color hints."
            )
        height, width = size
        if self._size is not None and self._size != size:
            raise WrongShape(
                f"{self._name} is {self._size[1]}×{self._size[0]}, but the picture is {width}×{height}; hints must be "
                "drawn on a picture of the same size."
            )
        outside = np.flatnonzero((self._rows >= height) | (self._columns >= width))
        if len(outside):
            x, y = self._columns[outside[0]], self._rows[outside[0]]
            where = f" of {self._name}" if self._name else ""
            raise WrongUse(
                f"The hint at {x},{y}{where} is outside the picture, which is {width}×{height}: x must be less than "
                f"{width} and y less than {height}."
            )

    def read(self, rows: Range, columns: Range) -> Array:
        """Return a rectangle of the map, H×W×3; where squares overlap, the nearest hint counts, then the lowest."""
        height, width = rows[1] - rows[0], columns[1] - columns[0]
        wide = width + 4 * BESIDE  # every square of a hint that reaches into the rectangle is whole
        around = np.zeros(((height + 4 * BESIDE) * wide, CHANNELS), np.float32)
        first, end = np.searchsorted(self._rows, (rows[0] - BESIDE, rows[1] + BESIDE))
        down, right = self._rows[first:end] - rows[0], self._columns[first:end] - columns[0]
        near = (right >= -BESIDE) & (right < width + BESIDE)
        places = (down[near] + 2 * BESIDE) * wide + right[near] + 2 * BESIDE
        values = np.ones((len(places), CHANNELS), np.float32)
        values[:, :2] = self._chroma[first:end][near]
        for dy, dx in OFFSETS:
            around[places + (dy * wide + dx)] = values
        return around.reshape(-1, wide, CHANNELS)[2 * BESIDE : 2 * BESIDE + height, 2 * BESIDE : 2 * BESIDE + width]


OFFSETS = sorted(
    ((dy, dx) for dy in range(-BESIDE, BESIDE + 1) for dx in range(-BESIDE, BESIDE + 1)),
    key=lambda one: (-max(map(abs, one)), -sum(map(abs, one)), one),
)
"""The pixels of a square, the farthest first, so that nearer ones are written over them."""


def chroma_of(colors: Array) -> Array:
    """Return Cb and Cr, as differences from gray, of colors N×3.

    >>> chroma_of(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))[:, 1].round(2) + 0
    array([ 0.5 , -0.42], dtype=float32)
    """
    if not len(colors):
        return np.zeros((0, 2), np.float32)
    return np.asarray(rgb_to_ycbcr(colors[np.newaxis])[0, :, 1:] - MIDDLE, np.float32)


def drawn_hints(target: Picture, rng: np.random.Generator, count: int) -> Array:
    """Return a map of true hints of a color picture at random pixels: the mean chroma of the square around each.

    >>> found = drawn_hints(Picture(np.full((9, 9, 3), 40, np.uint8)), np.random.default_rng(0), 1)
    >>> found.shape, int(found[:, :, 2].max())
    ((9, 9, 3), 1)
    """
    height, width = target.size
    rows, columns = rng.integers(height, size=count), rng.integers(width, size=count)
    colors = target.colors()
    means = [
        colors[max(y - BESIDE, 0) : y + BESIDE + 1, max(x - BESIDE, 0) : x + BESIDE + 1].mean((0, 1))
        for y, x in zip(rows, columns, strict=True)
    ]
    hints = ColorHints.of_pixels(rows, columns, np.array(means).reshape(-1, 3), "", target.size)
    return hints.read((0, height), (0, width))
