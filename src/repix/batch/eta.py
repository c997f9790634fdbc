"""Estimated time left (ETA), from the times of finished files."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class _Sums:
    """Sums for a least-squares line: seconds over pixels."""

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
        """Return the seconds per file and per pixel; neither is negative."""
        spread = self.count * self.pixels_squared - self.pixels**2
        if self.count < ENOUGH or spread <= 1e-9 * self.pixels**2:  # too few files, or all of one size
            return self._in_proportion()
        slope = (self.count * self.products - self.pixels * self.seconds) / spread
        start = (self.seconds - slope * self.pixels) / self.count
        if slope < 0:
            return self.seconds / self.count, 0.0
        return (start, slope) if start >= 0 else self._in_proportion()

    def _in_proportion(self) -> tuple[float, float]:
        return (0.0, self.seconds / self.pixels) if self.pixels else (self.seconds / self.count, 0.0)


ENOUGH = 5
"""Number of files from which on a line is fitted to their times; with fewer, time is proportional to pixels."""


@dataclass(frozen=True)
class Clock:
    """Time since a computation started."""

    passed: float
    """Seconds."""
    done_in: float
    """Seconds that the finished part took; the rest of `passed` belongs to the unfinished part."""

    def rest(self, still: float, done: float) -> float:
        """Return the seconds for the remaining amount, in proportion to the finished amount.

        >>> Clock(passed=5.0, done_in=4.0).rest(still=200, done=100)
        7.0
        """
        return max(self.done_in * still / done - (self.passed - self.done_in), 0.0)


@dataclass(frozen=True)
class Running:
    """A file that a worker processes now."""

    pixels: int
    """Number of its pixels; 0 if unknown."""
    seconds: float
    """Since it was started."""
    converted: int = 0
    """Number of converted pixels."""
    clock: Clock = Clock(0.0, 0.0)
    """Since its computation started."""

    def rest(self, each: float, pixel: float) -> float:
        """Return the seconds left: in proportion once a part is finished, before that from the times of other files."""
        if self.converted:
            return self.clock.rest(max(self.pixels - self.converted, 0), self.converted)
        return max(each + pixel * self.pixels - self.seconds, 0.0)


class Eta:
    """Estimator of the time left: a cost per file and a cost per pixel, divided by the number of workers.

    >>> eta = Eta(workers=1)
    >>> for pixels in (100, 300, 200, 100, 500):
    ...     eta.add(pixels, 1 + pixels / 100)
    >>> eta.left(Clock(17.0, 17.0), waiting=2, pixels=800, running=[])
    10.0
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        """Number of files at the same time; it may change during a run."""
        self._first, self._later = _Sums(), _Sums()

    def add(self, pixels: int, seconds: float, warming: bool = False) -> None:
        """Add a finished file. `warming`: it was its worker's first; its time is used only until a later one is known.

        The first files start together and may wait for each other, so their times say little about later files.
        """
        (self._first if warming else self._later).add(pixels, seconds)

    def left(self, clock: Clock, waiting: int, pixels: float, running: Sequence[Running]) -> float | None:
        """Return the seconds until all files are done; None if unknown.

        The `clock` runs since the first file was started; `waiting` files, with `pixels` in total, are not started.
        """
        if not self._later.count:
            return self._from_the_clock(clock, waiting, pixels, running)
        each, pixel = self._later.line()
        still = [one.rest(each, pixel) for one in running]
        shared = (waiting * each + pixels * pixel + sum(still)) / self.workers
        return max([shared, *still])

    def _from_the_clock(self, clock: Clock, waiting: int, pixels: float, running: Sequence[Running]) -> float | None:
        """Return the seconds in proportion to the finished pixels or, if those are unknown, to the finished files."""
        converted = self._first.pixels + sum(one.converted for one in running)
        if converted:
            return clock.rest(pixels + sum(max(one.pixels - one.converted, 0) for one in running), converted)
        return clock.rest(waiting + len(running), self._first.count) if self._first.count else None
