"""Stacks: slices of a volume in memory, one below another in a tall picture.

Data sets name a volume with its range of slices, `scan.tif[0:24]`; a file name of a picture never ends like this.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.errors import Unreadable, WrongShape
from repix.pictures.files import read
from repix.pictures.picture import DEPTHS, Picture
from repix.volumes.files import open_volume
from repix.volumes.nifti import SIGN, stored_values
from repix.volumes.reader import VolumeReader

RANGE = re.compile(r"(.*)\[([0-9]+):([0-9]+)\]", re.DOTALL)


@dataclass(frozen=True, eq=False, repr=False)
class Stack(Picture):
    """Gray slices one below another, so that everything that takes the pixels of a picture takes those of a volume.

    Raises:
        WrongShape: the rows cannot be divided among the slices.

    >>> stack = Stack.of_voxels(np.zeros((5, 2, 3), np.uint8))
    >>> stack.size, stack.slice_size, stack.voxels.shape
    ((10, 3), (2, 3), (5, 2, 3, 1))
    """

    slices: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slices < 1 or self.pixels.shape[0] % self.slices:
            raise WrongShape(f"A stack of {self.slices} slices cannot have {self.pixels.shape[0]} rows.")

    @classmethod
    def of_voxels(cls, voxels: NDArray[Any]) -> "Stack":
        """Return the stack of voxels D×H×W or D×H×W×C."""
        slices, height, width = voxels.shape[:3]
        return cls(voxels.reshape(slices * height, width, -1), slices=slices)

    @property
    def slice_size(self) -> tuple[int, int]:
        """Height and width of a slice."""
        return self.pixels.shape[0] // self.slices, self.pixels.shape[1]

    @property
    def voxels(self) -> NDArray[Any]:
        """A view of the voxels, D×H×W×C."""
        return self.pixels.reshape(self.slices, *self.slice_size, -1)

    def slice(self, number: int) -> Picture:
        """Return a slice as a picture."""
        return Picture(self.voxels[number], palette=self.palette)

    @property
    def middle(self) -> Picture:
        """The slice in the middle."""
        return self.slice(self.slices // 2)

    def with_slices(self, slices: list[Picture]) -> "Stack":
        """Return a stack of as many other slices, with this one's metadata."""
        return replace(self, pixels=np.concatenate([one.pixels for one in slices]), palette=slices[0].palette)


def one_slice(picture: Picture) -> Picture:
    """Return a picture to look at: the slice in the middle of a stack, another picture as it is.

    >>> one_slice(Stack.of_voxels(np.zeros((5, 2, 3), np.uint8)))
    Picture(3×2 gray, depth 8)
    """
    return picture.middle if isinstance(picture, Stack) else picture


def slices_name(path: str, first: int, end: int) -> str:
    """Return the name of a range of slices, the last one excluded, of a volume.

    >>> slices_name("scan.tif", 0, 24)
    'scan.tif[0:24]'
    """
    return f"{path}[{first}:{end}]"


def slice_range(name: str) -> tuple[str, int, int] | None:
    """Return the volume, the first slice and the end of a name made by `slices_name`; None for another name.

    >>> slice_range("scan.tif[0:24]"), slice_range("photo[1].png")
    (('scan.tif', 0, 24), None)
    """
    found = RANGE.fullmatch(name)
    return None if found is None else (found[1], int(found[2]), int(found[3]))


def volume_of(name: str) -> str:
    """Return a name without its range of slices.

    >>> volume_of("scan.tif[0:24]"), volume_of("photo.png")
    ('scan.tif', 'photo.png')
    """
    found = slice_range(name)
    return name if found is None else found[0]


def slices_in(name: str) -> int:
    """Return the number of slices that a name stands for; 1 for a picture.

    >>> slices_in("scan.tif[6:24]"), slices_in("photo.png")
    (18, 1)
    """
    found = slice_range(name)
    return 1 if found is None else found[2] - found[1]


def read_stack(path: Path) -> Stack:
    """Read the slices that a path with a range names, `scan.tif[0:24]`.

    Raises:
        Unreadable: the volume is missing or damaged, or has fewer slices.
    """
    return _read(path)[0]


def read_picture(path: Path) -> Picture:
    """Read the slices that a path with a range names, or the picture of another path.

    Raises:
        Unreadable: the file is missing or damaged.
    """
    return read(path) if slice_range(str(path)) is None else read_stack(path)


def read_labels(path: Path) -> NDArray[Any]:
    """Read the slices of a mask volume: integers (D·H)×W; signed integers of NIfTI as they are stored.

    Raises:
        Unreadable: as `read_stack`; or the volume holds floats or negative values.
    """
    stack, signed = _read(path)
    if stack.depth == "float":
        raise Unreadable(f"{path} contains floats; a mask needs integers, so save it as uint8 or uint16.")
    labels = stack.pixels[:, :, 0]
    if not signed:
        return labels
    if labels.min() < SIGN:
        raise Unreadable(f"{path} contains negative values; the classes of a mask are integers from 0.")
    return labels - SIGN


def _read(path: Path) -> tuple[Stack, bool]:
    """Return the slices, and whether their file stores signed integers."""
    found = slice_range(str(path))
    if found is None:
        raise Unreadable(f"{path} names no range of slices; write it as scan.tif[0:24].")
    volume, first, end = found
    with open_volume(volume) as reader:
        if not first < end <= reader.shape[0]:
            raise Unreadable(f"{volume} has {reader.shape[0]} slices; {first} to {end} are not among them.")
        voxels = np.empty((end - first, *reader.shape[1:]), DEPTHS[reader.depth])
        for number in range(end):
            pixels = reader.read().pixels[:, :, 0]
            if number >= first:
                voxels[number - first] = pixels
        return Stack.of_voxels(voxels), _is_signed(reader)


def _is_signed(reader: VolumeReader) -> bool:
    return bool(reader.metadata.nifti) and stored_values(reader.metadata)[0]
