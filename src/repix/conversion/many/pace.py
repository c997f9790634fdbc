"""Pace: how long the files that are left will take, learnt from those that are done."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class _Sums:
    """What a straight line through points needs, and nothing more."""

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
        """Seconds for each file, and for each of its pixels; neither is ever less than nothing."""
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
"""Files from which a line is drawn through their seconds; fewer are taken to be in proportion to their pixels."""


class Pace:
    """So many seconds for each file and so many for each pixel, as several workers take them side by side.

    >>> pace = Pace(workers=1)
    >>> for pixels in (100, 300, 200, 100, 500):
    ...     pace.add(pixels, 1 + pixels / 100)
    >>> pace.left(waiting=2, pixels=800, running=[])
    10.0
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._first, self._later = _Sums(), _Sums()

    def add(self, pixels: int, seconds: float, warming: bool = False) -> None:
        """A file is done. `warming`: it was its worker's first, and counts only as long as there is nothing else."""
        (self._first if warming else self._later).add(pixels, seconds)

    def left(self, waiting: int, pixels: float, running: Sequence[tuple[int, float]]) -> float | None:
        """Seconds until all is done, or None while nothing is known.

        `waiting` files of so many `pixels` together have not begun; of each that is running, its pixels and for how
        many seconds already.
        """
        known = self._later if self._later.count else self._first
        if not known.count:
            return None
        each, pixel = known.line()
        still = [max(each + pixel * size - spent, 0.0) for size, spent in running]
        shared = (waiting * each + pixels * pixel + sum(still)) / self._workers
        return max([shared, *still])
