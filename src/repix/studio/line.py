"""The line of a worker: what waits, in order, and what goes before it."""

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class LineFull(Exception):
    """As many wait as may wait."""


class Line(Generic[T]):
    """Waiting items: those that go first, then the others, each in the order in which they came.

    >>> line = Line[str](most=3)
    >>> line.put("a photo"), line.put("a preview", first=True)
    (None, None)
    >>> line.take(), line.take_first(), line.take()
    ('a preview', None, 'a photo')
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._first, self._others = deque[T](), deque[T]()
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, item: T, first: bool = False) -> None:
        """Add an item; raise LineFull if there is no room for it."""
        waiting = self._first if first else self._others
        with self._changed:
            if len(waiting) >= self._most:
                raise LineFull
            waiting.append(item)
            self._changed.notify()

    def take(self) -> T | None:
        """Return the next item, and wait for it; None once the line is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._first or self._others or self._is_closed)
            if self._is_closed:
                return None
            return (self._first or self._others).popleft()

    def take_first(self) -> T | None:
        """Return the next item of those that go first, without waiting; None if there is none."""
        with self._changed:
            return self._first.popleft() if self._first and not self._is_closed else None

    def close(self) -> None:
        """End the waiting; what is in the line stays there."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
