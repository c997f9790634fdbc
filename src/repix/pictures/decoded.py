"""The result of opening a file: size, type and metadata at once, and the rows on request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures.formats import QUALITY

Rows = Callable[[int, int], NDArray[Any]]
"""Function of the first row and a number of rows: returns these rows H×W×C. Called from top to bottom."""


@dataclass
class Decoded:
    """An opened picture whose rows have not been decoded yet, with its metadata."""

    size: tuple[int, int]
    """Height and width."""
    channels: int
    dtype: np.dtype[Any]
    rows: Rows
    profile: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    resolution: tuple[float, float] | None = None
    converted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Information that reading loses; entries may be added while rows are decoded."""
    memory: int = 0
    """Bytes that the decoder needs in addition to the requested rows."""
    quality: int = QUALITY
    """Quality of lossy results for this source, unless another is asked for."""
    whole: str | None = None
    """Reason why the whole picture must be decoded before the first row, or None."""

    @property
    def nbytes(self) -> int:
        """Size of all pixels, in bytes."""
        return self.size[0] * self.size[1] * self.channels * self.dtype.itemsize


def decode_whole(decode: Callable[[], NDArray[Any]]) -> Rows:
    """Return a `Rows` function that decodes the whole picture at its first call and then slices it."""
    whole = cache(decode)
    return lambda first, count: whole()[first : first + count]


def fill_low_bits(pixels: NDArray[np.uint16], bits: int) -> NDArray[np.uint16]:
    """Fill the low bits of left-aligned pixels with `bits` bits by their highest bits, so that white becomes 65535.

    It changes the pixels in place. The result is the exact fraction of white, rounded by less than one level of 65535.

    >>> fill_low_bits(np.array([0, 512 << 6, 1023 << 6], np.uint16), 10).tolist()
    [0, 32800, 65535]
    """
    pixels |= pixels >> bits
    return pixels
