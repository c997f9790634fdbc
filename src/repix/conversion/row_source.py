"""Row sources: the rows of a picture for a conversion, from memory or from a decoder."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from repix.pictures.picture import Picture

ROWS_PER_READ = 64
"""Rows that are decoded at a time."""


class Decoder(Protocol):
    """A reader of a picture from top to bottom, such as `repix.pictures.band_reader`."""

    @property
    def channels(self) -> int:
        """Number of channels, with alpha."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        ...

    def read(self, rows: int) -> Picture:
        """Return the next rows."""
        ...


class RowSource(Protocol):
    """A source of a picture's rows, requested from top to bottom."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        ...

    @property
    def has_alpha(self) -> bool:
        """True if the last channel is alpha."""
        ...

    def rows(self, start: int, end: int) -> Picture:
        """Return rows start to end; neither may decrease from one call to the next."""
        ...


@dataclass(frozen=True)
class PictureRows:
    """A picture in memory.

    >>> PictureRows(Picture(np.zeros((5, 3), np.uint8))).rows(1, 3)
    Picture(3×2 gray, depth 8)
    """

    picture: Picture

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.picture.size

    @property
    def has_alpha(self) -> bool:
        """True if the last channel is alpha."""
        return self.picture.has_alpha

    def rows(self, start: int, end: int) -> Picture:
        """Return a view of rows start to end."""
        return replace(self.picture, pixels=self.picture.pixels[start:end])


class StreamedRows:
    """A picture that is decoded on request into one buffer, which drops rows above the last `start`.

    The next call of `rows` overwrites the last result.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._top = self._end = 0
        self._memory: NDArray[Any] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self._decoder.size

    @property
    def has_alpha(self) -> bool:
        """True if the last channel is alpha."""
        return self._decoder.channels in (2, 4)

    def rows(self, start: int, end: int) -> Picture:
        """Return rows start to end: the buffer's rows are moved up, and the missing ones are decoded after them."""
        kept = self._end - start
        if self._memory is not None and kept > 0:
            self._memory[:kept] = self._memory[start - self._top : self._end - self._top]
        self._top = start
        while self._end < end:
            fresh = self._decoder.read(min(end - self._end, ROWS_PER_READ))
            self._put(fresh.pixels, end - start)
            self._last = fresh
        assert self._memory is not None  # noqa: S101 (end is above start)
        return replace(self._last, pixels=self._memory[: end - start])

    def _put(self, fresh: NDArray[Any], height: int) -> None:
        """Append decoded rows to the buffer, which grows to the height of a band."""
        at = self._end - self._top
        if self._memory is None or len(self._memory) < height:
            larger = np.empty((height, *fresh.shape[1:]), fresh.dtype)
            if self._memory is not None:
                larger[:at] = self._memory[:at]
            self._memory = larger
        self._memory[at : at + len(fresh)] = fresh
        self._end += len(fresh)
