"""The receptive field of a graph, computed from its nodes: kernels, strides, dilations, padding and resizing of each.

The graph is gone through with the sizes of a picture but without its pixels. What every node does to rows and columns
is known (see `windows`, `moves`, `shapes`, `pointwise`), or the graph has no finite halo that follows from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from repix.conversion.foreign.field import folding, moves, pointwise, shapes, windows
from repix.conversion.foreign.field.endless import EndlessError, MisalignedError
from repix.conversion.foreign.field.extent import Extent
from repix.conversion.foreign.field.values import Call, Flow, Known, Result, Value
from repix.conversion.graph_limits import COMMON
from repix.conversion.onnx_parts import GraphParts, Node
from repix.conversion.protobuf import DamagedError

OPERATORS = {**pointwise.OPERATORS, **windows.OPERATORS, **moves.OPERATORS, **shapes.OPERATORS}
LONG = ((4096, 3072), (4608, 3840))
"""About how high and wide the pictures are whose sizes go through the graph; what differs between them has no halo."""
MOST_NUMBERS = 1 << 40
"""Of a tensor made of such a picture: 80,000 channels of the picture's own size."""


@dataclass(frozen=True)
class Field:
    """How many pixels around its own a pixel of the result depends on, its padding included."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def halo(self) -> int:
        """The most of all."""
        return max(self.top, self.bottom, self.left, self.right)


def receptive_field(graph: GraphParts, opset: int, channels: int, scale: int, step: int) -> Field:
    """The field of a graph N×C×H×W whose sides are multiples of a step; EndlessError where none follows from it.

    The graph must be in order, see `graph_limits`.
    """
    found = [_through(graph, opset, channels, scale, step, size) for size in LONG]
    if found[0] != found[1]:
        raise EndlessError("The graph depends on the picture's size.")
    return found[0]


def _through(graph: GraphParts, opset: int, channels: int, scale: int, step: int, about: tuple[int, int]) -> Field:
    sides = [Extent(side, long, step, long) for side, long in enumerate(-(-one // step) * step for one in about)]
    taken = next(name for name in graph.inputs if name not in {tensor.name for tensor in graph.tensors})
    values: dict[str, Value] = {tensor.name: folding.known(tensor) for tensor in graph.tensors}
    values[taken] = Flow((1, channels, *sides))
    for node in _needed(graph):
        try:
            made = _made(node, values, opset)
        except MisalignedError as problem:
            raise MisalignedError(f"{node} {problem}") from None
        except (EndlessError, DamagedError, IndexError, ValueError, ArithmeticError) as problem:
            said = str(problem) if isinstance(problem, EndlessError) else "is not what its operator takes"
            raise EndlessError(f"{node} {said}") from None
        values |= {name: value for name, value in zip(node.outputs, made, strict=False) if name}
    return _field(values.get(graph.outputs[0]), scale)


def _made(node: Node, values: Mapping[str, Value], opset: int) -> Result:
    """What a node gives."""
    if node.domain not in COMMON:
        raise EndlessError("is no operator that repix knows")
    inputs = [values[name] if name else None for name in node.inputs]
    if node.kind == "Constant":
        return [folding.constant(node)]
    if node.kind == "Shape" and inputs[0] is not None:
        return [folding.shape(node, inputs[0])]
    constants = [one for one in inputs if one is None or isinstance(one, Known)]
    if len(constants) == len(inputs):
        return folding.folded(node, constants, opset)
    if node.kind not in OPERATORS:
        raise EndlessError("has a reach that repix does not know")
    made = OPERATORS[node.kind](Call(node, inputs, opset))
    if any(prod(value.shape) > MOST_NUMBERS for value in made):
        raise EndlessError("makes too many numbers")
    return made


def _needed(graph: GraphParts) -> list[Node]:
    """The nodes on which the first output depends, in order."""
    wanted, found = set(graph.outputs[:1]), []
    for node in reversed(graph.nodes):
        if wanted & set(node.outputs):
            found.append(node)
            wanted |= set(node.inputs)
    return found[::-1]


def _field(value: Value | None, scale: int) -> Field:
    """What the output says of itself."""
    axes = value.axes[2:] if isinstance(value, Flow) and len(value.axes) == 4 else ()
    found = [axis for axis in axes if isinstance(axis, Extent)]
    if [axis.side for axis in found] != [0, 1]:
        raise EndlessError("The result is no picture of the picture's rows and columns.")
    for axis in found:
        if axis.pixel != Fraction(1, scale) or axis.size != axis.long * scale:
            raise EndlessError("The result is not the picture's size.")
    (top, bottom), (left, right) = (axis.halo for axis in found)
    return Field(top, bottom, left, right)
