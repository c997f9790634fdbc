"""Change: how much a result differs from its source."""

from dataclasses import dataclass

import numpy as np

from repix.pictures.picture import Picture, to_unit


@dataclass
class Change:
    """The mean absolute difference of a result and its source, summed over parts of them.

    >>> change = Change()
    >>> change.add(Picture(np.zeros((2, 2), np.uint8)), Picture(np.full((2, 2, 3), 3, np.uint8)))
    >>> change.levels
    3.0
    """

    _total: float = 0.0
    _count: int = 0

    def add(self, source: Picture, result: Picture) -> None:
        """Add a part; one of another size is not compared. Gray is compared with each channel of a color."""
        if source.size != result.size:
            return
        before, after = (one.pixels[:, :, : 1 if one.is_gray else 3] for one in (source, result))
        if before.dtype == after.dtype == np.uint8:
            difference = np.abs(before.astype(np.int16) - after)
            self._total += float(difference.sum(dtype=np.int64)) / 255
        else:
            difference = np.abs(to_unit(before) - to_unit(after))
            self._total += float(difference.sum(dtype=np.float64))
        self._count += difference.size

    def include(self, other: "Change") -> None:
        """Add the parts of another one."""
        self._total += other._total
        self._count += other._count

    @property
    def levels(self) -> float | None:
        """The mean, in gray levels (8-bit); None if nothing was compared."""
        return 255 * self._total / self._count if self._count else None
