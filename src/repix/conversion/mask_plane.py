"""Mask plane: the mask of corrupted pixels of a whole picture, put together from its tiles."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.conversion.tiling import Tile
from repix.pictures.picture import Picture
from repix.pictures.transparent_pixels import transparent_mask


class MaskPlane:
    """White where a model with a mask called a pixel corrupted; transparent pixels keep their colors and are black.

    Args:
        corrupted: the task's function that returns the mask of an output.
        size: height and width of the picture.
    """

    def __init__(self, corrupted: Callable[[Array], NDArray[np.bool_]], size: tuple[int, int]) -> None:
        self._corrupted = corrupted
        self._pixels = np.zeros(size, np.uint8)

    def add(self, tile: Tile, y: Array, given: Picture) -> None:
        """Add the mask of a tile's core: its prediction, and its pixels."""
        hidden = transparent_mask(given)
        called = self._corrupted(y)
        if hidden is not None:
            called = called & ~hidden[:, :, 0]
        top, left = tile.rows.core[0], tile.columns.core[0]
        height, width = called.shape
        self._pixels[top : top + height, left : left + width] = np.where(called, 255, 0)

    @property
    def picture(self) -> Picture:
        """The mask, gray in 8 bits."""
        return Picture(self._pixels)
