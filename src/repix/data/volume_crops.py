"""Random crops of volumes with masks for training: slices × height × width, each determined by seed and index."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.resampling import resize_picture
from repix.data.cache import Cache
from repix.data.crops import SYMMETRIES, Arrays, crop_side, dihedral, generator, order
from repix.errors import WrongUse


@dataclass(frozen=True, eq=False)
class VolumeCrops:
    """An infinite sequence of random crops. Crop i depends on the seed and on i only.

    Each epoch uses every volume once, in a new order.
    """

    cache: Cache
    slices: int
    """Slices of a crop."""
    size: int
    """Height and width of a crop, in pixels."""
    seed: int = 0
    symmetries: int = 8
    """1: no augmentation; 2: horizontal flips; 8: all flips and rotations by 90° in the plane, and the slices in
    reverse order."""
    zoom: tuple[float, float] = (1.0, 1.0)
    """Range of the random scale factor of rows and columns, limited by the size of the slices."""

    def __post_init__(self) -> None:
        if self.symmetries not in SYMMETRIES:
            raise WrongUse(f"symmetries is {self.symmetries}; choose from {', '.join(map(str, SYMMETRIES))}.")
        if not self.used:
            slices, side = (max(each) for each in zip(*self._sides, strict=True))
            raise WrongUse(
                f"A crop has {self.slices} slices of {self.size}×{self.size}, but no volume is as large; the largest "
                f"have {slices} slices and a shorter side of {side}."
            )

    @property
    def _sides(self) -> list[tuple[int, int]]:
        """The number of slices, and the shorter side of a slice, of each volume."""
        return [(row[0].shape[0], min(row[0].shape[1:3])) for row in self.cache.places]

    @cached_property
    def used(self) -> tuple[int, ...]:
        """Indices of the volumes that are large enough."""
        sides = enumerate(self._sides)
        return tuple(i for i, (slices, side) in sides if slices >= self.slices and side >= self.size)

    def cut(self, index: int) -> Arrays:
        """Return a crop: the voxels D×H×W×1 and their class ids D×H×W.

        The arrays are views, unless `zoom` rescales them.
        """
        epoch, place = divmod(index, len(self.used))
        arrays = self.cache[self.used[int(order(self.seed, epoch, len(self.used))[place])]]
        depth, height, width = arrays[0].shape[:3]
        rng = generator(self.seed, index)
        side = crop_side(rng, self.size, self.zoom, min(height, width))
        most = (depth - self.slices, height - side, width - side)
        first, row, column = (int(rng.integers(free + 1)) for free in most)
        symmetry, backward = int(rng.integers(self.symmetries)), bool(rng.integers(2)) and self.symmetries == 8
        places = slice(first, first + self.slices), slice(row, row + side), slice(column, column + side)
        return tuple(_turned(_resized(array[places], self.size), symmetry, backward) for array in arrays)


def _turned(crop: NDArray[np.generic], symmetry: int, backward: bool) -> NDArray[np.generic]:
    """Return a view of a crop under a symmetry of its slices, in reverse order on request."""
    turned = np.moveaxis(dihedral(np.moveaxis(crop, 0, -1), symmetry), -1, 0)
    return turned[::-1] if backward else turned


def _resized(crop: NDArray[np.generic], size: int) -> NDArray[np.generic]:
    """Resize square slices: bilinear for voxels, nearest neighbor for class ids."""
    side = crop.shape[1]
    if side == size:
        return crop
    if crop.ndim == 3:
        nearest = ((np.arange(size) + 0.5) * side / size).astype(np.intp)
        return crop[:, nearest[:, np.newaxis], nearest]
    planes = [resize_picture(one.astype(np.float32), size, antialias=True) for one in crop]
    resized = np.stack(planes)
    return resized if crop.dtype.kind == "f" else np.rint(resized).astype(crop.dtype)
