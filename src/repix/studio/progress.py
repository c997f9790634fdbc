"""Progress of a job, and its end on request."""

import time
from collections.abc import Callable


class Canceled(Exception):
    """The job was canceled while it ran."""


class Progress:
    """The part of a job that is done; `between` is called whenever a piece of it is done."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, between: Callable[[], None] = lambda: None) -> None:
        self.total = 0
        self.done = 0
        self.is_canceled = False
        self._clock = clock
        self._between = between
        self._started = 0.0

    def start(self, total: int) -> None:
        """Begin to count up to `total`."""
        self.done, self.total, self._started = 0, total, self._clock()

    def advance(self, amount: int) -> None:
        """Count what is done; raise Canceled if the job should end."""
        if self.is_canceled:
            raise Canceled
        self.done += amount
        self._between()

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> int | None:
        """At the pace so far; None if nothing is done yet."""
        if not self.share:
            return None
        return round((self._clock() - self._started) * (1 - self.share) / self.share)
