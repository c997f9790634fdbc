"""Operators that give the same numbers other axes: reshaping, transposing, pixel shuffle."""

from collections.abc import Sequence

from repix.conversion.foreign.field.endless import EndlessError, MisalignedError
from repix.conversion.foreign.field.extent import Extent
from repix.conversion.foreign.field.values import Axis, Call, Flat, Flow, Operator, Result, length

AXES_AS_INPUT = 13
"""The first set of operators whose Squeeze and Unsqueeze take their axes as an input."""


def reshape(call: Call) -> Result:
    """Reshape."""
    flow = call.flow
    shape = _required(call) if len(call.inputs) > 1 else list(call.node.wholes("shape"))
    if not call.node.whole("allowzero", 0):
        shape = [
            flow.shape[place] if side == 0 and place < len(flow.axes) else side for place, side in enumerate(shape)
        ]
    return [reshaped(flow, _filled(shape, flow))]


def reshaped(flow: Flow, shape: Sequence[int]) -> Flow:
    """The same numbers in other axes, where each is one of the old ones, a part of it, or several of them.

    >>> reshaped(Flow((1, 12, 5)), [1, 3, 2, 2, 5]).shape
    (1, 3, 2, 2, 5)
    """
    left: list[int | Extent] = []
    for axis in flow.axes:
        if isinstance(axis, Flat):
            left += axis.parts
        elif isinstance(axis, int | Extent):
            left.append(axis)
        else:
            raise EndlessError("gives strips other axes")
    left = [one for one in left if length(one) != 1 or isinstance(one, Extent)]
    return Flow(tuple(_taken(left, side) for side in shape))


def _taken(left: list[int | Extent], side: int) -> Axis:
    """The next axis of this size, taken off the parts that are left."""
    parts: list[int | Extent] = []
    missing = side
    while missing > 1:
        if not left:
            raise MisalignedError("gives other axes of another size")
        first = left.pop(0)
        if missing % length(first) == 0:
            parts.append(first)
            missing //= length(first)
            continue
        if length(first) % missing:
            raise MisalignedError("cuts rows or columns into blocks that do not come out even")
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
    """Parts of one axis: a plain part behind rows makes more rows."""
    made: list[int | Extent] = []
    for part in parts:
        last = made[-1] if made else None
        if isinstance(part, int) and isinstance(last, Extent):
            made[-1] = last.merged(part)
        elif isinstance(part, int) and isinstance(last, int):
            made[-1] = last * part
        else:
            made.append(part)
    return made[0] if len(made) == 1 else Flat(tuple(made)) if made else 1


def transpose(call: Call) -> Result:
    """Transpose."""
    flow = call.flow
    order = call.node.wholes("perm") or tuple(reversed(range(len(flow.axes))))
    if sorted(order) != list(range(len(flow.axes))):
        raise EndlessError("puts axes in an order that is none")
    return [Flow(tuple(flow.axes[number] for number in order))]


def depth_to_space(call: Call) -> Result:
    """Channels become blocks of pixels."""
    flow, block = call.flow, call.node.whole("blocksize", 1)
    channels, rows, columns = _three(flow)
    if block < 1 or not isinstance(channels, int):
        raise EndlessError("makes pixels of something else than channels")
    merged = [_merged(axis, block) for axis in (rows, columns)]
    return [Flow((flow.axes[0], channels // block**2, *merged))]


def space_to_depth(call: Call) -> Result:
    """Blocks of pixels become channels."""
    flow, block = call.flow, call.node.whole("blocksize", 1)
    channels, rows, columns = _three(flow)
    if block < 1 or not isinstance(channels, int):
        raise EndlessError("makes something else than channels of pixels")
    cut = [_cut(axis, block) for axis in (rows, columns)]
    return [Flow((flow.axes[0], channels * block**2, *cut))]


def squeeze(call: Call) -> Result:
    """Axes of one place are taken away."""
    flow = call.flow
    named = _axes(call)
    gone = {flow.axis(one) for one in named} or {number for number, axis in enumerate(flow.axes) if axis == 1}
    flow.require_plain(sorted(gone), "takes away rows or columns")
    return [Flow(tuple(axis for number, axis in enumerate(flow.axes) if number not in gone))]


def unsqueeze(call: Call) -> Result:
    """Axes of one place are added."""
    flow, named = call.flow, _axes(call)
    rank = len(flow.axes) + len(named)
    places = {one % rank for one in named}
    old = iter(flow.axes)
    return [Flow(tuple(1 if number in places else next(old) for number in range(rank)))]


def flatten(call: Call) -> Result:
    """Two axes of all."""
    flow, axis = call.flow, call.node.whole("axis", 1)
    at = axis if axis >= 0 else axis + len(flow.axes)
    first = _size(flow.axes[:at])
    return [reshaped(flow, [first, _size(flow.axes[at:])])]


def expand(call: Call) -> Result:
    """Axes of one place repeated, to a shape."""
    flow, shape = call.flow, _required(call)
    rank = max(len(shape), len(flow.axes))
    axes: list[Axis] = [*[1] * (rank - len(flow.axes)), *flow.axes]
    for number, side in enumerate([*[1] * (rank - len(shape)), *shape]):
        if side not in (1, length(axes[number])):
            if axes[number] != 1:
                raise EndlessError("repeats what is no single place")
            axes[number] = side
    return [Flow(tuple(axes))]


def tile(call: Call) -> Result:
    """Plain axes repeated, so many times."""
    flow, times = call.flow, _required(call)
    for number, count in enumerate(times):
        if count != 1:
            axis = flow.axes[number]
            if not isinstance(axis, int):
                raise EndlessError("puts the picture beside itself")
            flow = flow.with_axis(number, axis * count)
    return [flow]


def _filled(shape: Sequence[int], flow: Flow) -> list[int]:
    """The shape with a number in place of -1."""
    known, total = _size([side for side in shape if side != -1]), _size(flow.axes)
    if list(shape).count(-1) > 1 or known < 1 or total % known or (-1 not in shape and total != known):
        raise MisalignedError(f"makes {list(shape)} of {list(flow.shape)}")
    return [total // known if side == -1 else side for side in shape]


def _merged(axis: Axis, block: int) -> Axis:
    return axis.merged(block) if isinstance(axis, Extent) else _plain(axis) * block


def _cut(axis: Axis, block: int) -> Axis:
    return axis.split(block) if isinstance(axis, Extent) else _plain(axis) // block


def _plain(axis: Axis) -> int:
    if not isinstance(axis, int):
        raise EndlessError("makes blocks of several axes in one, or of a strip")
    return axis


def _three(flow: Flow) -> tuple[Axis, Axis, Axis]:
    if len(flow.axes) != 4:
        raise EndlessError("works on something that is no picture")
    return flow.axes[1], flow.axes[2], flow.axes[3]


def _axes(call: Call) -> list[int]:
    return list(call.node.wholes("axes")) if call.opset < AXES_AS_INPUT else call.wholes(1) or []


def _required(call: Call) -> list[int]:
    """The sizes in the second input, which must be there."""
    given = call.wholes(1)
    if given is None:
        raise EndlessError("does not say which sizes it makes")
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
