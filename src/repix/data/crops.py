"""Random crops for training, each determined by the seed and its index, so that a training can be continued exactly."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.color import luma
from repix.arithmetic.resampling import resize_picture
from repix.data.cache import Cache
from repix.errors import WrongUse
from repix.pictures.picture import to_unit

SYMMETRIES = (1, 2, 8)
"""No augmentation, horizontal flips, or all flips and rotations by 90°."""
ORDER = 1 << 63
"""Random streams from this number on shuffle the pictures; those below draw the crops."""

Arrays = tuple[NDArray[Any], ...]


@dataclass(frozen=True, eq=False)
class Crops:
    """An infinite sequence of random crops. Crop i depends on the seed and on i only.

    Each epoch uses every picture once, in a new order. If a target is K times as large as its picture, so is its crop.
    """

    cache: Cache
    size: int
    """Side of a crop of the picture, in pixels."""
    seed: int = 0
    symmetries: int = 8
    """1: no augmentation; 2: horizontal flips; 8: all flips and rotations by 90°."""
    channels: int | None = None
    """1 converts all pictures to gray, 3 to RGB; None converts nothing."""
    zoom: tuple[float, float] = (1.0, 1.0)
    """Range of the random scale factor (scale jitter), limited by the picture's size."""

    def __post_init__(self) -> None:
        if self.symmetries not in SYMMETRIES:
            raise WrongUse(f"symmetries is {self.symmetries}; choose from {', '.join(map(str, SYMMETRIES))}.")
        _require_whole("size", self.size, 1)
        _require_whole("seed", self.seed, 0)
        if not 0 < self.zoom[0] <= self.zoom[1]:
            raise WrongUse(f"zoom is {self.zoom}; it must be two positive factors, the smaller one first.")
        if self.channels not in (1, 3, None):
            raise WrongUse(f"channels is {self.channels}; it must be 1, 3 or None.")
        for item, row in zip(self.cache.items, self.cache.places, strict=True):
            _require_pair(item.files, [place.shape for place in row])
        if not self.used:
            sides = max(min(row[0].shape[:2]) for row in self.cache.places)
            raise WrongUse(f"size is {self.size}, but all pictures are smaller; choose at most {sides}.")

    @cached_property
    def used(self) -> tuple[int, ...]:
        """Indices of the items that are large enough."""
        return tuple(i for i, row in enumerate(self.cache.places) if min(row[0].shape[:2]) >= self.size)

    def __getitem__(self, index: int) -> Arrays:
        """Return a crop: the picture as float32 H×W×C in [0, 1], and its target likewise or its class ids H×W."""
        return tuple(self._finished(part[np.newaxis])[0] for part in self.cut(index))

    def batch(self, step: int, count: int) -> Arrays:
        """Return the crops of a training step (from 0): N×H×W×C, and targets likewise or class ids N×H×W."""
        cuts = [self.cut(index) for index in range(step * count, (step + 1) * count)]
        return tuple(self._together(parts) for parts in zip(*cuts, strict=True))

    def cut(self, index: int) -> Arrays:
        """Return a crop as it is stored in the cache: the picture H×W×C, and its target or its class ids H×W.

        The arrays are views, unless `zoom` rescales them.
        """
        if not 0 <= index < ORDER:
            raise WrongUse(f"There is no crop {index}; indices start at 0.")
        epoch, place = divmod(index, len(self.used))
        arrays = self.cache[self.used[int(order(self.seed, epoch, len(self.used))[place])]]
        height, width = arrays[0].shape[:2]
        rng = generator(self.seed, index)
        side = crop_side(rng, self.size, self.zoom, min(height, width))
        row, column = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        symmetry = int(rng.integers(self.symmetries))
        cuts = []
        for array in arrays:
            scale = array.shape[0] // height
            rows, columns = (slice(start * scale, (start + side) * scale) for start in (row, column))
            cuts.append(dihedral(_resized(array[rows, columns], self.size * scale), symmetry))
        return tuple(cuts)

    def _together(self, parts: Arrays) -> NDArray[Any]:
        """Stack crops into one array; crops of one dtype are stacked before the conversion to floats."""
        if len({(part.shape, part.dtype) for part in parts}) > 1:
            parts = tuple(self._finished(part[np.newaxis])[0] for part in parts)
            if len({part.shape for part in parts}) > 1:
                raise WrongUse("The pictures are both gray and color; choose channels=1 or channels=3.")
            return np.stack(parts)
        return self._finished(np.stack(parts))

    def _finished(self, crops: NDArray[Any]) -> NDArray[Any]:
        """Return pictures N×H×W×C as floats with the requested channels; class ids N×H×W are unchanged."""
        if crops.ndim == 3:
            return crops
        crops = to_unit(crops)
        if self.channels is None or crops.shape[3] == self.channels:
            return crops
        if self.channels == 3:
            return np.repeat(crops, 3, axis=3)
        count, height, width, _ = crops.shape
        return luma(crops.reshape(count * height, width, 3)).reshape(count, height, width, 1)


def crop_side(rng: np.random.Generator, size: int, zoom: tuple[float, float], most: int) -> int:
    """Draw the side of the region that is rescaled to a crop of this size."""
    if zoom == (1.0, 1.0):
        return size
    low, high = (max(factor, size / most) for factor in zoom)
    return min(most, max(1, round(size / math.exp(rng.uniform(math.log(low), math.log(high))))))


def _resized(crop: NDArray[Any], size: int) -> NDArray[Any]:
    """Resize a square crop: bilinear for pictures, nearest neighbor for class ids."""
    if len(crop) == size:
        return crop
    if crop.ndim == 2:
        nearest = ((np.arange(size) + 0.5) * len(crop) / size).astype(np.intp)
        return crop[np.ix_(nearest, nearest)]
    resized = resize_picture(crop.astype(np.float32), size, antialias=True)
    return resized if crop.dtype.kind == "f" else np.rint(resized).astype(crop.dtype)


def dihedral(crop: NDArray[Any], symmetry: int) -> NDArray[Any]:
    """Return a view of an array under one of the eight symmetries of the square.

    Args:
        crop: H×W or H×W×C.
        symmetry: 0 to 7; bit 1 flips horizontally, bit 2 vertically, bit 4 transposes.

    >>> dihedral(np.array([[1, 2], [3, 4]]), 1).tolist()
    [[2, 1], [4, 3]]
    """
    crop = crop.swapaxes(0, 1) if symmetry & 4 else crop
    return crop[:: -1 if symmetry & 2 else 1, :: -1 if symmetry & 1 else 1]


def _require_whole(name: str, value: object, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < ORDER:
        raise WrongUse(f"{name} is {value!r}; it must be a whole number from {low} to {ORDER - 1}.")


def _require_pair(files: tuple[str, ...], shapes: list[tuple[int, ...]]) -> None:
    """Check that a target is an integer multiple of its picture's size."""
    (height, width), (tall, wide) = shapes[0][:2], shapes[-1][:2]
    scale = tall // height
    if (tall, wide) != (height * scale, width * scale) or (len(shapes[-1]) == 2 and scale > 1):
        raise WrongUse(
            f"{files[0]} is {width}×{height} and {files[-1]} is {wide}×{tall}; pairs need equal sizes or an integer "
            "scale. Run `repix check`."
        )


@lru_cache(maxsize=8)
def order(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    """Return the order of the pictures in an epoch."""
    return generator(seed, ORDER + epoch).permutation(count)


def generator(seed: int, number: int) -> np.random.Generator:
    """Return one of the 2^64 independent random streams of a seed."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, number], np.uint64)))
