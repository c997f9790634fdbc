"""Threads or processes: a long run measures both, and goes on in the faster way; the results are the same bytes."""

import threading
from collections.abc import Callable
from time import monotonic

from repix.batch.child_process import Unusable
from repix.batch.children import Children
from repix.batch.place import Check, Made, Order, Threads
from repix.batch.program import Program
from repix.batch.turns import Choice, Turns, Way
from repix.batch.work import Advance, WorkFunction

SETTLED, LONG = 10.0, 120.0
"""Processes are tried after so many seconds in threads, if the rest takes at least so many more."""


class MeasuredPlace:
    """The place of a run in this process and, if that is faster, in processes with one file each."""

    def __init__(self, function: WorkFunction, workers: int, program: Program, clock: Callable[[], float] = monotonic):
        self.most = workers
        self.files = 0
        """Number of files to make, as far as known."""
        self._threads, self._clock = Threads(function, workers), clock
        self._lock = threading.Lock()
        self._began: float | None = None
        self._made = 0
        self._turns = Turns(workers, clock)
        self.children = Children(program, workers)

    @property
    def choice(self) -> Choice | None:
        """The chosen way; None if nothing was measured."""
        return self._turns.choice

    def room(self) -> int:
        """Return the number of files at a time."""
        return self.most

    def make(self, order: Order, advance: Advance, check: Check) -> Made:
        """Make a file, in this thread or in a process."""
        converted = 0

        def counted(pixels: int = 0) -> None:
            nonlocal converted
            converted += pixels
            advance(pixels)

        way = self._way()
        made = self._made_in(way, order, counted, check)
        with self._lock:
            self._made += 1
            if made is not None and self.children.are_ready:
                self._turns.add(way, converted)
            is_decided = self._turns.choice is not None and self._turns.choice.way == "threads"
        if is_decided:
            self.children.end()
        return self._threads.make(order, counted, check) if made is None else made

    def begin(self) -> None:
        """Start the processes in the background; files are made in threads until all are ready."""
        if self.children.fit:
            self.children.begin(self._end)
        else:
            self._turns.end("the pictures are too large for several processes within --memory")

    def close(self) -> None:
        """End the processes."""
        self.children.end()

    def _made_in(self, way: Way, order: Order, advance: Advance, check: Check) -> Made | None:
        """Make a file in this way; None if processes cannot be used."""
        if way == "threads":
            return self._threads.make(order, advance, check)
        try:
            return self.children.make(order, advance, check)
        except Unusable as problem:
            self._end(str(problem))
        return None

    def _way(self) -> Way:
        """Return the way for the next file; processes begin when that is worth while."""
        with self._lock:
            now = self._clock()
            self._began = now if self._began is None else self._began
            if not self.children.are_begun and self._turns.choice is None and self._is_long(now - self._began):
                self.begin()
            return self._turns.way if self.children.are_ready or self._turns.choice else "threads"

    def _is_long(self, passed: float) -> bool:
        rest = passed / max(self._made, 1) * (self.files - self._made)
        return passed >= SETTLED and rest >= LONG

    def _end(self, reason: str) -> None:
        with self._lock:
            self._turns.end(reason)
