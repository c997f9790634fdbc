"""Rows: where a conversion gets the rows of its picture from, whether that lies in memory or is still being decoded."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from repix.pictures.picture import Picture

ROWS_PER_READ = 64
"""Rows that are decoded in one go."""


class Decoder(Protocol):
    """What hands over a picture from top to bottom, as `repix.pictures.band_reader` does."""

    @property
    def channels(self) -> int:
        """Of its pixels, alpha included."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        ...

    def read(self, rows: int) -> Picture:
        """Return the next rows."""
        ...


class RowSource(Protocol):
    """Any rows of a picture, asked for from top to bottom."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        ...

    @property
    def has_alpha(self) -> bool:
        """Return whether the last channel is opacity."""
        ...

    def rows(self, start: int, end: int) -> Picture:
        """These rows; start and end never fall from one call to the next by more than what the last call began with."""
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
        """Return whether the last channel is opacity."""
        return self.picture.has_alpha

    def rows(self, start: int, end: int) -> Picture:
        """Return a view of them."""
        return replace(self.picture, pixels=self.picture.pixels[start:end])


class StreamedRows:
    """A picture that is decoded as it is asked for, in one piece of memory; rows above the last start are forgotten.

    What `rows` gave is overwritten by the next call.
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
        """Return whether the last channel is opacity."""
        return self._decoder.channels in (2, 4)

    def rows(self, start: int, end: int) -> Picture:
        """Those that are kept are moved up, and the missing ones decoded behind them, a few at a time."""
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
        """Behind the rows that are there; the memory grows to what a band needs."""
        at = self._end - self._top
        if self._memory is None or len(self._memory) < height:
            larger = np.empty((height, *fresh.shape[1:]), fresh.dtype)
            if self._memory is not None:
                larger[:at] = self._memory[:at]
            self._memory = larger
        self._memory[at : at + len(fresh)] = fresh
        self._end += len(fresh)
