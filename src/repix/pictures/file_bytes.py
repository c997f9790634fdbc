"""Files that can be sliced like bytes without reading them whole."""

from abc import ABC, abstractmethod
from typing import BinaryIO, overload


class Sliced(ABC):
    """The contents of a file, sliced like bytes."""

    def __init__(self, length: int) -> None:
        self._length = length

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
        return self._read(start, stop) if start < stop else b""

    @property
    def memory(self) -> int:
        """Bytes that are kept in memory at most."""
        return 0

    @abstractmethod
    def _read(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` up to `stop`, which is larger."""


class FileBytes(Sliced):
    r"""An open file that is sliced like bytes; nothing is cached.

    Unlike the pages of a memory map, the bytes that were read do not count as this process's memory.

    >>> import io
    >>> data = FileBytes(io.BytesIO(b"II*\0"))
    >>> len(data), data[:2], data[3]
    (4, b'II', 0)
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file.seek(0, 2))
        self.file = file

    def _read(self, start: int, stop: int) -> bytes:
        self.file.seek(start)
        return self.file.read(stop - start)


Bytes = bytes | Sliced
"""The contents of a file, for slicing."""


def sliced(content: BinaryIO | Bytes) -> Bytes:
    """Return the contents of an open file for slicing; contents are returned as they are."""
    return content if isinstance(content, bytes | Sliced) else FileBytes(content)
