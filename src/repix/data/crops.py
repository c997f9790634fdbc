"""Crops to train on: a crop's number says all about it, so that a training goes on exactly where it was stopped."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.colour import luma
from repix.arithmetic.resizing import resize_picture
from repix.data.cache import Cache
from repix.errors import WrongUse
from repix.pictures.picture import to_unit

TURNS = (1, 2, 8)
"""As it is; or mirrored too; or mirrored and turned by quarters in all eight ways."""
ORDER = 1 << 63
"""Numbers of generators from here on are for the order of the pictures, those before for the crops."""

Arrays = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Crops:
    """An endless row of crops out of a cache. Crop i depends on the seed and i, and on nothing that went before.

    Every picture comes once before any comes again, each time in a new order. Of pairs whose target is K times as large
    the crop of the target is K times as large, too.
    """

    cache: Cache
    size: int
    """Rows and columns of a crop of the picture."""
    seed: int = 0
    turns: int = 8
    channels: int | None = None
    """1 takes all pictures as grey, 3 all as colour; left out, they stay what they are."""
    zoom: tuple[float, float] = (1.0, 1.0)
    """At how many times its size each picture is shown, at least and at most, as far as crops fit in."""

    def __post_init__(self) -> None:
        if self.turns not in TURNS:
            raise WrongUse(f"turns is {self.turns}; choose from {', '.join(map(str, TURNS))}.")
        _require_whole("size", self.size, 1)
        _require_whole("seed", self.seed, 0)
        if not 0 < self.zoom[0] <= self.zoom[1]:
            raise WrongUse(f"zoom is {self.zoom}; it must be two factors above 0, the smaller one first.")
        if self.channels not in (1, 3, None):
            raise WrongUse(f"channels is {self.channels}; choose 1 or 3, or leave it out.")
        for item, row in zip(self.cache.items, self.cache.places, strict=True):
            _require_pair(item.files, [place.shape for place in row])
        if not self.used:
            sides = max(min(row[0].shape[:2]) for row in self.cache.places)
            raise WrongUse(f"size is {self.size}, and no picture holds such a crop; choose at most {sides}.")

    @cached_property
    def used(self) -> tuple[int, ...]:
        """The numbers of the items that are large enough."""
        return tuple(i for i, row in enumerate(self.cache.places) if min(row[0].shape[:2]) >= self.size)

    def __getitem__(self, index: int) -> Arrays:
        """The crop: a picture of float32 from 0 to 1, H×W×C, and its target the same or its class ids H×W."""
        return tuple(self._finished(part[np.newaxis])[0] for part in self.cut(index))

    def batch(self, step: int, count: int) -> Arrays:
        """The crops of one step of training, N×H×W×C, and N×H×W of class ids; step 0 is the first."""
        cuts = [self.cut(index) for index in range(step * count, (step + 1) * count)]
        return tuple(self._together(parts) for parts in zip(*cuts, strict=True))

    def cut(self, index: int) -> Arrays:
        """The pixels of a crop as they are stored, H×W×C, and its target's or its class ids H×W.

        Nothing is copied unless the crop is zoomed: then it is a smaller or larger piece, brought to the size of all.
        """
        if not 0 <= index < ORDER:
            raise WrongUse(f"There is no crop {index}; they are counted from 0.")
        epoch, place = divmod(index, len(self.used))
        arrays = self.cache[self.used[int(_order(self.seed, epoch, len(self.used))[place])]]
        height, width = arrays[0].shape[:2]
        rng = _generator(self.seed, index)
        side = self._side(rng, min(height, width))
        row, column = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        turn = int(rng.integers(self.turns))
        cuts = []
        for array in arrays:
            scale = array.shape[0] // height
            rows, columns = (slice(start * scale, (start + side) * scale) for start in (row, column))
            cuts.append(dihedral(_brought_to(array[rows, columns], self.size * scale), turn))
        return tuple(cuts)

    def _side(self, rng: np.random.Generator, most: int) -> int:
        """Rows and columns of the piece that is shown as a crop."""
        if self.zoom == (1.0, 1.0):
            return self.size
        low, high = (max(zoom, self.size / most) for zoom in self.zoom)
        return min(most, max(1, round(self.size / math.exp(rng.uniform(math.log(low), math.log(high))))))

    def _together(self, parts: Arrays) -> NDArray[Any]:
        """Crops as one array. Those of one type are first put together and then made floats, which is faster."""
        if len({(part.shape, part.dtype) for part in parts}) > 1:
            parts = tuple(self._finished(part[np.newaxis])[0] for part in parts)
            if len({part.shape for part in parts}) > 1:
                raise WrongUse("Grey and colour pictures are mixed; take all as one of them: channels=1 or channels=3.")
            return np.stack(parts)
        return self._finished(np.stack(parts))

    def _finished(self, crops: NDArray[Any]) -> NDArray[Any]:
        """Class ids N×H×W as they are; pictures N×H×W×C as floats of the channels that are asked for."""
        if crops.ndim == 3:
            return crops
        crops = to_unit(crops)
        if self.channels is None or crops.shape[3] == self.channels:
            return crops
        if self.channels == 3:
            return np.repeat(crops, 3, axis=3)
        count, height, width, _ = crops.shape
        return luma(crops.reshape(count * height, width, 3)).reshape(count, height, width, 1)


def _brought_to(crop: NDArray[Any], size: int) -> NDArray[Any]:
    """A square of this size: pictures by straight lines between their pixels, class ids by the nearest."""
    if len(crop) == size:
        return crop
    if crop.ndim == 2:
        nearest = ((np.arange(size) + 0.5) * len(crop) / size).astype(np.intp)
        return crop[np.ix_(nearest, nearest)]
    resized = resize_picture(crop.astype(np.float32), size, antialias=True)
    return resized if crop.dtype.kind == "f" else np.rint(resized).astype(crop.dtype)


def dihedral(crop: NDArray[Any], turn: int) -> NDArray[Any]:
    """One of the eight ways to lay down a square: bit 1 mirrors, bit 2 turns upside down, bit 4 swaps the sides.

    >>> dihedral(np.array([[1, 2], [3, 4]]), 1).tolist()
    [[2, 1], [4, 3]]
    """
    crop = crop.swapaxes(0, 1) if turn & 4 else crop
    return crop[:: -1 if turn & 2 else 1, :: -1 if turn & 1 else 1]


def _require_whole(name: str, value: object, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < ORDER:
        raise WrongUse(f"{name} is {value!r}; it must be a whole number from {low} to {ORDER - 1}.")


def _require_pair(files: tuple[str, ...], shapes: list[tuple[int, ...]]) -> None:
    """Refuse a target that is not as large as its picture, or twice, three times ... as large."""
    (height, width), (tall, wide) = shapes[0][:2], shapes[-1][:2]
    scale = tall // height
    if (tall, wide) != (height * scale, width * scale) or (len(shapes[-1]) == 2 and scale > 1):
        raise WrongUse(f"{files[0]} is {width}×{height} and {files[-1]} {wide}×{tall}: no pair; see `repix check`.")


@lru_cache(maxsize=8)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    """The order of the pictures in one pass over all of them."""
    return _generator(seed, ORDER + epoch).permutation(count)


def _generator(seed: int, number: int) -> np.random.Generator:
    """One of 2^64 independent generators for a seed; reaching any of them costs the same."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, number], np.uint64)))
