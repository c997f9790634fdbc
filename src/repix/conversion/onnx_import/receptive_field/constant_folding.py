"""Constant folding: the parts of a graph that do not depend on the picture's content (sizes, indices, weights)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.onnx_arguments import named_axes, padding, slices, split_sizes
from repix.conversion.onnx_import.receptive_field.errors import UnboundedError
from repix.conversion.onnx_import.receptive_field.pointwise import REDUCING
from repix.conversion.onnx_import.receptive_field.values import (
    INDEX_INPUTS,
    LARGEST_KNOWN,
    ConstantArray,
    PictureTensor,
    Value,
)
from repix.conversion.onnx_reader import NUMPY_TYPES, Node, Tensor

Numbers = NDArray[Any]
LARGEST_EXACT = 10_000
"""Arrays up to this size may be sizes and indices; of larger ones only the shape matters."""
LARGEST_SHAPED = 1 << 28
"""The most values of an array of which only the shape is computed."""


@dataclass(frozen=True)
class ConstantCall:
    """A node whose inputs are all constant."""

    node: Node
    arrays: Sequence[Any]
    """None for an omitted input."""
    opset: int

    def integers(self, place: int) -> list[int] | None:
        """Return the sizes or indices of an input; None if it is omitted."""
        given = self.arrays[place] if len(self.arrays) > place else None
        return None if given is None else [int(one) for one in given.ravel()]


def constant_of(tensor: Tensor) -> ConstantArray:
    """Return the constant of an initializer."""
    array = tensor.array() if tensor.count <= LARGEST_EXACT else None
    if array is not None:
        return ConstantArray(array)
    return _shaped(tensor.dims, np.dtype(NUMPY_TYPES.get(tensor.kind, "<f4")))


def _shaped(sides: tuple[int, ...], dtype: Any) -> ConstantArray:
    """Return a constant of which only the shape is known; it takes no memory."""
    return ConstantArray(np.broadcast_to(np.zeros((), dtype), sides), exact=False)


def constant(node: Node) -> ConstantArray:
    """Return the value of a Constant node."""
    attributes = node.attributes
    if "value" in attributes and attributes["value"].tensors:
        return constant_of(attributes["value"].tensors[0])
    if "value_int" in attributes:
        return ConstantArray(np.array(attributes["value_int"].integer))
    if "value_ints" in attributes:
        return ConstantArray(np.array(attributes["value_ints"].integers, np.int64))
    if "value_float" in attributes:
        return ConstantArray(np.array(attributes["value_float"].float_value, np.float32))
    if "value_floats" in attributes:
        return ConstantArray(np.array(attributes["value_floats"].floats, np.float32))
    raise UnboundedError("is a constant that is not a number")


def shape(node: Node, value: Value) -> ConstantArray:
    """Return the result of a Shape node."""
    sides = list(value.shape)
    wanted = slice(node.integer("start", 0), node.integer("end", len(sides)))
    if isinstance(value, PictureTensor):
        is_sized = any(not isinstance(axis, int) for axis in value.axes[wanted])
    else:
        is_sized = value.is_stretched
    return ConstantArray(np.array(sides[wanted], np.int64), is_sized=is_sized)


def fold(node: Node, inputs: Sequence[ConstantArray | None], opset: int) -> list[ConstantArray]:
    """Return the outputs of a node whose inputs do not depend on the picture."""
    operator = FOLDED.get(node.kind)
    if operator is None:
        raise UnboundedError("works on constants in a way that repix does not know")
    held = [one for one in inputs if one is not None]
    if any(one is not None and not one.exact and place in _places(node) for place, one in enumerate(inputs)):
        raise UnboundedError("has too many sizes or indices")
    if any(one.array.size > LARGEST_SHAPED for one in held):
        raise UnboundedError("works on too large constants")
    try:
        with np.errstate(all="ignore"):
            made = operator(ConstantCall(node, [None if one is None else one.array for one in inputs], opset))
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError, ZeroDivisionError, MemoryError):
        raise UnboundedError("works on constants that do not fit each other") from None
    arrays = made if isinstance(made, list) else [made]
    exact = all(one.exact for one in held) and _is_worked_out(node)
    is_stretched = any(one.is_sized or one.is_stretched for one in held)
    of_numbers = [one for place, one in enumerate(inputs) if one is not None and place not in _places(node)]
    is_sized = any(one.is_sized for one in of_numbers) if node.kind in ELEMENTWISE else is_stretched
    return [
        replace(
            ConstantArray(one) if exact else _shaped(one.shape, one.dtype), is_sized=is_sized, is_stretched=is_stretched
        )
        for one in arrays
    ]


def _places(node: Node) -> tuple[int, ...]:
    """Return the inputs that are sizes, indices or axes."""
    return (1,) if node.kind in REDUCING else INDEX_INPUTS.get(node.kind, ())


def _is_worked_out(node: Node) -> bool:
    """Return whether the values are computed, not only the shape."""
    return node.kind != "DequantizeLinear" and (node.kind != "Cast" or node.integer("to", 1) in NUMPY_TYPES)


def _cast(call: ConstantCall) -> Numbers:
    array: Numbers = call.arrays[0]
    made: Numbers = array.astype(NUMPY_TYPES.get(call.node.integer("to", 1), "<f4"))
    return made


def _reshape(call: ConstantCall) -> Numbers:
    array, sides = call.arrays[0], [int(one) for one in call.arrays[1].ravel()]
    if not call.node.integer("allowzero", 0):
        sides = [array.shape[place] if side == 0 else side for place, side in enumerate(sides)]
    made: Numbers = array.reshape(sides)
    return made


def _slice(call: ConstantCall) -> Numbers:
    array = call.arrays[0]
    wanted = [slice(None)] * array.ndim
    for axis, part in slices(call):
        wanted[axis] = part
    made: Numbers = array[tuple(wanted)]
    return made


def _squeeze(call: ConstantCall) -> Numbers:
    made: Numbers = np.squeeze(call.arrays[0], tuple(named_axes(call)) or None)
    return made


def _unsqueeze(call: ConstantCall) -> Numbers:
    return np.expand_dims(call.arrays[0], tuple(named_axes(call)))


def _remainder(call: ConstantCall) -> Numbers:
    return np.asarray((np.fmod if call.node.integer("fmod", 0) else np.mod)(*call.arrays))


def _divided(call: ConstantCall) -> Numbers:
    first, second = call.arrays
    if np.issubdtype(np.asarray(first).dtype, np.integer):
        whole: Numbers = np.trunc(first / second).astype(first.dtype)
        return whole
    made: Numbers = first / second
    return made


def _range(call: ConstantCall) -> Numbers:
    start, end, step = (one.item() for one in call.arrays)
    if step == 0 or (end - start) / step > LARGEST_KNOWN:
        raise UnboundedError("makes a too large constant")
    return np.arange(start, end, step, dtype=call.arrays[0].dtype)


def _filled(call: ConstantCall) -> Numbers:
    sides = [int(one) for one in call.arrays[0].ravel()]
    if math.prod(sides) > LARGEST_KNOWN:
        raise UnboundedError("makes a too large constant")
    held = call.node.attributes["value"].tensors if "value" in call.node.attributes else ()
    value = held[0].array() if held else np.zeros(1, np.float32)
    if value is None:
        raise UnboundedError("is a constant that is not a number")
    return np.full(sides, np.asarray(value).ravel()[0])


def _expanded(call: ConstantCall) -> Numbers:
    sides = np.broadcast_shapes(call.arrays[0].shape, tuple(int(one) for one in call.arrays[1].ravel()))
    return np.broadcast_to(call.arrays[0], sides)


def _tiled(call: ConstantCall) -> Numbers:
    times = [int(one) for one in call.arrays[1].ravel()]
    if math.prod(times) * call.arrays[0].size > LARGEST_KNOWN:
        raise UnboundedError("makes a too large constant")
    return np.tile(call.arrays[0], times)


def _split(call: ConstantCall) -> list[Numbers]:
    sizes = split_sizes(call)
    axis = call.node.integer("axis", 0)
    if not sizes:
        return np.array_split(call.arrays[0], len(call.node.outputs), axis)
    return np.split(call.arrays[0], np.cumsum(sizes)[:-1], axis)


def _concatenated(call: ConstantCall) -> Numbers:
    return np.concatenate(call.arrays, call.node.integer("axis", 0))


def _padded(call: ConstantCall) -> Numbers:
    found = padding(call)
    sides = [side + sum(both) for side, both in zip(call.arrays[0].shape, found.ends, strict=True)]
    filling = call.arrays[2] if len(call.arrays) > 2 else None
    if math.prod(sides) > LARGEST_KNOWN or call.node.text("mode", "constant") != "constant" or found.axes is not None:
        raise UnboundedError("pads constants in a way that repix does not know")
    old = call.node.attributes["value"].float_value if "value" in call.node.attributes else 0
    return np.pad(call.arrays[0], found.ends, constant_values=old if filling is None else filling.item())


def _gathered(call: ConstantCall) -> Numbers:
    array, places = call.arrays
    axis = call.node.integer("axis", 0)
    if places.size * array.size > LARGEST_SHAPED * array.shape[axis]:
        raise UnboundedError("makes a too large constant")
    made: Numbers = np.take(array, places, axis)
    return made


def _transposed(call: ConstantCall) -> Numbers:
    return np.transpose(call.arrays[0], call.node.integers("perm") or None)


def _plain(function: Callable[..., Any]) -> "FoldFunction":
    def fold(call: ConstantCall) -> Numbers:
        if math.prod(np.broadcast_shapes(*(one.shape for one in call.arrays))) > LARGEST_KNOWN:
            raise UnboundedError("makes a too large constant")
        return np.asarray(function(*call.arrays))

    return fold


def _reduction(function: Callable[..., Any]) -> "FoldFunction":
    def fold(call: ConstantCall) -> Numbers:
        named = tuple(call.integers(1) or call.node.integers("axes"))
        if not named and call.node.integer("noop_with_empty_axes", 0):
            return _first(call)
        made = function(call.arrays[0], axis=named or None, keepdims=bool(call.node.integer("keepdims", 1)))
        return np.asarray(made).astype(call.arrays[0].dtype)

    return fold


def _first(call: ConstantCall) -> Numbers:
    made: Numbers = call.arrays[0]
    return made


FoldFunction = Callable[[ConstantCall], Numbers | list[Numbers]]
FOLDED: dict[str, FoldFunction] = {
    "Cast": _cast, "Identity": _first, "Dropout": _first, "Reshape": _reshape, "Slice": _slice, "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze, "Div": _divided, "Range": _range, "ConstantOfShape": _filled, "Expand": _expanded,
    "Pad": _padded,
    "Tile": _tiled, "Split": _split, "Concat": _concatenated, "Gather": _gathered, "Transpose": _transposed,
    "Add": _plain(np.add), "Sub": _plain(np.subtract), "Mul": _plain(np.multiply), "Pow": _plain(np.power),
    "Mod": _remainder, "Max": _plain(lambda *all_: np.max(np.broadcast_arrays(*all_), axis=0)),
    "Min": _plain(lambda *all_: np.min(np.broadcast_arrays(*all_), axis=0)), "Neg": _plain(np.negative),
    "Abs": _plain(np.abs), "Floor": _plain(np.floor), "Ceil": _plain(np.ceil), "Round": _plain(np.round),
    "Sqrt": _plain(np.sqrt), "Exp": _plain(np.exp), "Reciprocal": _plain(np.reciprocal), "Not": _plain(np.logical_not),
    "And": _plain(np.logical_and), "Or": _plain(np.logical_or), "Equal": _plain(np.equal), "Less": _plain(np.less),
    "Greater": _plain(np.greater), "LessOrEqual": _plain(np.less_equal), "GreaterOrEqual": _plain(np.greater_equal),
    "Where": _plain(np.where), "Relu": _plain(lambda x: np.maximum(x, 0)),
    "Sigmoid": _plain(lambda x: 1 / (1 + np.exp(-x))),
    "ReduceSum": _reduction(np.sum), "ReduceProd": _reduction(np.prod), "ReduceMax": _reduction(np.max),
    "ReduceMin": _reduction(np.min), "ReduceMean": _reduction(np.mean), "Size": _plain(np.size),
    "DequantizeLinear": _first,
}  # fmt: skip
"""The NumPy function of each operator. DequantizeLinear keeps the shape, which is enough for weights."""
ELEMENTWISE = frozenset(FOLDED) - {"Slice", "Range", "Pad", "Split", "Gather", "Size", *REDUCING}
"""Operators whose values do not depend on the size: a constant array stays constant."""
