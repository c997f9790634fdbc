"""The estimated time left, learned from the files that are done."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class _Sums:
    """The sums that a straight line through points needs."""

    count: int = 0
    pixels: float = 0
    seconds: float = 0
    pixels_squared: float = 0
    products: float = 0

    def add(self, pixels: int, seconds: float) -> None:
        self.count += 1
        self.pixels += pixels
        self.seconds += seconds
        self.pixels_squared += pixels**2
        self.products += pixels * seconds

    def line(self) -> tuple[float, float]:
        """Return the seconds for each file and for each of its pixels; neither is ever negative."""
        spread = self.count * self.pixels_squared - self.pixels**2
        if self.count < ENOUGH or spread <= 1e-9 * self.pixels**2:  # or all of one size, as far as can be told
            return self._in_proportion()
        slope = (self.count * self.products - self.pixels * self.seconds) / spread
        start = (self.seconds - slope * self.pixels) / self.count
        if slope < 0:
            return self.seconds / self.count, 0.0
        return (start, slope) if start >= 0 else self._in_proportion()

    def _in_proportion(self) -> tuple[float, float]:
        return (0.0, self.seconds / self.pixels) if self.pixels else (self.seconds / self.count, 0.0)


ENOUGH = 5
"""From this many files on, a line is fitted to their times; fewer are taken as proportional to their pixels."""


@dataclass(frozen=True)
class Clock:
    """Time since a computation began."""

    passed: float
    """Seconds."""
    done_in: float
    """The first of them, which the finished part took; the rest went into the part under way."""

    def rest(self, still: float, done: float) -> float:
        """Return the seconds for what is still to do, in proportion to what is done.

        >>> Clock(passed=5.0, done_in=4.0).rest(still=200, done=100)
        7.0
        """
        return max(self.done_in * still / done - (self.passed - self.done_in), 0.0)


@dataclass(frozen=True)
class Running:
    """A file under way."""

    pixels: int
    """All of its pixels, where their number is known."""
    seconds: float
    """Since it was begun."""
    converted: int = 0
    """How many of its pixels are done."""
    clock: Clock = Clock(0.0, 0.0)
    """Since its computation began."""

    def rest(self, each: float, pixel: float) -> float:
        """Return the seconds left: in proportion once a part is done, before that as other files took."""
        if self.converted:
            return self.clock.rest(max(self.pixels - self.converted, 0), self.converted)
        return max(each + pixel * self.pixels - self.seconds, 0.0)


class Eta:
    """The time left, from a cost for each file and a cost for each pixel, shared by the workers.

    >>> eta = Eta(workers=1)
    >>> for pixels in (100, 300, 200, 100, 500):
    ...     eta.add(pixels, 1 + pixels / 100)
    >>> eta.left(Clock(17.0, 17.0), waiting=2, pixels=800, running=[])
    10.0
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._first, self._later = _Sums(), _Sums()

    def add(self, pixels: int, seconds: float, warming: bool = False) -> None:
        """Add a finished file. `warming`: it was its worker's first, and counts only while there is nothing else.

        First files begin together and wait for each other where they cannot be computed side by side, so their times
        say little about later files.
        """
        (self._first if warming else self._later).add(pixels, seconds)

    def left(self, clock: Clock, waiting: int, pixels: float, running: Sequence[Running]) -> float | None:
        """Return the seconds until all is done, or None while nothing is known.

        The `clock` runs since the first file began; `waiting` files, with `pixels` together, have not begun.
        """
        if not self._later.count:
            return self._from_the_clock(clock, waiting, pixels, running)
        each, pixel = self._later.line()
        still = [one.rest(each, pixel) for one in running]
        shared = (waiting * each + pixels * pixel + sum(still)) / self._workers
        return max([shared, *still])

    def _from_the_clock(self, clock: Clock, waiting: int, pixels: float, running: Sequence[Running]) -> float | None:
        """Return it in proportion to the pixels done so far; where those are not known, to the files done."""
        converted = self._first.pixels + sum(one.converted for one in running)
        if converted:
            return clock.rest(pixels + sum(max(one.pixels - one.converted, 0) for one in running), converted)
        return clock.rest(waiting + len(running), self._first.count) if self._first.count else None
