"""Side maps: the values of a side input for the pixels of one picture, read a rectangle at a time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from repix.arithmetic.arrays import Array
from repix.errors import WrongShape, WrongUse
from repix.printable import shown
from repix.side_inputs.side_input import SideInput

Range = tuple[int, int]
"""Rows or columns of a picture: the first, and the one after the last."""


@runtime_checkable
class SideMap(Protocol):
    """The values of a side input; the same rectangle always has the same values, whatever else is read."""

    @property
    def fingerprint(self) -> str:
        """A text that differs where the values differ; the journal of a folder records it."""
        ...

    def require(self, side_input: SideInput, size: tuple[int, int]) -> None:
        """Refuse values that do not fit the side input, or a picture of this height and width."""
        ...

    def read(self, rows: Range, columns: Range) -> Array:
        """Return a rectangle: H×W×C of float32."""
        ...


Side = Mapping[str, "float | NDArray[Any] | SideMap"]
"""Values of side inputs by their names: a number, an array H×W or H×W×C, or a side map."""
NO_SIDE: Side = MappingProxyType({})
"""Every side input has its default value."""


@dataclass(frozen=True)
class ConstantMap:
    """One number for all pixels.

    >>> ConstantMap(25.0).read((0, 2), (0, 1)).ravel().tolist()
    [25.0, 25.0]
    """

    value: float

    @property
    def fingerprint(self) -> str:
        """The number."""
        return f"{self.value!r}"

    def require(self, side_input: SideInput, _: tuple[int, int]) -> None:
        """Refuse a number outside the range, or one for a map of several channels."""
        if side_input.channels != 1:
            raise WrongShape(
                f"The side input {shown(side_input.name)} has {side_input.channels} channels, but was given one "
                "number; give a map."
            )
        side_input.require_inside(np.array([self.value]))

    def read(self, rows: Range, columns: Range) -> Array:
        """Return the number for each pixel of a rectangle."""
        return np.full((rows[1] - rows[0], columns[1] - columns[0], 1), self.value, np.float32)


@dataclass(frozen=True, eq=False)
class ArrayMap:
    """An array H×W×C, as high and wide as the picture.

    >>> ArrayMap(np.arange(6.0).reshape(2, 3, 1)).read((0, 1), (1, 3)).ravel().tolist()
    [1.0, 2.0]
    """

    values: NDArray[Any]

    @property
    def fingerprint(self) -> str:
        """A hash of the values."""
        return hashlib.blake2b(np.ascontiguousarray(self.values, np.float32).data, digest_size=16).hexdigest()

    def require(self, side_input: SideInput, size: tuple[int, int]) -> None:
        """Refuse another size than the picture's, other channels than the side input's, and values out of range."""
        wanted = (*size, side_input.channels)
        if self.values.shape != wanted:
            raise WrongShape(
                f"The side input {shown(side_input.name)} has shape {self.values.shape}; for this picture it must be "
                f"{wanted}: height, width, channels."
            )
        if side_input.kind == "noise-level" and self.values.min() != self.values.max():
            raise WrongUse(
                f"The side input {shown(side_input.name)} varies, but it is a noise level, one number for the whole "
                "picture; give a number."
            )
        side_input.require_inside(self.values)

    def read(self, rows: Range, columns: Range) -> Array:
        """Return a rectangle."""
        return self.values[slice(*rows), slice(*columns)].astype(np.float32)


@dataclass(frozen=True)
class Window:
    """A side map of which one rectangle is used, for a crop of the picture.

    >>> Window(ArrayMap(np.arange(6.0).reshape(2, 3, 1)), (2, 3), top=1, left=1).read((0, 1), (0, 2)).ravel().tolist()
    [4.0, 5.0]
    """

    whole: SideMap
    size: tuple[int, int]
    """Height and width of the whole picture."""
    top: int
    left: int

    @property
    def fingerprint(self) -> str:
        """The rectangle, and the fingerprint of the whole map."""
        return f"{self.top},{self.left} of {self.whole.fingerprint}"

    def require(self, side_input: SideInput, _: tuple[int, int]) -> None:
        """Check the map for the whole picture."""
        self.whole.require(side_input, self.size)

    def read(self, rows: Range, columns: Range) -> Array:
        """Return a rectangle of the crop."""
        moved = [(start + by, end + by) for (start, end), by in ((rows, self.top), (columns, self.left))]
        return self.whole.read(moved[0], moved[1])


def side_map(given: float | NDArray[Any] | SideMap) -> SideMap:
    """Return a given value as a side map.

    >>> side_map(0.5), type(side_map(np.zeros((2, 3)))).__name__
    (ConstantMap(value=0.5), 'ArrayMap')
    """
    if isinstance(given, bool | str) or given is None:
        raise WrongUse(f"A side input has the value {given!r}; give a number, an array H×W×C, or a side map.")
    if isinstance(given, int | float | np.number):
        return ConstantMap(float(given))
    if isinstance(given, np.ndarray):
        if given.dtype.kind not in "fiu":
            raise WrongUse(f"A side input is an array of {given.dtype}; give numbers, such as float32.")
        return ArrayMap(given[:, :, np.newaxis] if given.ndim == 2 else given)
    if isinstance(given, SideMap):
        return given
    raise WrongUse(f"A side input is a {type(given).__name__}; give a number, an array H×W×C, or a side map.")
