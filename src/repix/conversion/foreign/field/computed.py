"""The receptive field of a graph, computed from its nodes: kernels, strides, dilations, padding and resizing of each.

The graph is gone through with the sizes of a picture but without its pixels. What every node does to rows and columns
is known (see `windows`, `moves`, `shapes`, `pointwise`), or the graph has no finite halo that follows from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from repix.conversion.foreign.field import folding, moves, pointwise, shapes, windows
from repix.conversion.foreign.field.endless import EndlessError, MisalignedError
from repix.conversion.foreign.field.extent import Extent
from repix.conversion.foreign.field.values import PLACES, Call, Flow, Known, Result, Value
from repix.conversion.graph_limits import COMMON
from repix.conversion.onnx_parts import GraphParts, Node
from repix.conversion.protobuf import DamagedError
from repix.printable import printable

OPERATORS = {**pointwise.OPERATORS, **windows.OPERATORS, **moves.OPERATORS, **shapes.OPERATORS}
LONG = (4099, 3079)
"""About how high and wide the pictures are whose sizes go through the graph; what differs between them has no halo.

The second is one step higher and wider, so that no remainder of a division is the same in both by chance.
"""
SHORT, HALOS = 256, 16
"""The last is wider than high, and as small as tiles are: at least so many pixels, so many halos and so many steps."""
MOST_EXACT, MOST_SHAPED = 50_000_000, 1 << 32
"""Numbers that are worked out, all together, and those of arrays of which only the shape is wanted."""
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

    def through(*about: int) -> Passage:
        return _through(graph, opset, scale, _picture(channels, step, about))

    height, width = LONG
    found = through(height, width)
    if through(height + step, width + step) != found:
        raise MisalignedError("The graph depends on what remains of the picture's size.")
    short = max(SHORT, HALOS * found.field.halo, HALOS * step)
    if short < width and through(short, short + short // 2) != found:
        raise EndlessError("The graph depends on the picture's size.")
    return found.field


@dataclass(frozen=True)
class Passage:
    """What is the same for pictures of all sizes that go through a graph."""

    field: Field
    geometry: tuple[object, ...]
    """Of all that is made of the picture on the way."""


def _picture(channels: int, step: int, about: Sequence[int]) -> Flow:
    """A picture of about this height and width."""
    sides = [-(-one // step) * step for one in about]
    return Flow((1, channels, *(Extent(side, long, step, long) for side, long in enumerate(sides))))


def _through(graph: GraphParts, opset: int, scale: int, picture: Flow) -> Passage:
    values: dict[str, Value] = _constants(graph)
    taken = next((name for name in graph.inputs if name not in values), None)
    if taken is None:
        raise EndlessError("The graph takes no picture.")
    if not graph.outputs:
        raise EndlessError("The graph has no output.")
    values[taken] = picture
    geometry: list[object] = []
    left = {True: MOST_EXACT, False: MOST_SHAPED}
    for node in _needed(graph):
        try:
            made = _made(node, values, opset)
        except MisalignedError as problem:
            raise MisalignedError(printable(f"{node} {problem}")) from None
        except (EndlessError, DamagedError, IndexError, ValueError, ArithmeticError) as problem:
            said = str(problem) if isinstance(problem, EndlessError) else "is not what its operator takes"
            raise EndlessError(printable(f"{node} {said}")) from None
        values |= {name: value for name, value in zip(node.outputs, made, strict=False) if name}
        geometry += [value.geometry for value in made if isinstance(value, Flow)]
        for value in made:
            if isinstance(value, Known):
                left[value.exact] -= value.array.size
        if min(left.values()) < 0:
            raise EndlessError(f"{node} works on constants that are too many")
    return Passage(_field(values.get(graph.outputs[0]), scale), tuple(geometry))


def _constants(graph: GraphParts) -> dict[str, Value]:
    """The graph's own tensors."""
    try:
        return {tensor.name: folding.known(tensor) for tensor in graph.tensors}
    except DamagedError:
        raise EndlessError("The graph holds tensors that are damaged.") from None


def _made(node: Node, values: Mapping[str, Value], opset: int) -> Result:
    """What a node gives."""
    if node.domain not in COMMON:
        raise EndlessError("is no operator that repix knows")
    lacking = next((name for name in node.inputs if name and name not in values), None)
    if lacking is not None:
        raise EndlessError(f"takes '{lacking}', which repix does not follow")
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
    _require_no_sizes(node, inputs)
    made = OPERATORS[node.kind](Call(node, inputs, opset))
    if any(prod(value.shape) > MOST_NUMBERS for value in made):
        raise EndlessError("makes too many numbers")
    return made


def _require_no_sizes(node: Node, inputs: Sequence[Value | None]) -> None:
    """Refuse numbers that meet the picture's and depend on its size; sizes and places may."""
    for place, one in enumerate(inputs):
        if isinstance(one, Known) and one.is_sized and place not in PLACES.get(node.kind, ()):
            raise EndlessError("works with numbers that depend on the picture's size")


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
