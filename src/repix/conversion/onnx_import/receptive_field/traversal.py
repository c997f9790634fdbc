"""The receptive field of a graph, computed from its nodes: kernels, strides, dilations, padding and resizing of each.

The sizes of a picture are propagated through the graph, without pixels. The effect of each operator on rows and columns
is known (see `neighborhood`, `pad_and_slice`, `shapes`, `pointwise`); otherwise the graph has no known halo.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from repix.conversion.graph_limits import COMMON
from repix.conversion.onnx_import.receptive_field import (
    constant_folding,
    neighborhood,
    pad_and_slice,
    pointwise,
    shapes,
)
from repix.conversion.onnx_import.receptive_field.errors import MisalignedError, UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_import.receptive_field.values import (
    INDEX_INPUTS,
    Call,
    ConstantArray,
    PictureTensor,
    Result,
    Value,
)
from repix.conversion.onnx_reader import Node, ParsedGraph
from repix.conversion.protobuf import DamagedError
from repix.printable import printable

OPERATORS = {**pointwise.OPERATORS, **neighborhood.OPERATORS, **pad_and_slice.OPERATORS, **shapes.OPERATORS}
LARGE_SIZE = (4099, 3079)
"""Approximate height and width of the pictures that are propagated; a graph that differs between them has no halo.

The second picture is one step higher and wider, so that no remainder of a division is equal by chance.
"""
SMALL_SIDE, SMALL_IN_HALOS = 256, 16
"""The last picture is wider than high and as small as a tile: at least this many pixels, halos and steps."""
MOST_EXACT, MOST_SHAPED = 50_000_000, 1 << 32
"""The most values of computed constants, and of constants of which only the shape is computed."""
MOST_NUMBERS = 1 << 40
"""The most values of a tensor: 80,000 channels of the picture's size."""


@dataclass(frozen=True)
class ReceptiveField:
    """The margins of the receptive field, in pixels on each side."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def halo(self) -> int:
        """The largest margin."""
        return max(self.top, self.bottom, self.left, self.right)


def receptive_field(graph: ParsedGraph, opset: int, channels: int, scale: int, step: int) -> ReceptiveField:
    """Return the receptive field of a graph N×C×H×W whose sides are multiples of a step, or raise UnboundedError.

    The nodes must be in order, see `graph_limits`.
    """

    def through(*about: int) -> Propagation:
        return _through(graph, opset, scale, _picture(channels, step, about))

    height, width = LARGE_SIZE
    found = through(height, width)
    other = through(height + step, width + step)
    if other != found:
        raise MisalignedError(f"{found.first_difference(other)} depends on what remains of the picture's size.")
    short = max(SMALL_SIDE, SMALL_IN_HALOS * found.field.halo, SMALL_IN_HALOS * step)
    other = through(short, short + short // 2) if short < width else found
    if other != found:
        raise UnboundedError(f"{found.first_difference(other)} depends on the picture's size.")
    return found.field


@dataclass(frozen=True)
class Propagation:
    """The properties of a graph that are equal for pictures of all sizes."""

    field: ReceptiveField
    geometry: tuple[tuple[str, object], ...]
    """The node and the geometry of all intermediate tensors."""

    def first_difference(self, other: "Propagation") -> str:
        """Return the first node whose result has another geometry for a picture of another size."""
        pairs = zip(self.geometry, other.geometry, strict=False)
        return next((one[0] for one, another in pairs if one != another), "The graph")


def _picture(channels: int, step: int, about: Sequence[int]) -> PictureTensor:
    """Return a picture of approximately this height and width."""
    sides = [-(-one // step) * step for one in about]
    return PictureTensor((1, channels, *(Extent(side, long, step, long) for side, long in enumerate(sides))))


def _through(graph: ParsedGraph, opset: int, scale: int, picture: PictureTensor) -> Propagation:
    values: dict[str, Value] = _constants(graph)
    taken = next((name for name in graph.inputs if name not in values), None)
    if taken is None:
        raise UnboundedError("The graph takes no picture.")
    if not graph.outputs:
        raise UnboundedError("The graph has no output.")
    values[taken] = picture
    geometry: list[tuple[str, object]] = []
    left = {True: MOST_EXACT, False: MOST_SHAPED}
    for node in _needed(graph):
        try:
            made = _made(node, values, opset)
        except MisalignedError as problem:
            raise MisalignedError(printable(f"{node} {problem}")) from None
        except (UnboundedError, DamagedError, IndexError, ValueError, ArithmeticError) as problem:
            said = (
                str(problem) if isinstance(problem, UnboundedError) else "has inputs that its operator does not allow"
            )
            raise UnboundedError(printable(f"{node} {said}")) from None
        values |= {name: value for name, value in zip(node.outputs, made, strict=False) if name}
        geometry += [(str(node), value.geometry) for value in made if isinstance(value, PictureTensor)]
        for value in made:
            if isinstance(value, ConstantArray):
                left[value.exact] -= value.array.size
        if min(left.values()) < 0:
            raise UnboundedError(f"{node} works on too many constants")
    return Propagation(_field(values.get(graph.outputs[0]), scale), tuple(geometry))


def _constants(graph: ParsedGraph) -> dict[str, Value]:
    """Return the graph's initializers."""
    try:
        return {tensor.name: constant_folding.constant_of(tensor) for tensor in graph.tensors}
    except DamagedError:
        raise UnboundedError("The graph holds tensors that are damaged.") from None


