"""Values on their way through a graph: arrays that are known, and tensors made of the picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.onnx_import.receptive_field.errors import UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_reader import Node

LARGEST_KNOWN = 10_000_000
"""Numbers of an array that is worked out; sizes and places are much smaller."""
MOST_AXES = 64
INDEX_INPUTS: Mapping[str, tuple[int, ...]] = {
    "ConstantOfShape": (0,), "Expand": (1,), "Gather": (1,), "Pad": (1, 3), "Range": (0, 1, 2), "Reshape": (1,),
    "Resize": (1, 2, 3), "Slice": (1, 2, 3, 4), "Split": (1,), "Squeeze": (1,), "Tile": (1,), "Unsqueeze": (1,),
    "Upsample": (1,),
}  # fmt: skip
"""Inputs that are sizes or places: they may follow from the picture's size, and must be known exactly."""


@dataclass(frozen=True)
class ConstantArray:
    """An array that does not depend on the picture; of large ones only the shape is."""

    array: NDArray[Any]
    exact: bool = True
    is_sized: bool = False
    """Its numbers may depend on the picture's size."""
    is_stretched: bool = False
    """Its sides may depend on the picture's size."""

    def __post_init__(self) -> None:
        if self.exact and self.array.size > LARGEST_KNOWN:
            raise UnboundedError("makes a large array of nothing")

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sides."""
        return self.array.shape

    @property
    def integers(self) -> list[int]:
        """Its numbers, which are sizes or places."""
        if not self.exact:
            raise UnboundedError("takes sizes or places that are too many")
        return [int(one) for one in self.array.ravel()]


@dataclass(frozen=True)
class EdgeStrip:
    """Some rows or columns at the beginning or the end of a side."""

    source: Extent
    begin: int
    """Counted from the side's own end where `last`."""
    size: int
    last: bool

    @property
    def depth(self) -> int:
        """Return how far from the edge it reaches."""
        return self.begin if self.last else self.begin + self.size - 1


@dataclass(frozen=True)
class MergedAxis:
    """Several axes in one, as they followed each other."""

    parts: tuple["int | Extent", ...]

    @property
    def size(self) -> int:
        """Of all together."""
        size = 1
        for one in self.parts:
            size *= length(one)
        return size


Axis = int | Extent | EdgeStrip | MergedAxis
"""A plain axis (channels, batch) is its size."""


@dataclass(frozen=True)
class PictureTensor:
    """A tensor made of the picture."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if len(self.axes) > MOST_AXES:
            raise UnboundedError(f"makes {len(self.axes)} axes")
        if any(isinstance(axis, int) and axis < 0 for axis in self.axes):
            raise UnboundedError("leaves less than nothing of an axis")

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sides."""
        return tuple(length(axis) for axis in self.axes)

    @property
    def geometry(self) -> tuple[object, ...]:
        """All of its axes that does not grow with the picture."""
        return tuple(_geometry(axis) for axis in self.axes)

    def axis(self, number: int) -> int:
        """Return the number of an axis, which may be counted from the last."""
        if not -len(self.axes) <= number < len(self.axes):
            raise UnboundedError(f"takes the axis {number} of {len(self.axes)}")
        return number % len(self.axes)

    def with_axis(self, number: int, axis: Axis) -> "PictureTensor":
        """Return the same with another axis in this place."""
        return PictureTensor((*self.axes[:number], axis, *self.axes[number + 1 :]))

    def require_plain(self, axes: Sequence[int], what: str) -> None:
        """Refuse where one of these is rows or columns of the picture."""
        for number in axes:
            if not isinstance(self.axes[self.axis(number)], int):
                raise UnboundedError(what)


Value = ConstantArray | PictureTensor


@dataclass(frozen=True)
class Call:
    """A node with what it takes; None for an input that is left out."""

    node: Node
    inputs: Sequence[Value | None]
    opset: int

    @property
    def tensor(self) -> PictureTensor:
        """The first input, which is made of the picture."""
        first = self.inputs[0] if self.inputs else None
        if not isinstance(first, PictureTensor):
            raise UnboundedError("changes what does not depend on the picture by what does")
        return first

    @property
    def picture(self) -> PictureTensor:
        """The same with axes of rows and columns, or several more, behind batch and channels."""
        tensor = self.tensor
        if len(tensor.axes) < 3:
            raise UnboundedError("works on something that is no picture")
        return tensor

    def given(self, place: int) -> Value | None:
        """Return the input in this place."""
        return self.inputs[place] if len(self.inputs) > place else None

    def integers(self, place: int) -> list[int] | None:
        """Return the sizes or places that an input holds; None where it is left out."""
        given = self.given(place)
        if given is None:
            return None
        if not isinstance(given, ConstantArray):
            raise UnboundedError("takes sizes or places that depend on the picture's content")
        return given.integers


Result = Sequence[Value]
Operator = Callable[[Call], Result]


def _geometry(axis: Axis) -> object:
    if isinstance(axis, MergedAxis):
        return tuple(_geometry(part) for part in axis.parts)
    if isinstance(axis, EdgeStrip):
        return axis.source.geometry, axis.begin, axis.size, axis.last
    return axis.geometry if isinstance(axis, Extent) else axis


def length(axis: Axis) -> int:
    """Return how many places an axis has."""
    return axis if isinstance(axis, int) else axis.size


def join_elementwise(values: Sequence[Value]) -> PictureTensor:
    """Return what is made place by place of several values, of which at least one is made of the picture."""
    rank = max(len(value.shape) for value in values)
    return PictureTensor(tuple(_joined([_axis(value, number - rank) for value in values]) for number in range(rank)))


def _axis(value: Value, number: int) -> Axis:
    """Return an axis counted from the last; 1 where there is none, or where an array is the same everywhere."""
    if -number > len(value.shape):
        return 1
    if isinstance(value, PictureTensor):
        return value.axes[number]
    return 1 if value.exact and _is_even(value.array, number) else value.shape[number]


def _is_even(array: NDArray[Any], number: int) -> bool:
    return bool(array.size) and bool((array == np.take(array, [0], axis=number)).all())


def _joined(axes: list[Axis]) -> Axis:
    placed = [axis for axis in axes if not isinstance(axis, int)]
    if not placed:
        return max(axes, key=length)
    first = placed[0]
    if any(isinstance(axis, int) and axis > 1 for axis in axes):
        raise UnboundedError("has numbers of its own for each place of the picture")
    for other in placed[1:]:
        if isinstance(first, Extent) and isinstance(other, Extent):
            first = first.joined(other)
        elif isinstance(first, MergedAxis) and isinstance(other, MergedAxis) and len(first.parts) == len(other.parts):
            parts = [_joined([one, two]) for one, two in zip(first.parts, other.parts, strict=True)]
            first = MergedAxis(tuple(one for one in parts if isinstance(one, int | Extent)))
        elif first != other:
            raise UnboundedError("joins places of the picture that are not the same")
    return first
