"""Operators that change the shape: reshape, transpose, pixel shuffle, squeeze, tile."""

from collections.abc import Sequence

from repix.conversion.onnx_arguments import named_axes
from repix.conversion.onnx_import.receptive_field.errors import MisalignedError, UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_import.receptive_field.values import (
    Axis,
    Call,
    MergedAxis,
    Operator,
    PictureTensor,
    Result,
    length,
)


def reshape(call: Call) -> Result:
    """Return the output of Reshape."""
    tensor = call.tensor
    shape = _required(call) if len(call.inputs) > 1 else list(call.node.integers("shape"))
    if not call.node.integer("allowzero", 0):
        shape = [
            tensor.shape[place] if side == 0 and place < len(tensor.axes) else side for place, side in enumerate(shape)
        ]
    return [reshaped(tensor, _filled(shape, tensor))]


def reshaped(tensor: PictureTensor, shape: Sequence[int]) -> PictureTensor:
    """Return the tensor with another shape; each new axis must be an old one, a part of one, or several merged ones.

    >>> reshaped(PictureTensor((1, 12, 5)), [1, 3, 2, 2, 5]).shape
    (1, 3, 2, 2, 5)
    """
    left: list[int | Extent] = []
    for axis in tensor.axes:
        if isinstance(axis, MergedAxis):
            left += axis.parts
        elif isinstance(axis, int | Extent):
            left.append(axis)
        else:
            raise UnboundedError("reshapes an edge strip")
    left = [one for one in left if length(one) != 1 or isinstance(one, Extent)]
    return PictureTensor(tuple(_taken(left, side) for side in shape))


def _taken(left: list[int | Extent], side: int) -> Axis:
    """Return the next axis with a size, taken from the remaining parts."""
    parts: list[int | Extent] = []
    missing = side
    while missing > 1:
        if not left:
            raise MisalignedError("changes the number of values")
        first = left.pop(0)
        if missing % length(first) == 0:
            parts.append(first)
            missing //= length(first)
            continue
        if length(first) % missing:
            raise MisalignedError("splits rows or columns into unequal blocks")
        rest = length(first) // missing
        if isinstance(first, int):
            parts.append(missing)
            left.insert(0, rest)
        else:
            parts.append(first.split(rest))
            left.insert(0, rest)
        missing = 1
    return _together(parts)


def _together(parts: list[int | Extent]) -> Axis:
    """Return the merged axis of parts; a plain part after rows multiplies the rows."""
    made: list[int | Extent] = []
    for part in parts:
        last = made[-1] if made else None
        if isinstance(part, int) and isinstance(last, Extent):
            made[-1] = last.merged(part)
        elif isinstance(part, int) and isinstance(last, int):
            made[-1] = last * part
        else:
            made.append(part)
    return made[0] if len(made) == 1 else MergedAxis(tuple(made)) if made else 1


def transpose(call: Call) -> Result:
    """Return the output of Transpose."""
    tensor = call.tensor
    order = call.node.integers("perm") or tuple(reversed(range(len(tensor.axes))))
    if sorted(order) != list(range(len(tensor.axes))):
        raise UnboundedError("has an invalid order of axes")
    return [PictureTensor(tuple(tensor.axes[number] for number in order))]


