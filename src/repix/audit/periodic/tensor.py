"""Periodic tensors: one period along each axis, the sizes of the whole, and the distance of neighbors in pixels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.audit.errors import UnpredictableError
from repix.conversion.onnx_reader import Node

Numbers = NDArray[Any]
LARGEST_TILE = 1 << 25
"""The most values of a period."""
Merged = tuple[tuple[int, Fraction | None], ...]
"""Merged axes: the size and the distance of neighbors of each."""
Spacing = Fraction | Merged | None
"""The distance of neighbors along an axis, in pixels of the picture; None for channels and the like."""


@dataclass(frozen=True)
class Periodic:
    """A tensor that repeats along each axis; an axis may be a single period."""

    tile: Numbers
    shape: tuple[int, ...]
    """The sizes of the whole tensor."""
    pixels: tuple[Spacing, ...]
    """The spacing of each axis."""

    def __post_init__(self) -> None:
        if self.tile.size > LARGEST_TILE:
            raise UnpredictableError("repeats after too many pixels")

    @property
    def picture_axes(self) -> tuple[int, ...]:
        """The axes that are rows or columns of the picture."""
        return tuple(number for number, pixel in enumerate(self.pixels) if isinstance(pixel, Fraction))

    def axis(self, number: int) -> int:
        """Return the index of an axis; negative ones count from the last."""
        if not -len(self.shape) <= number < len(self.shape):
            raise UnpredictableError(f"has axis {number} for a tensor of {len(self.shape)} dimensions")
        return number % len(self.shape)

    def is_constant(self, number: int) -> bool:
        """Return whether all values along an axis are equal."""
        first = self.tile.take([0], number)
        return bool((self.tile == first).all())

    def widened(self, number: int, period: int) -> "Periodic":
        """Return the tensor with a longer period along an axis, a multiple of the old one."""
        times = period // self.tile.shape[number]
        if times == 1:
            return self
        if self.tile.size * times > LARGEST_TILE:
            raise UnpredictableError("repeats after too many pixels")
        tile = np.concatenate([self.tile] * times, number)
        return Periodic(tile, self.shape, self.pixels)

    def whole(self, number: int) -> "Periodic":
        """Return the tensor with all values along an axis."""
        size, period = self.shape[number], self.tile.shape[number]
        if size == period:
            return self
        if self.tile.size // period * size > LARGEST_TILE:
            raise UnpredictableError("repeats after too many pixels")
        return Periodic(np.take(self.tile, np.arange(size) % period, number), self.shape, self.pixels)

    def taken(self, number: int, indices: Numbers, size: int, pixel: Spacing) -> "Periodic":
        """Return a tensor of chosen positions along an axis: one period of them, and the new size."""
        period = self.tile.shape[number]
        if self.tile.size // period * len(indices) > LARGEST_TILE:
            raise UnpredictableError("repeats after too many pixels")
        tile = self.tile if period == 1 else np.take(self.tile, indices % period, number)
        return Periodic(tile, _replaced(self.shape, number, size), _replaced(self.pixels, number, pixel))


Value = Periodic | Numbers
"""A tensor that depends on the picture, or a constant array."""


@dataclass(frozen=True)
class Call:
    """A node with the values of its inputs; None for an omitted input."""

    node: Node
    inputs: Sequence[Value | None]
    opset: int

    @property
    def tensor(self) -> Periodic:
        """The first input, which depends on the picture."""
        first = self.inputs[0] if self.inputs else None
        if not isinstance(first, Periodic):
            raise UnpredictableError("has a constant as its first operand")
        return first

    @property
    def picture(self) -> Periodic:
        """The first input, which must have axes after batch and channels."""
        tensor = self.tensor
        if len(tensor.shape) < 3:
            raise UnpredictableError("works on a tensor that is not a picture")
        return tensor

    def constant(self, place: int) -> Numbers | None:
        """Return a constant input; None if it is omitted."""
        given = self.inputs[place] if len(self.inputs) > place else None
        if isinstance(given, Periodic):
            raise UnpredictableError("has an operand that is computed from the picture")
        return None if given is None or given.shape == (0,) else given

    def weights(self, place: int) -> Numbers:
        """Return the weights of a layer; refuse computed ones."""
        given = self.inputs[place] if len(self.inputs) > place else None
        if isinstance(given, Periodic):
            raise UnpredictableError("has weights that are computed from the picture")
        if given is None:
            raise UnpredictableError("has no weights")
        return given

    def integers(self, place: int) -> list[int] | None:
        """Return the sizes or indices of an input; None if it is omitted."""
        given = self.constant(place)
        return None if given is None else [int(one) for one in given.ravel()]


Result = Sequence[Periodic]
Operator = Callable[[Call], Result]


def periodic(value: Value) -> Periodic:
    """Return a value as a tensor; a constant array is a single period along each axis."""
    if isinstance(value, Periodic):
        return value
    return Periodic(value, value.shape, (None,) * value.ndim)


def aligned(values: Sequence[Value]) -> tuple[list[Numbers], tuple[int, ...], tuple[Spacing, ...]]:
    """Return the periods of tensors, widened until they broadcast, with the sizes and pixel distances of the result."""
    tensors = [periodic(value) for value in values]
    rank = max(len(one.shape) for one in tensors)
    wide = same_periods([raised(one, rank) for one in tensors], range(rank))
    shape = np.broadcast_shapes(*(one.shape for one in wide))
    found = [[one.pixels[at] for one in wide if one.pixels[at] is not None] for at in range(rank)]
    if prod(np.broadcast_shapes(*(one.tile.shape for one in wide))) > LARGEST_TILE:
        raise UnpredictableError("repeats after too many pixels")
    return [one.tile for one in wide], shape, tuple(one[0] if one else None for one in found)


def same_periods(tensors: Sequence[Periodic], axes: Iterable[int]) -> list[Periodic]:
    """Return tensors whose periods broadcast along some axes."""
    made = list(tensors)
    for number in axes:
        period = lcm(*(one.tile.shape[number] for one in made))
        made = [one if one.tile.shape[number] == 1 else one.widened(number, period) for one in made]
    return made


def spaced(pixel: Spacing, factor: Fraction | int) -> Spacing:
    """Return the spacing of an axis after a stride; merged axes have none.

    >>> spaced(Fraction(1), 2)
    Fraction(2, 1)
    """
    return pixel * factor if isinstance(pixel, Fraction) else None


def raised(tensor: Periodic, rank: int) -> Periodic:
    """Return a tensor with axes of size 1 before its own."""
    missing = rank - len(tensor.shape)
    if not missing:
        return tensor
    tile = tensor.tile.reshape((1,) * missing + tensor.tile.shape)
    return Periodic(tile, (1,) * missing + tensor.shape, (None,) * missing + tensor.pixels)


def _replaced(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*values[:place], value, *values[place + 1 :])
