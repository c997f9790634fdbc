"""An open file that can be sliced like bytes without reading it whole."""

from typing import BinaryIO, overload


class FileBytes:
    r"""An open file that is sliced like bytes; nothing is cached.

    Unlike the pages of a memory map, the bytes that were read do not count as this process's memory.

    >>> import io
    >>> data = FileBytes(io.BytesIO(b"II*\0"))
    >>> len(data), data[:2], data[3]
    (4, b'II', 0)
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._length = file.seek(0, 2)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> bytes: ...

    def __getitem__(self, place: int | slice) -> int | bytes:
        if not isinstance(place, slice):
            return self[place : place + 1][0]
        start, stop, _ = place.indices(self._length)
        if stop <= start:
            return b""
        self.file.seek(start)
        return self.file.read(stop - start)


Bytes = bytes | FileBytes
"""The contents of a file, for slicing."""
