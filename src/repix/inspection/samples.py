"""Samples of a picture: a few crops and scattered pixels, read in bands; a large picture is never in memory."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.arithmetic.color import luma, rgb_to_ycbcr
from repix.pictures.band_reader import BandReader
from repix.pictures.picture import Picture, to_unit

WHITE = 255
"""Samples are in gray levels (8-bit), whatever the depth of the picture."""
WHOLE = 420_000
"""Up to this number of pixels, the one crop is the whole picture."""
SIDE, CROPS = 128, 25
"""Side and number of the crops of a larger picture."""
ALIGNED = 16
"""Crops start at multiples of it, so that the blocks of JPEG start at their corner."""
SCATTERED = 250_000
"""Scattered pixels, at most about."""
ROWS = 64
"""Rows that are read at a time."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The parts of a picture that the estimators see, without alpha; hidden colors are replaced."""

    crops: tuple[Array, ...]
    """H×W×1 or H×W×3 of float32, 0 to 255."""
    scattered: Array
    """N×1 or N×3, pixels of the whole picture."""

    @property
    def has_colors(self) -> bool:
        """True for three channels."""
        return bool(self.scattered.shape[1] == 3)

    def luma(self) -> list[Array]:
        """Return the luma of each crop, H×W."""
        return [luma(crop)[:, :, 0] for crop in self.crops]

    def usable(self) -> list[NDArray[np.bool_]]:
        """Return for each crop the pixels that are not clipped, H×W."""
        return [(darkest(crop) > 1) & (brightest(crop) < WHITE - 1) for crop in self.crops]

    def chroma(self) -> list[Array]:
        """Return Cb and Cr of each crop of a color picture, H×W×2."""
        return [rgb_to_ycbcr(crop)[:, :, 1:] for crop in self.crops]


def darkest(crop: Array) -> Array:
    """Return the least channel of each pixel, H×W; three times as fast as NumPy's `min(axis=2)`."""
    found: Array = reduce(np.minimum, (crop[:, :, channel] for channel in range(crop.shape[2])))
    return found


def brightest(crop: Array) -> Array:
    """Return the greatest channel of each pixel, H×W."""
    found: Array = reduce(np.maximum, (crop[:, :, channel] for channel in range(crop.shape[2])))
    return found


def sample_picture(picture: Picture) -> Samples:
    """Return samples of a picture in memory.

    >>> sample_picture(Picture(np.zeros((600, 900, 3), np.uint8))).crops[0].shape
    (128, 128, 3)
    """
    sampler = Sampler(picture.size)
    sampler.add(picture)
    return sampler.samples()


def sample_bands(bands: BandReader) -> Samples:
    """Return samples of an open file, whose rows are read from top to bottom."""
    sampler = Sampler(bands.size)
    while bands.rows_left:
        sampler.add(bands.read(ROWS))
    return sampler.samples()


class Sampler:
    """Collects samples of a picture that comes in pieces of rows, from top to bottom."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._tops, self._lefts = starts(size)
        self._side = size if size[0] * size[1] <= WHOLE else (min(size[0], SIDE), min(size[1], SIDE))
        self._step = max(int(np.ceil(np.sqrt(size[0] * size[1] / SCATTERED))), 1)
        self._columns = np.concatenate([np.arange(left, left + self._side[1]) for left in self._lefts])
        self._strips: dict[int, list[Array]] = {top: [] for top in self._tops}
        self._scattered: list[Array] = []
        self._row = 0

    def add(self, piece: Picture) -> None:
        """Take samples of the next rows."""
        start, end, high = self._row, self._row + piece.size[0], self._side[0]
        step = self._step
        self._scattered.append(_levels(piece, slice(-start % step, None, step), slice(None, None, step)))
        for top in self._tops:
            if top < end and top + high > start:
                rows = slice(max(top - start, 0), top + high - start)
                self._strips[top].append(_levels(piece, rows, self._columns))
        self._row = end

    def samples(self) -> Samples:
        """Return the samples, after the last rows."""
        strips = [np.concatenate(parts) for parts in self._strips.values()]
        crops = [crop for strip in strips for crop in np.split(strip, len(self._lefts), axis=1)]
        pixels = np.concatenate([part.reshape(-1, part.shape[2]) for part in self._scattered])
        return Samples(tuple(np.ascontiguousarray(crop) for crop in crops), pixels)


def starts(size: tuple[int, int]) -> tuple[list[int], list[int]]:
    """Return the first rows and the first columns of the crops.

    >>> starts((500, 800)), starts((1000, 500))
    (([0], [0]), ([0, 144, 288, 432, 576, 720, 864], [0, 176, 368]))
    """
    if size[0] * size[1] <= WHOLE:
        return [0], [0]
    across = min(max(size[1] // SIDE, 1), int(np.sqrt(CROPS)) if size[0] >= 5 * SIDE else CROPS)
    down = min(max(size[0] // SIDE, 1), CROPS // across)
    return _spread(size[0], down), _spread(size[1], across)


def _spread(side: int, count: int) -> list[int]:
    last = max(side - SIDE, 0)
    return [int(place) // ALIGNED * ALIGNED for place in np.linspace(0, last, count)]


def _levels(piece: Picture, rows: slice, columns: "slice | np.ndarray[tuple[int], np.dtype[np.intp]]") -> Array:
    """Return pixels of a piece as float32 gray levels; hidden colors become the mean of the visible ones."""
    pixels = piece.pixels[rows][:, columns]
    values = np.nan_to_num(np.clip(to_unit(pixels), 0, 1)) * np.float32(WHITE)
    if not piece.has_alpha:
        return values
    colors, visible = values[:, :, :-1], values[:, :, -1] > 0
    if not visible.all():
        colors[~visible] = colors[visible].mean(axis=0) if visible.any() else 0
    return colors