def depth_to_space(call: Call) -> Result:
    """Return the output of DepthToSpace: channels become blocks of pixels."""
    tensor, block = call.tensor, call.node.integer("blocksize", 1)
    channels, rows, columns = _three(tensor)
    if block < 1 or not isinstance(channels, int):
        raise UnboundedError("makes pixels from another axis than channels")
    merged = [_merged(axis, block) for axis in (rows, columns)]
    return [PictureTensor((tensor.axes[0], channels // block**2, *merged))]


def space_to_depth(call: Call) -> Result:
    """Return the output of SpaceToDepth: blocks of pixels become channels."""
    tensor, block = call.tensor, call.node.integer("blocksize", 1)
    channels, rows, columns = _three(tensor)
    if block < 1 or not isinstance(channels, int):
        raise UnboundedError("makes another axis than channels from pixels")
    cut = [_cut(axis, block) for axis in (rows, columns)]
    return [PictureTensor((tensor.axes[0], channels * block**2, *cut))]


def squeeze(call: Call) -> Result:
    """Return the output of Squeeze: axes of size 1 are removed."""
    tensor = call.tensor
    named = named_axes(call)
    gone = {tensor.axis(one) for one in named} or {number for number, axis in enumerate(tensor.axes) if axis == 1}
    tensor.require_plain(sorted(gone), "removes rows or columns")
    return [PictureTensor(tuple(axis for number, axis in enumerate(tensor.axes) if number not in gone))]


def unsqueeze(call: Call) -> Result:
    """Return the output of Unsqueeze: axes of size 1 are added."""
    tensor, named = call.tensor, named_axes(call)
    rank = len(tensor.axes) + len(named)
    places = {one % rank for one in named}
    old = iter(tensor.axes)
    return [PictureTensor(tuple(1 if number in places else next(old) for number in range(rank)))]


def flatten(call: Call) -> Result:
    """Return the output of Flatten: all axes are merged into two."""
    tensor, axis = call.tensor, call.node.integer("axis", 1)
    at = axis if axis >= 0 else axis + len(tensor.axes)
    first = _size(tensor.axes[:at])
    return [reshaped(tensor, [first, _size(tensor.axes[at:])])]


def expand(call: Call) -> Result:
    """Return the output of Expand: axes of size 1 are repeated."""
    tensor, shape = call.tensor, _required(call)
    rank = max(len(shape), len(tensor.axes))
    axes: list[Axis] = [*[1] * (rank - len(tensor.axes)), *tensor.axes]
    for number, side in enumerate([*[1] * (rank - len(shape)), *shape]):
        if side not in (1, length(axes[number])):
            if axes[number] != 1:
                raise UnboundedError("expands an axis that does not have size 1")
            axes[number] = side
    return [PictureTensor(tuple(axes))]


def tile(call: Call) -> Result:
    """Return the output of Tile: plain axes are repeated."""
    tensor, times = call.tensor, _required(call)
    for number, count in enumerate(times):
        if count != 1:
            axis = tensor.axes[number]
            if not isinstance(axis, int):
                raise UnboundedError("repeats the picture")
            tensor = tensor.with_axis(number, axis * count)
    return [tensor]


def _filled(shape: Sequence[int], tensor: PictureTensor) -> list[int]:
    """Return the shape with a number in place of -1."""
    known, total = _size([side for side in shape if side != -1]), _size(tensor.axes)
    if list(shape).count(-1) > 1 or known < 1 or total % known or (-1 not in shape and total != known):
        raise MisalignedError(f"makes {list(shape)} of {list(tensor.shape)}")
    return [total // known if side == -1 else side for side in shape]


def _merged(axis: Axis, block: int) -> Axis:
    return axis.merged(block) if isinstance(axis, Extent) else _plain(axis) * block


def _cut(axis: Axis, block: int) -> Axis:
    return axis.split(block) if isinstance(axis, Extent) else _plain(axis) // block


def _plain(axis: Axis) -> int:
    if not isinstance(axis, int):
        raise UnboundedError("makes blocks from merged axes or an edge strip")
    return axis


def _three(tensor: PictureTensor) -> tuple[Axis, Axis, Axis]:
    if len(tensor.axes) != 4:
        raise UnboundedError("works on a tensor that is not a picture")
    return tensor.axes[1], tensor.axes[2], tensor.axes[3]


def _required(call: Call) -> list[int]:
    """Return the sizes in the second input; refuse a node without it."""
    given = call.integers(1)
    if given is None:
        raise UnboundedError("has no sizes")
    return given


def _size(axes: Sequence[Axis]) -> int:
    size = 1
    for axis in axes:
        size *= length(axis)
    return size


OPERATORS: dict[str, Operator] = {
    "Reshape": reshape, "Transpose": transpose, "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "Squeeze": squeeze, "Unsqueeze": unsqueeze, "Flatten": flatten, "Expand": expand, "Tile": tile,
}  # fmt: skip
