"""Seats: memory that files share which are converted at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Seats:
    """So many bytes; who needs more than are free waits for the others, and who needs all of them is alone.

    >>> seats = Seats(100)
    >>> with seats.taken(60), seats.taken(40):
    ...     seats.free
    0
    >>> seats.free
    100
    """

    def __init__(self, count: int) -> None:
        self._count = self.free = max(count, 1)
        self._changed = Condition()

    @contextmanager
    def taken(self, needed: int) -> Iterator[None]:
        """Have so many of them while the block runs; more than there are count as all."""
        mine = min(needed, self._count)
        with self._changed:
            self._changed.wait_for(lambda: self.free >= mine)
            self.free -= mine
        try:
            yield
        finally:
            with self._changed:
                self.free += mine
                self._changed.notify_all()
