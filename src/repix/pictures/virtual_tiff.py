"""A virtual TIFF file, through which another thread streams rows to libvips."""

import struct
from threading import Condition
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures.libvips import Callbacks, library
from repix.pictures.tiff_tags import Entry, Layout, build

STRIP = 2**18
"""Approximate bytes of a strip."""

_SHORT, _LONG, _OFFSET = 3, 4, 16
_PACKED = {_SHORT: "H", _LONG: "I", _OFFSET: "Q"}
_BEGINNING = b"II+\0" + struct.pack("<HHQ", 8, 0, 16)


class RowQueue:
    """A queue of one array between two threads; either may stop.

    >>> rows = RowQueue()
    >>> rows.put(np.zeros(3)), rows.get().shape
    (True, (3,))
    >>> rows.close(), rows.put(np.zeros(3)), rows.get()
    (None, False, None)
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: NDArray[Any] | None = None
        self._ended = self._closed = False

    def put(self, rows: NDArray[Any]) -> bool:
        """Add rows once the queue is empty; return False if the reader has stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is None or self._closed)
            self._waiting = None if self._closed else rows
            self._changed.notify_all()
            return not self._closed

    def get(self) -> NDArray[Any] | None:
        """Return the next rows, or None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._ended or self._closed)
            rows, self._waiting = self._waiting, None
            self._changed.notify_all()
            return rows

    def end(self) -> None:
        """Mark the end: no more rows will be added."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Stop both sides: no more rows will be added or read."""
        with self._changed:
            self._closed, self._waiting = True, None
            self._changed.notify_all()


class VirtualTiff:
    """An uncompressed BigTIFF whose rows are supplied while it is read, from top to bottom."""

    def __init__(self, size: tuple[int, int], channels: int, dtype: np.dtype[Any]) -> None:
        self.rows = RowQueue()
        self._dtype = dtype.newbyteorder("<")
        self._head = _head(size, channels, dtype)
        self._length = len(self._head) + size[0] * size[1] * channels * dtype.itemsize
        self._position = 0
        self._start, self._bytes = len(self._head), memoryview(b"")
        """Offset in the file of the rows that are being read, and their bytes."""

    def source(self, callbacks: Callbacks) -> Any:
        """Return the source for libvips; it must live as long as the image."""
        source = library().SourceCustom()
        source.on_read(callbacks.guarded(self._read, b""))
        source.on_seek(callbacks.guarded(self._seek, -1))
        return source

    def _seek(self, offset: int, whence: int) -> int:
        self._position = offset + (0, self._position, self._length)[whence]
        return self._position

    def _read(self, count: int) -> bytes:
        """Return the next bytes; fewer if the other thread has stopped, which libvips reports as an error."""
        found = [self._head[self._position : self._position + count]]
        self._position += len(found[0])
        count -= len(found[0])
        while count and self._advance():
            at = self._position - self._start
            found.append(bytes(self._bytes[at : at + count]))
            self._position += len(found[-1])
            count -= len(found[-1])
        return b"".join(found)

    def _advance(self) -> bool:
        """Fetch rows up to the current position; return False if they have passed or the input has ended."""
        while self._position >= self._start + len(self._bytes):
            rows = self.rows.get()
            if rows is None:
                return False
            self._start += len(self._bytes)
            self._bytes = np.ascontiguousarray(rows, self._dtype).reshape(-1).view(np.uint8).data
        return self._position >= self._start


def _head(size: tuple[int, int], channels: int, dtype: np.dtype[Any]) -> bytes:
    """Return everything before the pixels; it is built twice, because its length gives the offset of the pixels."""
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
        entries.append(_entry(338, _SHORT, 2))  # alpha, not multiplied into the colors
    return _BEGINNING + build(entries, len(_BEGINNING), Layout("<", big=True))


def _entry(tag: int, kind: int, *values: int) -> Entry:
    return Entry(tag, kind, len(values), struct.pack(f"<{len(values)}{_PACKED[kind]}", *values))
