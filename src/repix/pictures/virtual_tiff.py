"""A TIFF file that does not exist: libvips reads it, and its rows come from another thread while it does."""

import struct
from threading import Condition
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures.libvips import Callbacks, library
from repix.pictures.tiff_tags import Entry, Layout, build

STRIP = 2**18
"""Bytes of a strip, about."""

_SHORT, _LONG, _OFFSET = 3, 4, 16
_PACKED = {_SHORT: "H", _LONG: "I", _OFFSET: "Q"}
_BEGINNING = b"II+\0" + struct.pack("<HHQ", 8, 0, 16)


class RowQueue:
    """Arrays that one thread makes and another one takes, one at a time; either may stop.

    >>> rows = RowQueue()
    >>> rows.put(np.zeros(3)), rows.take().shape
    (True, (3,))
    >>> rows.close(), rows.put(np.zeros(3)), rows.take()
    (None, False, None)
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: NDArray[Any] | None = None
        self._ended = self._closed = False

    def put(self, rows: NDArray[Any]) -> bool:
        """Hand rows over, as soon as those before them were taken; False when nobody will take them."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is None or self._closed)
            self._waiting = None if self._closed else rows
            self._changed.notify_all()
            return not self._closed

    def take(self) -> NDArray[Any] | None:
        """The next rows; None when there are none."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended or self._closed)
            rows, self._waiting = self._waiting, None
            self._changed.notify_all()
            return rows

    def end(self) -> None:
        """No more rows will be put."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will be put or taken."""
        with self._changed:
            self._closed, self._waiting = True, None
            self._changed.notify_all()


class VirtualTiff:
    """An uncompressed BigTIFF whose pixels are handed over while it is read, from top to bottom."""

    def __init__(self, size: tuple[int, int], channels: int, dtype: np.dtype[Any]) -> None:
        self.rows = RowQueue()
        self._dtype = dtype.newbyteorder("<")
        self._head = _head(size, channels, dtype)
        self._length = len(self._head) + size[0] * size[1] * channels * dtype.itemsize
        self._position = 0
        self._start, self._bytes = len(self._head), memoryview(b"")
        """Where in the file the rows stand that are being read, and their bytes."""

    def source(self, callbacks: Callbacks) -> Any:
        """What libvips reads from; it must be kept as long as the image."""
        source = library().SourceCustom()
        source.on_read(callbacks.guarded(self._read, b""))
        source.on_seek(callbacks.guarded(self._seek, -1))
        return source

    def _seek(self, offset: int, whence: int) -> int:
        self._position = offset + (0, self._position, self._length)[whence]
        return self._position

    def _read(self, count: int) -> bytes:
        """The next bytes; fewer than there should be, which libvips finds out, when the other thread has stopped."""
        found = [self._head[self._position : self._position + count]]
        self._position += len(found[0])
        count -= len(found[0])
        while count and self._reach():
            at = self._position - self._start
            found.append(bytes(self._bytes[at : at + count]))
            self._position += len(found[-1])
            count -= len(found[-1])
        return b"".join(found)

    def _reach(self) -> bool:
        """Take rows until those of the position are there; false when they are past or will never come."""
        while self._position >= self._start + len(self._bytes):
            rows = self.rows.take()
            if rows is None:
                return False
            self._start += len(self._bytes)
            self._bytes = np.ascontiguousarray(rows, self._dtype).reshape(-1).view(np.uint8).data
        return self._position >= self._start


def _head(size: tuple[int, int], channels: int, dtype: np.dtype[Any]) -> bytes:
    """Everything before the pixels: as long whatever stands in it, so made twice to know where they begin."""
    return _head_before(len(_head_before(0, size, channels, dtype)), size, channels, dtype)


def _head_before(start: int, size: tuple[int, int], channels: int, dtype: np.dtype[Any]) -> bytes:
    (height, width), row = size, size[1] * channels * dtype.itemsize
    rows = min(max(STRIP // row, 1), height)
    firsts = np.arange(0, height, rows)
    lengths = np.minimum(rows, height - firsts) * row
    entries = [
        _entry(256, _LONG, width),
        _entry(257, _LONG, height),
        _entry(258, _SHORT, *[8 * dtype.itemsize] * channels),
        _entry(259, _SHORT, 1),  # not compressed
        _entry(262, _SHORT, 1 if channels <= 2 else 2),  # 0 is black, or RGB
        _entry(273, _OFFSET, *(start + firsts * row)),
        _entry(277, _SHORT, channels),
        _entry(278, _LONG, rows),
        _entry(279, _OFFSET, *lengths),
        _entry(284, _SHORT, 1),  # channels side by side
        _entry(339, _SHORT, *[3 if dtype.kind == "f" else 1] * channels),
    ]
    if channels in (2, 4):
        entries.append(_entry(338, _SHORT, 2))  # alpha, not multiplied into the colours
    return _BEGINNING + build(entries, len(_BEGINNING), Layout("<", big=True))


def _entry(tag: int, kind: int, *values: int) -> Entry:
    return Entry(tag, kind, len(values), struct.pack(f"<{len(values)}{_PACKED[kind]}", *values))
