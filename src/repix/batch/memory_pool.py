"""Memory pool: bytes that files share while they are converted at the same time."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition
from typing import Protocol


class Pool(Protocol):
    """A number of bytes that files share; see `MemoryPool`."""

    def take(self, needed: int) -> AbstractContextManager[None]:
        """Reserve this many bytes while the block runs."""
        ...


class MemoryPool:
    """A number of bytes. A request for more than are free waits for the others to end.

    >>> pool = MemoryPool(100)
    >>> with pool.take(60), pool.take(40):
    ...     pool.free
    0
    >>> pool.free, pool.largest
    (100, 60)
    """

    def __init__(self, size: int) -> None:
        self.size = self.free = max(size, 1)
        self.largest = 0
        """The largest request so far."""
        self._changed = Condition()

    @contextmanager
    def take(self, needed: int) -> Iterator[None]:
        """Reserve this many bytes while the block runs; a request for more than the pool holds reserves all."""
        mine = min(needed, self.size)
        with self._changed:
            self.largest = max(self.largest, mine)
            self._changed.wait_for(lambda: self.free >= mine)
            self.free -= mine
        try:
            yield
        finally:
            with self._changed:
                self.free += mine
                self._changed.notify_all()