def _made(node: Node, values: Mapping[str, Value], opset: int) -> Result:
    """Return the outputs of a node."""
    if node.domain not in COMMON:
        raise UnboundedError("is an operator that repix does not know")
    lacking = next((name for name in node.inputs if name and name not in values), None)
    if lacking is not None:
        raise UnboundedError(f"reads '{lacking}', which repix cannot trace")
    inputs = [values[name] if name else None for name in node.inputs]
    if node.kind == "Constant":
        return [constant_folding.constant(node)]
    if node.kind == "Shape" and inputs[0] is not None:
        return [constant_folding.shape(node, inputs[0])]
    constants = [one for one in inputs if one is None or isinstance(one, ConstantArray)]
    if len(constants) == len(inputs):
        return constant_folding.fold(node, constants, opset)
    if node.kind not in OPERATORS:
        raise UnboundedError("has a receptive field that repix does not know")
    _require_no_sizes(node, inputs)
    made = OPERATORS[node.kind](Call(node, inputs, opset))
    if any(prod(value.shape) > MOST_NUMBERS for value in made):
        raise UnboundedError("makes a too large tensor")
    return made


def _require_no_sizes(node: Node, inputs: Sequence[Value | None]) -> None:
    """Refuse operands that depend on the picture's size, unless they are sizes or indices."""
    for place, one in enumerate(inputs):
        if isinstance(one, ConstantArray) and one.is_sized and place not in INDEX_INPUTS.get(node.kind, ()):
            raise UnboundedError("has an operand that depends on the picture's size")


def _needed(graph: ParsedGraph) -> list[Node]:
    """Return the nodes that the first output depends on, in order."""
    wanted, found = set(graph.outputs[:1]), []
    for node in reversed(graph.nodes):
        if wanted & set(node.outputs):
            found.append(node)
            wanted |= set(node.inputs)
    return found[::-1]


def _field(value: Value | None, scale: int) -> ReceptiveField:
    """Return the receptive field of the output."""
    axes = value.axes[2:] if isinstance(value, PictureTensor) and len(value.axes) == 4 else ()
    found = [axis for axis in axes if isinstance(axis, Extent)]
    if [axis.side for axis in found] != [0, 1]:
        raise UnboundedError("The result does not have the picture's rows and columns.")
    for axis in found:
        if axis.pixel != Fraction(1, scale) or axis.size != axis.long * scale:
            raise UnboundedError("The result does not have the picture's size.")
    (top, bottom), (left, right) = (axis.halo for axis in found)
    return ReceptiveField(top, bottom, left, right)
