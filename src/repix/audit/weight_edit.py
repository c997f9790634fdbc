"""New values for constant tensors of an ONNX file, with the package `onnx`; all other parts of the file stay.

A node gets a constant of its own, of the type that is stored: 16-bit weights with a cast to 32 bits stay 16-bit; 8-bit
weights with scales become 32-bit. So other nodes with the same weights keep them. Constants that no node uses
afterwards are removed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.model_file import without_contract
from repix.conversion.onnx_reader import DOUBLE, FLOAT, FLOAT16, INT8

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

SUFFIX = ".even"
"""The ending of the names of new constants."""
PASSING = ("Cast", "Identity")
"""The operators between a constant and its use that can be repeated for a new one."""
OWN_INPUTS = 4
"""The first version of ONNX's format whose initializers need not be inputs of the graph."""


class WeightEdit:
    """An ONNX file whose constants get new values."""

    def __init__(self, content: bytes) -> None:
        onnx = registry.library("onnx")
        self._model = onnx.load_model_from_string(without_contract(content))
        self._graph: GraphProto = self._model.graph
        self._initializers = {one.name: one for one in self._graph.initializer}
        self._makers = {name: node for node in self._graph.node for name in node.output if name}
        self._made: dict[tuple[str, bytes], str] = {}
        self._inserted = 0

    def array(self, name: str) -> Array | None:
        """Return a stored constant in the type in which it is stored; None if it is computed, or quantized.

        8-bit weights that a cast and a multiplication by scales widen, as repix stores them, are returned in 32 bits.
        """
        from onnx import numpy_helper

        scaled = self._scaled(name)
        if scaled is not None:
            widened: Array = numpy_helper.to_array(scaled[0]).astype("f4") * numpy_helper.to_array(scaled[1])
            return widened
        stored = self._stored(name)
        if stored is None:
            return None

        values: Array = numpy_helper.to_array(stored)
        return values

    def replace(self, output: str, place: int, values: Array) -> Array:
        """Give a node's input new values; return them as they are stored.

        Args:
            output: an output of the node.
            place: the number of its input, which `array` can read.
            values: the values; they are rounded to the type that is stored.
        """
        from onnx import numpy_helper

        node = self._makers[output]
        name = node.input[place]
        old = self.array(name)
        if old is None:
            raise ValueError(f"{name} is not a stored constant.")  # asked for by callers before
        stored: Array = values.reshape(old.shape).astype(old.dtype)
        key = name, stored.tobytes()
        if key not in self._made:
            self._made[key] = self._repeated(name, numpy_helper.from_array(stored, self._free_name(name)))
        node.input[place] = self._made[key]
        return stored

    def content(self) -> bytes:
        """Return the new file, without a contract."""
        self._remove_unused()
        made: bytes = self._model.SerializeToString(deterministic=True)
        return made

    def _stored(self, name: str) -> "TensorProto | None":
        """Return the stored tensor that is behind a name, of float values."""
        node = self._makers.get(name)
        if node is not None and node.op_type in PASSING:
            return self._stored(node.input[0])
        found: TensorProto | None = self._initializers.get(name)
        if node is not None and node.op_type == "Constant":
            found = next((one.t for one in node.attribute if one.name == "value"), None)
        if found is None or found.data_type not in (FLOAT, FLOAT16, DOUBLE) or found.external_data:
            return None
        return found

    def _scaled(self, name: str) -> "tuple[TensorProto, TensorProto] | None":
        """Return the 8-bit weights and the scales that are behind a name; None if it is something else."""
        product = self._makers.get(name)
        if product is None or product.op_type != "Mul":
            return None
        cast = self._makers.get(product.input[0])
        if cast is None or cast.op_type != "Cast" or cast.attribute[0].i != FLOAT:
            return None
        codes, scales = (self._initializers.get(one) for one in (cast.input[0], product.input[1]))
        if codes is None or scales is None or codes.external_data or scales.external_data:
            return None
        return (codes, scales) if (codes.data_type, scales.data_type) == (INT8, FLOAT) else None

    def _repeated(self, name: str, tensor: "TensorProto") -> str:
        """Add a constant, and the nodes between the old one and its use; return the name for the use."""
        from onnx import helper

        node = self._makers.get(name)
        passing = node is not None and node.op_type in PASSING
        if node is None or not passing:
            self._add(tensor)
            return tensor.name
        source = self._repeated(node.input[0], tensor)
        copy = helper.make_node("Identity", [], [])
        copy.CopyFrom(node)
        copy.input[0], copy.name = source, node.name and node.name + SUFFIX
        copy.output[0] = self._free_name(f"{name}.cast")
        self._graph.node.insert(self._inserted, copy)
        self._inserted += 1
        self._makers[copy.output[0]] = self._graph.node[self._inserted - 1]
        return str(copy.output[0])

    def _add(self, tensor: "TensorProto") -> None:
        from onnx import helper

        self._graph.initializer.append(tensor)
        self._initializers[tensor.name] = self._graph.initializer[-1]
        if self._model.ir_version < OWN_INPUTS:
            self._graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))

    def _free_name(self, name: str) -> str:
        """Return a name that no tensor of the graph has."""
        taken = {*self._initializers, *self._makers, *(one.name for one in self._graph.input)}
        made, number = name + SUFFIX, 1
        while made in taken:
            made, number = f"{name}{SUFFIX}{number}", number + 1
        return made

    def _remove_unused(self) -> None:
        """Remove what only the replaced constants needed."""
        for name in {name for name, _ in self._made}:
            self._remove(name)

    def _remove(self, name: str) -> None:
        if name in set(_uses(self._graph)):
            return
        node = self._makers.get(name)
        if node is not None:
            self._graph.node.remove(node)
            for source in node.input if node.op_type in (*PASSING, "Mul") else ():
                self._remove(source)
            return
        for parts in (self._graph.initializer, self._graph.input):
            for one in [one for one in parts if one.name == name]:
                parts.remove(one)


def _uses(graph: "GraphProto") -> Iterator[str]:
    """Yield the names that nodes, nested graphs and outputs use."""
    yield from (one.name for one in graph.output)
    for node in graph.node:
        yield from node.input
        for nested in _nested(node):
            yield from _uses(nested)


def _nested(node: "NodeProto") -> Iterator["GraphProto"]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs
