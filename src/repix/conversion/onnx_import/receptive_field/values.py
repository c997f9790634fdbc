"""Values in a graph: constant arrays, and tensors that depend on the picture."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.onnx_import.receptive_field.errors import UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_reader import Node

LARGEST_KNOWN = 10_000_000
"""The most values of a computed constant; sizes and indices are much smaller."""
MOST_AXES = 64
INDEX_INPUTS: Mapping[str, tuple[int, ...]] = {
    "ConstantOfShape": (0,), "Expand": (1,), "Gather": (1,), "Pad": (1, 3), "Range": (0, 1, 2), "Reshape": (1,),
    "Resize": (1, 2, 3), "Slice": (1, 2, 3, 4), "Split": (1,), "Squeeze": (1,), "Tile": (1,), "Unsqueeze": (1,),
    "Upsample": (1,),
}  # fmt: skip
"""Inputs that are sizes or indices; they may depend on the picture's size, and must be known exactly."""


@dataclass(frozen=True)
class ConstantArray:
    """An array that does not depend on the picture's content; of large arrays only the shape is known."""

    array: NDArray[Any]
    exact: bool = True
    is_sized: bool = False
    """Its values may depend on the picture's size."""
    is_stretched: bool = False
    """Its shape may depend on the picture's size."""

    def __post_init__(self) -> None:
        if self.exact and self.array.size > LARGEST_KNOWN:
            raise UnboundedError("makes a too large constant")

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.array.shape

    @property
    def integers(self) -> list[int]:
        """Its values, which are sizes or indices."""
        if not self.exact:
            raise UnboundedError("has too many sizes or indices")
        return [int(one) for one in self.array.ravel()]


@dataclass(frozen=True)
class EdgeStrip:
    """Some rows or columns at the start or the end of an axis."""

    source: Extent
    begin: int
    """Its first position; counted from the end where `last`."""
    size: int
    last: bool

    @property
    def depth(self) -> int:
        """Its largest distance from the edge."""
        return self.begin if self.last else self.begin + self.size - 1


@dataclass(frozen=True)
class MergedAxis:
    """Several consecutive axes, merged into one."""

    parts: tuple["int | Extent", ...]

    @property
    def size(self) -> int:
        """The product of the sizes."""
        size = 1
        for one in self.parts:
            size *= length(one)
        return size


Axis = int | Extent | EdgeStrip | MergedAxis
"""An axis; a plain one (channels, batch) is its size."""


@dataclass(frozen=True)
class PictureTensor:
    """A tensor that depends on the picture."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if len(self.axes) > MOST_AXES:
            raise UnboundedError(f"makes {len(self.axes)} dimensions")
        if any(isinstance(axis, int) and axis < 0 for axis in self.axes):
            raise UnboundedError("makes an axis of negative size")

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return tuple(length(axis) for axis in self.axes)

    @property
    def geometry(self) -> tuple[object, ...]:
        """The part of its axes that does not depend on the picture's size."""
        return tuple(_geometry(axis) for axis in self.axes)

    def axis(self, number: int) -> int:
        """Return the index of an axis; negative ones count from the last."""
        if not -len(self.axes) <= number < len(self.axes):
            raise UnboundedError(f"has axis {number} for a tensor of {len(self.axes)} dimensions")
        return number % len(self.axes)

    def with_axis(self, number: int, axis: Axis) -> "PictureTensor":
        """Return the tensor with another axis at an index."""
        return PictureTensor((*self.axes[:number], axis, *self.axes[number + 1 :]))

    def require_plain(self, axes: Sequence[int], what: str) -> None:
        """Refuse axes that are rows or columns of the picture."""
        for number in axes:
            if not isinstance(self.axes[self.axis(number)], int):
                raise UnboundedError(what)


Value = ConstantArray | PictureTensor


@dataclass(frozen=True)
class Call:
    """A node with the values of its inputs; None for an omitted input."""

    node: Node
    inputs: Sequence[Value | None]
    opset: int

    @property
    def tensor(self) -> PictureTensor:
        """The first input, which must depend on the picture."""
        first = self.inputs[0] if self.inputs else None
        if not isinstance(first, PictureTensor):
            raise UnboundedError("has a constant as its first operand")
        return first

    @property
    def picture(self) -> PictureTensor:
        """The first input, which must have axes after batch and channels."""
        tensor = self.tensor
        if len(tensor.axes) < 3:
            raise UnboundedError("works on a tensor that is not a picture")
        return tensor

    def given(self, place: int) -> Value | None:
        """Return the input at an index, or None."""
        return self.inputs[place] if len(self.inputs) > place else None

    def integers(self, place: int) -> list[int] | None:
        """Return the sizes or indices of an input; None if it is omitted."""
        given = self.given(place)
        if given is None:
            return None
        if not isinstance(given, ConstantArray):
            raise UnboundedError("has sizes or indices that depend on the picture's content")
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
    """Return the size of an axis."""
    return axis if isinstance(axis, int) else axis.size


def join_elementwise(values: Sequence[Value]) -> PictureTensor:
    """Return the result of an elementwise operator with broadcasting; at least one value depends on the picture."""
    rank = max(len(value.shape) for value in values)
    return PictureTensor(tuple(_joined([_axis(value, number - rank) for value in values]) for number in range(rank)))


def _axis(value: Value, number: int) -> Axis:
    """Return an axis by its negative index; 1 where it is missing, or where an array is constant along it."""
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
        raise UnboundedError("has different constants for each pixel")
    for other in placed[1:]:
        if isinstance(first, Extent) and isinstance(other, Extent):
            first = first.joined(other)
        elif isinstance(first, MergedAxis) and isinstance(other, MergedAxis) and len(first.parts) == len(other.parts):
            parts = [_joined([one, two]) for one, two in zip(first.parts, other.parts, strict=True)]
            first = MergedAxis(tuple(one for one in parts if isinstance(one, int | Extent)))
        elif first != other:
            raise UnboundedError("combines different positions of the picture")
    return first
