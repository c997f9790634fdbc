"""Slice page: one picture with slices of a volume, to look at a result."""

import numpy as np
from numpy.typing import NDArray

from repix.pictures import Picture
from repix.pictures.picture import from_unit, to_unit

MOST_SLICES = 12
"""Slices on a page; of larger volumes, evenly spaced ones."""
LONGEST = 512
"""Longest side of a slice on the page, in pixels; larger ones are shrunk."""
COLUMNS = 4
GAP = 4
"""Pixels between slices."""


def chosen_slices(count: int) -> tuple[int, ...]:
    """Return the numbers of the slices on a page, evenly spaced, with the first and the last.

    >>> chosen_slices(3), chosen_slices(100)[:3]
    ((0, 1, 2), (0, 9, 18))
    """
    return tuple(int(one) for one in np.rint(np.linspace(0, count - 1, min(count, MOST_SLICES))))


class SlicePage:
    """The slices of a page, shrunk when they are added.

    >>> page = SlicePage(30)
    >>> page.wants(0), page.wants(1)
    (True, False)
    >>> page.add(Picture(np.zeros((20, 30), np.uint8)))
    >>> page.picture()
    Picture(30×20 RGB, depth 8)
    """

    def __init__(self, count: int) -> None:
        self._chosen = frozenset(chosen_slices(count))
        self._found: list[NDArray[np.uint8]] = []

    def wants(self, number: int) -> bool:
        """Return True for the number of a slice of the page."""
        return number in self._chosen

    def add(self, picture: Picture) -> None:
        """Add the next slice; all have one size."""
        self._found.append(_shrunk(picture))

    def picture(self) -> Picture:
        """Return the page: the slices in rows, from left to right."""
        height, width = self._found[0].shape[:2]
        across = min(len(self._found), COLUMNS if width <= 2 * height else COLUMNS // 2)
        down = -(-len(self._found) // across)
        page = np.full((down * (height + GAP) - GAP, across * (width + GAP) - GAP, 3), 255, np.uint8)
        for number, one in enumerate(self._found):
            row, column = divmod(number, across)
            top, left = row * (height + GAP), column * (width + GAP)
            page[top : top + height, left : left + width] = one
        return Picture(page)


def _shrunk(picture: Picture) -> NDArray[np.uint8]:
    """Return RGB pixels of 8 bits, as means of blocks if the picture is larger than a slice on a page."""
    block = -(-max(picture.size) // LONGEST)
    height, width = (max(side // block, 1) for side in picture.size)
    colors = to_unit(picture.pixels)[: height * block, : width * block]
    rows, columns = (min(block, side) for side in picture.size)
    means = colors.reshape(height, rows, width, columns, -1).mean((1, 3))
    return from_unit(np.broadcast_to(means, (height, width, 3)), "8")
