"""A file elsewhere that is sliced like bytes: its blocks are requested when they are needed."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from repix.pictures.file_bytes import Sliced

BLOCK = 2**23
"""Bytes of a request: decoders read 4 kB at a time, and a request takes as long as some megabytes."""
KEPT = 6
"""Blocks in memory: one for each of up to four planes of a TIFF, one for its tags, one for its tables."""


class RangedBytes(Sliced):
    r"""A file elsewhere, sliced like bytes; only the blocks that were used last are kept.

    Args:
        name: name in messages.
        length: size of the file in bytes.
        fetch: returns the bytes from one offset up to another, all of them; called by one thread at a time.

    >>> asked = []
    >>> def fetch(start, stop):
    ...     asked.append((start, stop))
    ...     return bytes(range(start, stop))
    >>> data = RangedBytes("s3://photos/a.tif", 10, fetch)
    >>> data[2:5], data[9], asked
    (b'\x02\x03\x04', 9, [(0, 10)])
    """

    def __init__(self, name: str, length: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__(length)
        self._name, self._fetch = name, fetch
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._reading = Lock()

    def __str__(self) -> str:
        return self._name

    @property
    def memory(self) -> int:
        """Bytes that are kept in memory at most."""
        return min((KEPT + 1) * BLOCK, len(self))

    def _read(self, start: int, stop: int) -> bytes:
        with self._reading:
            return b"".join(
                self._block(number)[max(start - number * BLOCK, 0) : stop - number * BLOCK]
                for number in range(start // BLOCK, (stop - 1) // BLOCK + 1)
            )

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if len(self._blocks) == KEPT:
                self._blocks.popitem(last=False)
            self._blocks[number] = self._fetch(number * BLOCK, min((number + 1) * BLOCK, len(self)))
        self._blocks.move_to_end(number)
        return self._blocks[number]
