"""Measurement in turns: files are made in threads and in processes by turns, then in the way that was faster."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal

Way = Literal["threads", "processes"]
ORDER: tuple[Way, ...] = ("threads", "processes", "processes", "threads")
"""So that a machine which becomes slower and slower, or faster, favors neither."""
SECONDS = 2.0
"""The shortest turn."""
FACTOR = 1.05
"""Processes must be faster by this factor, for the memory that they take."""


@dataclass(frozen=True)
class Choice:
    """The way that was chosen for a run, and what it was chosen by."""

    way: Way
    speeds: tuple[float, float] | None = None
    """Pixels per second in threads and in processes; None if they were not measured."""
    reason: str = ""
    """Why they were not measured."""

    def __str__(self) -> str:
        """Return a line for the summary of a run.

        >>> print(Choice("processes", (8e6, 12.5e6)))
        processes (measured: 8.00 MP/s in threads, 12.50 MP/s in processes)
        """
        if self.speeds is None:
            return f"{self.way} ({self.reason})"
        threads, processes = (speed / 1e6 for speed in self.speeds)
        return f"{self.way} (measured: {threads:.2f} MP/s in threads, {processes:.2f} MP/s in processes)"

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary for JSON."""
        threads, processes = self.speeds or (None, None)
        return {"way": self.way, "threads": threads, "processes": processes, "reason": self.reason}


class Turns:
    """The turns of a run, from the moment when both ways are ready.

    >>> seconds = iter(range(100))
    >>> turns = Turns(1, lambda: next(seconds))
    >>> while turns.choice is None:
    ...     turns.add(turns.way, 300 if turns.way == "processes" else 200)
    >>> turns.choice
    Choice(way='processes', speeds=(200.0, 300.0), reason='')
    """

    def __init__(self, workers: int, clock: Callable[[], float] = monotonic) -> None:
        self._workers, self._clock = workers, clock
        self._turn, self._finished, self._began, self._pixels = 0, 0, 0.0, 0
        self._sums: dict[Way, tuple[int, float]] = dict.fromkeys(ORDER, (0, 0.0))
        self.choice: Choice | None = None

    @property
    def way(self) -> Way:
        """The way in which the next file is made."""
        return ORDER[self._turn] if self.choice is None else self.choice.way

    def add(self, way: Way, pixels: int) -> None:
        """Add a finished file; the first ones of a turn began when others were made in the other way."""
        if self.choice is not None or way != self.way:
            return
        self._finished += 1
        if self._finished == self._workers:
            self._began = self._clock()
        if self._finished <= self._workers:
            return
        self._pixels += pixels
        seconds = self._clock() - self._began
        if self._finished >= 3 * self._workers and seconds >= SECONDS:
            self._end_turn(way, seconds)

    def end(self, reason: str) -> None:
        """End the measurement, because processes cannot be used; the first reason is kept."""
        if self.choice is None or self.choice.way == "processes":
            self.choice = Choice("threads", reason=reason)

    def _end_turn(self, way: Way, seconds: float) -> None:
        pixels, before = self._sums[way]
        self._sums[way] = pixels + self._pixels, before + seconds
        self._turn, self._finished, self._pixels = self._turn + 1, 0, 0
        if self._turn == len(ORDER):
            threads, processes = (made / max(took, 1e-9) for made, took in map(self._sums.__getitem__, ORDER[:2]))
            self.choice = Choice("processes" if processes >= FACTOR * threads else "threads", (threads, processes))
