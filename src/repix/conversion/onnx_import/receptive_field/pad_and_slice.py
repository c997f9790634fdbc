"""Operators that pad, slice, split, concatenate and gather rows and columns."""

from collections.abc import Sequence

from repix.conversion.onnx_arguments import padding, slices, split_sizes
from repix.conversion.onnx_import.receptive_field.errors import UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_import.receptive_field.values import (
    Axis,
    Call,
    ConstantArray,
    EdgeStrip,
    Operator,
    PictureTensor,
    Result,
    join_elementwise,
    length,
)

EDGE_FRACTION = 4
"""A slice within 1/EDGE_FRACTION of an axis from its end counts as being at the edge."""


def pad(call: Call) -> Result:
    """Return the output of Pad, whose amounts may be negative."""
    tensor = call.tensor
    found = padding(call)
    axes = list(range(len(tensor.axes))) if found.axes is None else [tensor.axis(one) for one in found.axes]
    mode = call.node.text("mode", "constant")
    if len(found.amounts) != 2 * len(axes) or mode not in ("constant", "reflect", "edge"):
        raise UnboundedError(f"pads with mode {mode}")
    for number, (before, behind) in zip(axes, found.ends, strict=True):
        axis = tensor.axes[number]
        if not before and not behind:
            continue
        if isinstance(axis, Extent):
            depth = {"constant": None, "edge": (0, 0), "reflect": (before, behind)}[mode]
            tensor = tensor.with_axis(number, axis.padded(before, behind, depth))
        elif isinstance(axis, int):
            tensor = tensor.with_axis(number, axis + before + behind)
        else:
            raise UnboundedError("pads merged axes or an edge strip")
    return [tensor]


def cut(call: Call) -> Result:
    """Return the output of Slice."""
    tensor = call.tensor
    for number, wanted in slices(call):
        place = tensor.axis(number)
        tensor = tensor.with_axis(place, _sliced(tensor.axes[place], wanted))
    return [tensor]


def split(call: Call) -> Result:
    """Return the outputs of Split; without sizes the parts are equal."""
    tensor = call.tensor
    place = tensor.axis(call.node.integer("axis", 0))
    axis, count = tensor.axes[place], len(call.node.outputs)
    sizes = split_sizes(call)
    if not sizes:
        part = -(-length(axis) // count)
        sizes = [part] * (count - 1) + [length(axis) - part * (count - 1)]
    made, at = [], 0
    for size in sizes:
        made.append(tensor.with_axis(place, _sliced(axis, slice(at, at + size, 1))))
        at += size
    return made


def concat(call: Call) -> Result:
    """Return the output of Concat: of channels, or of rows or columns with edge strips and constants."""
    values = [one for one in call.inputs if one is not None]
    rank = len(values[0].shape)
    axis = call.node.integer("axis", 1)
    place = axis % rank if -rank <= axis < rank else 0
    pieces = [one.axes[place] if isinstance(one, PictureTensor) else one.shape[place] for one in values]
    whole = join_elementwise([one.with_axis(place, 1) if isinstance(one, PictureTensor) else one for one in values])
    return [whole.with_axis(place, _following(pieces))]


def gather(call: Call) -> Result:
    """Return the output of Gather."""
    tensor, places = call.tensor, call.given(1)
    number = tensor.axis(call.node.integer("axis", 0))
    if not isinstance(places, ConstantArray):
        raise UnboundedError("has indices that depend on the picture's content")
    axis = tensor.axes[number]
    if isinstance(axis, int):
        return [PictureTensor((*tensor.axes[:number], *places.shape, *tensor.axes[number + 1 :]))]
    if len(places.shape) != 1 or not isinstance(axis, Extent):
        raise UnboundedError("gathers single rows or columns")
    return [tensor.with_axis(number, _gathered(axis, places.integers))]


def _sliced(axis: Axis, wanted: slice) -> Axis:
    size = length(axis)
    start, stop, step = wanted.indices(size)
    if step < 1:
        raise UnboundedError("flips the picture" if not isinstance(axis, int) else "has a negative step")
    stop = max(stop, start)
    if isinstance(axis, int):
        return -(-(stop - start) // step)
    if (start, stop, step) == (0, size, 1):
        return axis
    if not isinstance(axis, Extent):
        raise UnboundedError("slices merged axes or an edge strip")
    near_end = size - size // EDGE_FRACTION
    if start < size // EDGE_FRACTION and stop > near_end:
        return axis.padded(-start, stop - size, None).window(1, step, 0, 0)
    if step == 1 and stop <= size // EDGE_FRACTION:
        return EdgeStrip(axis, start, stop - start, last=False)
    if step == 1 and start >= near_end:
        return EdgeStrip(axis, size - start - 1, stop - start, last=True)
    raise UnboundedError("slices a part inside the picture")


def _following(pieces: Sequence[Axis]) -> Axis:
    """Return the concatenation of axes."""
    if all(isinstance(piece, int) for piece in pieces):
        return sum(length(piece) for piece in pieces)
    middle = [number for number, piece in enumerate(pieces) if isinstance(piece, Extent)]
    if len(middle) != 1:
        raise UnboundedError("puts parts of the picture beside each other")
    main = pieces[middle[0]]
    before, behind = pieces[: middle[0]], pieces[middle[0] + 1 :]
    if not isinstance(main, Extent):
        raise UnboundedError("puts parts of the picture beside each other")
    sizes = [sum(length(one) for one in part) for part in (before, behind)]
    made = main.padded(sizes[0], sizes[1], None)
    for strips, last in ((before, False), (behind, True)):
        for strip in strips:
            if isinstance(strip, EdgeStrip):
                if strip.last != last:
                    raise UnboundedError("concatenates one edge of the picture to the other")
                made = _mirrored(made, strip)
            elif not isinstance(strip, int):
                raise UnboundedError("concatenates merged axes")
    return made


def _mirrored(made: Extent, strip: EdgeStrip) -> Extent:
    """Return the axis after an edge strip was concatenated at its edge."""
    ends = (0, strip.size) if strip.last else (strip.size, 0)
    depth = strip.source.padded(*ends, (strip.depth, strip.depth))
    return made.deepened(depth)


def _gathered(axis: Extent, places: list[int]) -> Axis:
    """Return gathered rows or columns: all of them with some added at the edges, or each repeated."""
    size = axis.size
    places = [one + size if one < 0 else one for one in places]
    if len(places) > size // 2:
        times = max(1, round(len(places) / size))
        if places == [number // times for number in range(size * times)]:
            return axis.merged(times)
        begin = next(
            (at for at in range(len(places) // EDGE_FRACTION) if places[at : at + 3] == _three(places[at])), None
        )
        if begin is not None:
            count = min(len(places) - begin, size - places[begin])
            while count and places[begin + count - 1] != places[begin] + count - 1:
                count -= 1
            main, before, behind = places[begin], places[:begin], places[begin + count :]
            if places[begin : begin + count] == list(range(main, main + count)) and count > size // 2:
                depth = max(before, default=0), max((size - 1 - one for one in behind), default=0)
                if max(depth) < size // EDGE_FRACTION:
                    rest = axis.padded(-main, main + count - size, None)
                    return rest.padded(len(before), len(behind), None).deepened(
                        axis.padded(len(before), len(behind), depth)
                    )
    raise UnboundedError("gathers rows or columns in an unknown order")


def _three(first: int) -> list[int]:
    return [first, first + 1, first + 2]


OPERATORS: dict[str, Operator] = {"Pad": pad, "Slice": cut, "Split": split, "Concat": concat, "Gather": gather}
