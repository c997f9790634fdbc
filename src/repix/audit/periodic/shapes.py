"""Operators that rearrange periodic tensors: reshape, transpose, pixel shuffle, slice, pad, concatenate, split."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm, prod
from typing import TypeVar

import numpy as np

from repix.audit.errors import UnpredictableError
from repix.audit.periodic.tensor import Call, Merged, Operator, Periodic, Result, Spacing, periodic, spaced
from repix.conversion.onnx_arguments import named_axes, padding, slices, split_sizes

T = TypeVar("T")


def reshape(call: Call) -> Result:
    """Return the output of Reshape."""
    x = call.tensor
    shape = call.integers(1) if len(call.inputs) > 1 else list(call.node.integers("shape"))
    if shape is None:
        raise UnpredictableError("has no sizes")
    if not call.node.integer("allowzero", 0):
        shape = [x.shape[place] if side == 0 else side for place, side in enumerate(shape)]
    known = prod(side for side in shape if side != -1)
    filled = [prod(x.shape) // max(known, 1) if side == -1 else side for side in shape]
    return [reshaped(x, filled)]


def reshaped(x: Periodic, shape: Sequence[int]) -> Periodic:
    """Return a tensor with another shape: its axes are split into factors, and these are merged.

    >>> x = Periodic(np.arange(4.0).reshape(1, 4, 1), (1, 4, 6), (None, None, Fraction(1)))
    >>> reshaped(x, (2, 2, 2, 3)).tile.tolist()
    [[[[0.0]], [[1.0]]], [[[2.0]], [[3.0]]]]
    """
    if prod(shape) != prod(x.shape):
        raise UnpredictableError(f"makes {list(shape)} of {list(x.shape)}")
    made = _split(x, _factors(x.shape, shape))
    for place, side in enumerate(shape):
        count, size = 0, 1
        while size < side:
            size *= made.shape[place + count]
            count += 1
        made = _merged(made, place, count)
    return made


def _factors(old: Sequence[int], new: Sequence[int]) -> list[int]:
    """Return factors, the products of which are the sizes of both shapes; those of size 1 are left out."""
    edges = sorted({prod(side[at:]) for side in (old, new) for at in range(len(side) + 1)}, reverse=True)
    factors = []
    for large, small in pairwise(edges):
        if large % small:
            raise UnpredictableError("splits rows or columns into unequal blocks")
        factors.append(large // small)
    return factors


def _split(x: Periodic, factors: Sequence[int]) -> Periodic:
    """Return a tensor with its axes split into factors; axes of size 1 are dropped."""
    left = list(factors)
    for number in range(len(x.shape) - 1, -1, -1):
        if x.shape[number] == 1:
            tile = x.tile.reshape(*x.tile.shape[:number], *x.tile.shape[number + 1 :])
            x = Periodic(tile, _spliced(x.shape, number, ()), _spliced(x.pixels, number, ()))
            continue
        while x.shape[number] != left[-1]:
            x = _cut(x, number, left.pop())
        left.pop()
    return x


def _cut(x: Periodic, number: int, block: int) -> Periodic:
    """Return a tensor with one axis split into two; the second has `block` positions."""
    size, pixel, period = x.shape[number], x.pixels[number], x.tile.shape[number]
    if block % period:
        x = x.widened(number, lcm(period, block))
        sides = (x.tile.shape[number] // block, block)
    else:
        sides = (1, period)
    tile = x.tile.reshape(_spliced(x.tile.shape, number, sides))
    pixels = _cut_spacing(pixel, block)
    return Periodic(tile, _spliced(x.shape, number, (size // block, block)), _spliced(x.pixels, number, pixels))


def _cut_spacing(pixel: Spacing, block: int) -> tuple[Spacing, Spacing]:
    """Return the spacings of the two parts of an axis; merged axes are separated again."""
    if not isinstance(pixel, tuple):
        return spaced(pixel, block), None
    for at in range(1, len(pixel)):
        if prod(size for size, _ in pixel[at:]) == block:
            return _single(pixel[:at]), _single(pixel[at:])
    return None, None


def _single(parts: Merged) -> Spacing:
    return parts[0][1] if len(parts) == 1 else parts


def _merged(x: Periodic, place: int, count: int) -> Periodic:
    """Return a tensor with some neighboring axes merged into one; without any, an axis of size 1 is added."""
    if count == 0:
        tile = x.tile.reshape(_inserted(x.tile.shape, place, 1))
        return Periodic(tile, _inserted(x.shape, place, 1), _inserted(x.pixels, place, None))
    while count > 1:
        x = _two_merged(x, place + count - 2)
        count -= 1
    return x


def _two_merged(x: Periodic, number: int) -> Periodic:
    """Return a tensor with an axis and the next merged into one."""
    outer, inner = x.tile.shape[number], x.shape[number + 1]
    if outer > 1 or inner % x.tile.shape[number + 1]:
        x = x.whole(number + 1)
    sides = (outer * x.tile.shape[number + 1],)
    pixel = _joined_spacing(x, number)
    tile = x.tile.reshape(*x.tile.shape[:number], *sides, *x.tile.shape[number + 2 :])
    shape = (*x.shape[:number], x.shape[number] * inner, *x.shape[number + 2 :])
    return Periodic(tile, shape, (*x.pixels[:number], pixel, *x.pixels[number + 2 :]))


def _joined_spacing(x: Periodic, number: int) -> Spacing:
    """Return the spacing of an axis merged with the next; a plain axis after rows multiplies the rows."""
    first, second = x.pixels[number : number + 2]
    size, inner = x.shape[number : number + 2]
    if first is None and second is None:
        return None
    if isinstance(first, Fraction) and second is None:
        return first / inner
    outer = first if isinstance(first, tuple) else ((size, first),)
    return outer + (second if isinstance(second, tuple) else ((inner, second),))


def _spliced(values: tuple[T, ...], place: int, new: tuple[T, ...]) -> tuple[T, ...]:
    return (*values[:place], *new, *values[place + 1 :])


def _inserted(values: tuple[T, ...], place: int, new: T) -> tuple[T, ...]:
    return (*values[:place], new, *values[place:])


def transpose(call: Call) -> Result:
    """Return the output of Transpose."""
    x = call.tensor
    order = call.node.integers("perm") or tuple(reversed(range(len(x.shape))))
    if sorted(order) != list(range(len(x.shape))):
        raise UnpredictableError("has an invalid order of axes")
    return [with_order(x, order)]


def with_order(x: Periodic, order: Sequence[int]) -> Periodic:
    """Return a tensor with its axes in another order."""
    return Periodic(x.tile.transpose(order), tuple(x.shape[at] for at in order), tuple(x.pixels[at] for at in order))


def depth_to_space(call: Call) -> Result:
    """Return the output of DepthToSpace: channels become blocks of pixels."""
    x, block = call.picture.whole(1), call.node.integer("blocksize", 1)
    count, channels, rows, columns = x.shape
    each = channels // block**2
    if call.node.text("mode", "DCR") == "CRD":
        parts, order = (count, each, block, block, rows, columns), (0, 1, 4, 2, 5, 3)
    else:
        parts, order = (count, block, block, each, rows, columns), (0, 3, 4, 1, 5, 2)
    return [reshaped(with_order(reshaped(x, parts), order), (count, each, rows * block, columns * block))]


def space_to_depth(call: Call) -> Result:
    """Return the output of SpaceToDepth: blocks of pixels become channels."""
    x, block = call.picture.whole(1), call.node.integer("blocksize", 1)
    count, channels, rows, columns = x.shape
    parts = (count, channels, rows // block, block, columns // block, block)
    moved = with_order(reshaped(x, parts), (0, 3, 5, 1, 2, 4))
    return [reshaped(moved, (count, channels * block**2, rows // block, columns // block))]


def squeeze(call: Call) -> Result:
    """Return the output of Squeeze: axes of size 1 are removed."""
    x = call.tensor
    gone = {x.axis(one) for one in named_axes(call)} or {at for at, side in enumerate(x.shape) if side == 1}
    kept = [at for at in range(len(x.shape)) if at not in gone]
    tile = x.tile.reshape([x.tile.shape[at] for at in kept])
    return [Periodic(tile, tuple(x.shape[at] for at in kept), tuple(x.pixels[at] for at in kept))]


def unsqueeze(call: Call) -> Result:
    """Return the output of Unsqueeze: axes of size 1 are added."""
    x, named = call.tensor, named_axes(call)
    rank = len(x.shape) + len(named)
    for place in sorted(one % rank for one in named):
        x = Periodic(np.expand_dims(x.tile, place), _inserted(x.shape, place, 1), _inserted(x.pixels, place, None))
    return [x]


def flatten(call: Call) -> Result:
    """Return the output of Flatten: all axes are merged into two."""
    x, axis = call.tensor, call.node.integer("axis", 1)
    at = axis if axis >= 0 else axis + len(x.shape)
    return [reshaped(x, (prod(x.shape[:at]), prod(x.shape[at:])))]


def expand(call: Call) -> Result:
    """Return the output of Expand: axes of size 1 are repeated."""
    x, shape = call.tensor, call.integers(1) or []
    sides = np.broadcast_shapes(x.shape, tuple(shape))
    missing = len(sides) - len(x.shape)
    tile = x.tile.reshape((1,) * missing + x.tile.shape)
    return [Periodic(tile, sides, (None,) * missing + x.pixels)]


def tile(call: Call) -> Result:
    """Return the output of Tile."""
    x, times = call.tensor, call.integers(1) or []
    for number, count in enumerate(times):
        if count != 1:
            x = x.taken(number, np.arange(x.tile.shape[number]), x.shape[number] * count, x.pixels[number])
    return [x]


def cut(call: Call) -> Result:
    """Return the output of Slice."""
    x = call.tensor
    for number, wanted in slices(call):
        x = _sliced(x, x.axis(number), wanted)
    return [x]


def _sliced(x: Periodic, number: int, wanted: slice) -> Periodic:
    places = range(*wanted.indices(x.shape[number]))
    pixel = x.pixels[number]
    if not isinstance(pixel, Fraction):
        return x.whole(number).taken(number, np.array(places, np.intp), len(places), None)
    period = x.tile.shape[number]
    shown = places[: min(len(places), period)]
    return x.taken(number, np.array(shown, np.intp), len(places), pixel * abs(places.step))


def pad(call: Call) -> Result:
    """Return the output of Pad, whose amounts may be negative."""
    x = call.tensor
    found = padding(call)
    numbers = list(range(len(x.shape))) if found.axes is None else [x.axis(one) for one in found.axes]
    for number, (before, behind) in zip(numbers, found.ends, strict=True):
        if not before and not behind:
            continue
        size = x.shape[number] + before + behind
        if x.pixels[number] is not None:
            x = x.taken(number, np.arange(x.tile.shape[number]) - before, size, x.pixels[number])
        else:
            x = _padded(x, number, (before, behind), call)
    return [x]


def _padded(x: Periodic, number: int, amounts: tuple[int, int], call: Call) -> Periodic:
    """Return a tensor with more channels, or the like."""
    filling = call.constant(2)
    if call.node.text("mode", "constant") != "constant" or min(amounts) < 0:
        raise UnpredictableError("pads another axis than rows and columns")
    x = x.whole(number)
    around = [(0, 0)] * len(x.shape)
    around[number] = amounts
    made = np.pad(x.tile, around, constant_values=0 if filling is None else filling.item())
    return Periodic(made, (*x.shape[:number], made.shape[number], *x.shape[number + 1 :]), x.pixels)


def concat(call: Call) -> Result:
    """Return the output of Concat."""
    values = [periodic(one) for one in call.inputs if one is not None]
    number = values[0].axis(call.node.integer("axis", 1))
    if any(one.pixels[number] is not None for one in values):
        return [_beside(values, number)]
    parts = [one.whole(number) for one in values]
    for axis in range(len(parts[0].shape)):
        if axis != number:
            period = lcm(*(one.tile.shape[axis] for one in parts))
            parts = [one.widened(axis, period) for one in parts]
    made = np.concatenate([one.tile for one in parts], number)
    known = next((one for one in values if one.picture_axes), values[0])
    return [Periodic(made, _spliced(known.shape, number, (made.shape[number],)), known.pixels)]


def _beside(values: Sequence[Periodic], number: int) -> Periodic:
    """Return parts of a picture beside each other: edges around the largest part, which alone counts."""
    sizes = [one.shape[number] for one in values]
    main = sizes.index(max(sizes))
    if 2 * sizes[main] < sum(sizes):
        raise UnpredictableError("puts pictures beside each other")
    x = values[main]
    places = np.arange(x.tile.shape[number]) - sum(sizes[:main])
    return x.taken(number, places, sum(sizes), x.pixels[number])


def split(call: Call) -> Result:
    """Return the outputs of Split."""
    x, number = call.tensor, call.tensor.axis(call.node.integer("axis", 0))
    sizes = split_sizes(call)
    count = call.node.integer("num_outputs", len(call.node.outputs))
    if not sizes:
        each = -(-x.shape[number] // count)
        sizes = [min(each, x.shape[number] - at * each) for at in range(count)]
    starts = np.cumsum([0, *sizes])
    return [_sliced(x, number, slice(int(at), int(at) + size)) for at, size in zip(starts, sizes, strict=False)]


def gather(call: Call) -> Result:
    """Return the output of Gather."""
    x, indices = call.tensor, call.constant(1)
    number = x.axis(call.node.integer("axis", 0))
    if indices is None or (x.pixels[number] is not None and not x.is_constant(number)):
        raise UnpredictableError("gathers rows or columns")
    pixel = x.pixels[number]
    if pixel is not None:
        return [x.taken(number, np.zeros(1, np.intp), indices.size, pixel)]
    made = np.take(x.whole(number).tile, indices.astype(np.intp), number)
    more = (None,) * indices.ndim
    return [Periodic(made, _spliced(x.shape, number, indices.shape), _spliced(x.pixels, number, more))]


def identity(call: Call) -> Result:
    """Return the input."""
    return [call.tensor]


OPERATORS: dict[str, Operator] = {
    "Reshape": reshape, "Transpose": transpose, "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Flatten": flatten, "Expand": expand, "Tile": tile, "Slice": cut,
    "Pad": pad, "Concat": concat, "Split": split, "Gather": gather, "Identity": identity, "Dropout": identity,
}  # fmt: skip
