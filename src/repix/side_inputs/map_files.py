"""Files of maps: a gray picture, black for the value 0 and white for 1."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import Unreadable, WrongShape
from repix.pictures.files import read
from repix.pictures.picture import to_unit
from repix.printable import shown
from repix.side_inputs.side_input import SideInput
from repix.side_inputs.side_map import Range


@dataclass(frozen=True, eq=False)
class PictureMap:
    """A map from a gray picture, in the memory of the file's depth; a side map.

    >>> PictureMap(np.array([[[0], [255]]], np.uint8), "map.png").read((0, 1), (0, 2)).ravel().tolist()
    [0.0, 1.0]
    """

    pixels: NDArray[Any]
    """H×W×1."""
    name: str
    """The file, for messages."""

    @property
    def fingerprint(self) -> str:
        """A hash of the pixels."""
        found = hashlib.blake2b(np.ascontiguousarray(self.pixels).data, digest_size=16).hexdigest()
        return f"{self.pixels.dtype} {found}"

    def require(self, side_input: SideInput, size: tuple[int, int]) -> None:
        """Refuse another size than the picture's, a side input of several channels, and values out of range."""
        if side_input.channels != 1:
            raise WrongShape(
                f"The side input {shown(side_input.name)} has {side_input.channels} channels, but {self.name} is gray, "
                "a map of one channel; give an array."
            )
        if self.pixels.shape[:2] != size:
            (height, width), (tall, wide) = self.pixels.shape[:2], size
            raise WrongShape(
                f"{self.name} is {width}×{height}, but the picture is {wide}×{tall}; a map must have the size of the "
                "picture that is converted."
            )
        side_input.require_inside(to_unit(self.pixels))

    def read(self, rows: Range, columns: Range) -> Array:
        """Return a rectangle."""
        return np.asarray(to_unit(self.pixels[slice(*rows), slice(*columns)]), np.float32)


def read_map(path: str | Path) -> PictureMap:
    """Return the map in a gray picture; three equal channels are gray, too.

    Raises:
        Unreadable: The file is missing or damaged, in color or transparent.
    """
    picture = read(path)
    if picture.has_alpha:
        raise Unreadable(f"{path} has transparency; a map is a gray picture without it, black for 0 and white for 1.")
    pixels = picture.pixels
    if (pixels != pixels[:, :, :1]).any():
        raise Unreadable(f"{path} is in color; a map is a gray picture, black for 0 and white for 1.")
    return PictureMap(np.ascontiguousarray(pixels[:, :, :1]), str(path))
