"""Parts of pictures for a page: as 8-bit pixels, cropped where it matters, or shrunk."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.pictures import Picture

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Crop:
    """A rectangle of a picture."""

    top: int
    left: int
    height: int
    width: int

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return this part of an array H×W or H×W×C."""
        return array[self.top : self.top + self.height, self.left : self.left + self.width]

    def __str__(self) -> str:
        return f"{self.width}×{self.height} pixels at ({self.left}, {self.top})"


def largest_crop(values: NDArray[Any], side: int) -> Crop:
    """Return the crop of at most side×side in which the mean of values H×W is largest.

    >>> values = np.zeros((6, 8))
    >>> values[4, 5] = 1
    >>> largest_crop(values, 2)
    Crop(top=3, left=4, height=2, width=2)
    """
    height, width = (min(side, length) for length in values.shape)
    sums = np.pad(values.cumsum(0, dtype=np.float64).cumsum(1), ((1, 0), (1, 0)))
    boxes = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    top, left = np.unravel_index(int(boxes.round(9).argmax()), boxes.shape)
    return Crop(int(top), int(left), height, width)


def center_crop(size: tuple[int, int], side: int) -> Crop:
    """Return the center of a picture of this height and width, of at most side×side.

    >>> center_crop((10, 4), 6)
    Crop(top=2, left=0, height=6, width=4)
    """
    height, width = (min(side, length) for length in size)
    return Crop((size[0] - height) // 2, (size[1] - width) // 2, height, width)


def visible(picture: Picture, size: tuple[int, int] | None = None) -> Pixels:
    """Return a picture as 8-bit RGB without alpha; one of another size is resized to `size` by nearest neighbor.

    >>> visible(Picture(np.array([[0, 255]], np.uint8)), (2, 4)).shape
    (2, 4, 3)
    """
    colors = np.rint(np.clip(np.nan_to_num(picture.colors()), 0, 1) * 255).astype(np.uint8)
    pixels = np.broadcast_to(colors, (*picture.size, 3))
    return pixels if size is None else resized(pixels, size)


def resized(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return an array H×W or H×W×C with another height and width, by nearest neighbor.

    >>> resized(np.array([[1, 2, 3, 4]]), (1, 2)).tolist()
    [[2, 4]]
    """
    if pixels.shape[:2] == size:
        return pixels
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new) for old, new in zip(pixels.shape[:2], size, strict=True)
    )
    chosen: NDArray[Any] = pixels[rows[:, np.newaxis], columns]
    return chosen


def shrunk_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return a height and width with the same proportions, whose longest side is at most `longest`.

    >>> shrunk_size((400, 200), 100), shrunk_size((40, 20), 100)
    ((100, 50), (40, 20))
    """
    factor = min(1.0, longest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
