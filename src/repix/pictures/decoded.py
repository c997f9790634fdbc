"""What a decoder hands over: everything but the pixels at once, and the rows when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = Callable[[int, int], NDArray[Any]]
"""Given the first row and how many: these rows, H×W×C, as they stand in the file. Asked for from top to bottom."""


@dataclass
class Decoded:
    """An opened picture: its rows, still to be decoded, and what was found beside them."""

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
    """It may grow while rows are decoded."""
    held: int = 0
    """Bytes that the decoder holds, beside the rows that it is asked for."""
    whole: str | None = None
    """Why it must decode the whole picture before it can give the first row, if it must."""

    @property
    def nbytes(self) -> int:
        """Bytes of all pixels."""
        return self.size[0] * self.size[1] * self.channels * self.dtype.itemsize


def all_at_once(decode: Callable[[], NDArray[Any]]) -> Rows:
    """The rows of a picture that is decoded whole, when the first of them is asked for."""
    whole = cache(decode)
    return lambda first, count: whole()[first : first + count]
