"""Evaluation of a graph for constant pictures: every tensor as one period, exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from repix.audit.errors import UnpredictableError
from repix.audit.graph import ModelGraph
from repix.audit.periodic import neighborhood, pointwise, shapes
from repix.audit.periodic.tensor import Call, Numbers, Operator, Periodic, Value, periodic
from repix.conversion.graph_limits import COMMON
from repix.conversion.onnx_import.receptive_field import UnboundedError
from repix.conversion.onnx_import.receptive_field.constant_folding import constant, fold
from repix.conversion.onnx_import.receptive_field.values import ConstantArray
from repix.conversion.onnx_reader import Node
from repix.conversion.protobuf import DamagedError

OPERATORS: dict[str, Operator] = {**pointwise.OPERATORS, **neighborhood.OPERATORS, **shapes.OPERATORS}
CONTROL = ("If", "Loop", "Scan")
"""Operators that run other graphs."""
Change = Callable[[Node, Periodic], Periodic]
"""A function that replaces the first output of a node."""


@dataclass(frozen=True)
class Run:
    """The tensors of a graph for one constant picture."""

    values: Mapping[str, Value]
    unknown: Mapping[str, str]
    """The reason for each tensor that cannot be predicted: a sentence that starts with the operator."""

    def tensor(self, name: str) -> Periodic | None:
        """Return a tensor that depends on the picture; None if it does not, or cannot be predicted."""
        found = self.values.get(name)
        return found if isinstance(found, Periodic) else None


@dataclass
class Evaluator:
    """Evaluates a graph for constant pictures of one size; constants are computed once."""

    model: ModelGraph
    size: tuple[int, ...]
    """The size of the picture: batch, channels, rows, columns; also for a graph with the channels last."""
    constants: dict[str, Numbers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for tensor in self.model.graph.tensors:
            try:
                array = self.model.array(tensor)
            except DamagedError:
                array = None
            if array is not None:
                self.constants[tensor.name] = array

    def run(self, color: Sequence[float], change: Change | None = None) -> Run:
        """Return the tensors for a picture of one color."""
        sides = (1,) * (len(self.size) - 2)
        tile = np.asarray(color, np.float64).reshape(1, -1, *sides)
        given = Periodic(tile, self.size, (None, None, *[Fraction(1)] * len(sides)))
        if self.model.inputs[0].channels_last:
            given = shapes.with_order(given, (0, 2, 3, 1))
        values: dict[str, Value] = {**self.constants, self.model.inputs[0].name: given}
        unknown: dict[str, str] = {}
        for node in self.model.nodes:
            if all(name in self.constants for name in node.outputs if name):
                continue
            try:
                made = self._made(node, values, unknown)
            except UnpredictableError as problem:
                unknown |= {name: str(problem) for name in node.outputs if name}
                continue
            for name, value in zip(node.outputs, made, strict=False):
                if change is not None and isinstance(value, Periodic) and name == node.outputs[0]:
                    values[name] = change(node, value)
                elif name:
                    values[name] = value
                    if not isinstance(value, Periodic):
                        self.constants[name] = value
        return Run(values, unknown)

    def _made(self, node: Node, values: Mapping[str, Value], unknown: Mapping[str, str]) -> Sequence[Value]:
        """Return the outputs of a node."""
        earlier = next((unknown[name] for name in node.inputs if name in unknown), None)
        if earlier is not None:
            raise UnpredictableError(earlier)
        if any(name and name not in values for name in node.inputs):
            raise UnpredictableError(f"{node} reads a tensor that repix cannot read")
        inputs = [values[name] if name else None for name in node.inputs]
        try:
            return outputs(node, inputs, self.model.opset)
        except (UnpredictableError, UnboundedError) as problem:
            raise UnpredictableError(f"{node} {problem}") from None
        except (DamagedError, IndexError, ValueError, ArithmeticError, TypeError, AttributeError, KeyError):
            raise UnpredictableError(f"{node} has inputs that its operator does not allow") from None


def outputs(node: Node, inputs: Sequence[Value | None], opset: int) -> Sequence[Value]:
    """Return the outputs of a node for these inputs."""
    if node.kind in CONTROL:
        raise UnpredictableError("chooses or repeats a graph (control flow)")
    if node.domain not in COMMON:
        raise UnpredictableError("is an operator that repix does not know")
    if node.kind == "Constant":
        return [_constant(node)]
    if node.kind == "Shape" and inputs[0] is not None:
        sides = inputs[0].shape
        wanted = slice(node.integer("start", 0), node.integer("end", len(sides)))
        return [np.array(sides[wanted], np.int64)]
    if any(isinstance(one, Periodic) for one in inputs):
        if node.kind not in OPERATORS:
            raise UnpredictableError("is an operator that repix does not know")
        return OPERATORS[node.kind](Call(node, inputs, opset))
    return _folded(node, inputs, opset)


def _constant(node: Node) -> Numbers:
    held = node.attributes.get("value")
    array = held.tensors[0].array() if held is not None and held.tensors else constant(node).array
    if array is None:
        raise UnpredictableError("is a constant that is not a number")
    return array


def _folded(node: Node, inputs: Sequence[Value | None], opset: int) -> list[Numbers]:
    """Return the outputs of a node that depends on constants only."""
    if node.kind == "DequantizeLinear":
        first, *rest = inputs
        weights = None if first is None else periodic(first)
        return [one.tile for one in OPERATORS[node.kind](Call(node, [weights, *rest], opset))]
    arrays = [None if one is None or isinstance(one, Periodic) else ConstantArray(one) for one in inputs]
    return [one.array for one in fold(node, arrays, opset)]
