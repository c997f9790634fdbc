"""A reader of ONNX graphs: nodes, attributes and tensors, without the package `onnx`; see `protobuf`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.protobuf import (
    FOUR_BYTES,
    Bytes,
    DamagedError,
    Field,
    decode_text,
    floats,
    integer_field,
    integers,
    optional_field,
    repeated_field,
    signed,
    subfields,
    text_field,
)
from repix.printable import printable

FLOAT, INT8, INT64, FLOAT16, DOUBLE, BFLOAT16 = 1, 3, 7, 10, 11, 16
TYPE_NAMES = {
    FLOAT: "float32", 2: "uint8", INT8: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
    FLOAT16: "float16", DOUBLE: "float64", BFLOAT16: "bfloat16",
}  # fmt: skip
"""Names of ONNX's data types."""
NUMPY_TYPES = {
    FLOAT: "<f4", 2: "u1", INT8: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", FLOAT16: "<f2", DOUBLE: "<f8",
    12: "<u4", 13: "<u8",
}  # fmt: skip
"""NumPy's names of ONNX's data types."""
BITS = {
    FLOAT: 32, 2: 8, INT8: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, FLOAT16: 16, DOUBLE: 64, 12: 32, 13: 64, 14: 64,
    15: 128, BFLOAT16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
"""Bits per value in raw data, by data type."""

NODE, INITIALIZER, INPUT, OUTPUT, SPARSE = 1, 5, 11, 12, 15
"""Fields of ONNX's GraphProto."""
DIMS, DATA_TYPE, TENSOR_NAME, RAW_DATA, EXTERNAL, LOCATION = 1, 2, 8, 9, 13, 14
"""Fields of ONNX's TensorProto."""
FLOATS, INT32S, TEXTS, INT64S, DOUBLES, UINT64S = 4, 5, 6, 7, 10, 11
"""Fields of ONNX's TensorProto that hold values by type."""
GRAPH, FUNCTIONS = 7, 25
"""Fields of ONNX's ModelProto."""


class NestedError(Exception):
    """Graphs are nested too deep."""


@dataclass(frozen=True)
class Tensor:
    """A constant tensor of a graph."""

    name: str
    kind: int
    """One of TYPE_NAMES."""
    dims: tuple[int, ...]
    external: bool
    """True if its values are in another file (external data)."""
    raw: Bytes | None
    typed: tuple[Field, ...]

    @property
    def count(self) -> int:
        """The number of values."""
        return math.prod(self.dims)

    def array(self) -> NDArray[Any] | None:
        """Return the values; None if NumPy has no such type, or if they are in another file."""
        stored = NUMPY_TYPES.get(self.kind)
        if stored is None or self.external:
            return None
        try:
            if self.raw is not None:
                return np.frombuffer(bytes(self.raw), stored).reshape(self.dims)
            return self._typed(stored).reshape(self.dims)
        except (ValueError, OverflowError):
            raise DamagedError from None

    def _typed(self, stored: str) -> NDArray[Any]:
        found: list[Any] = []
        for one in self.typed:
            if one.number == FLOATS:
                found += floats(one)
            elif one.number == DOUBLES:
                found += np.frombuffer(bytes(one.content), "<f8").tolist()
            else:
                found += [signed(value) for value in integers(one)]
        if self.kind == FLOAT16:
            return np.array(found, np.int64).astype("<u2").view(stored)
        return np.array(found, np.dtype(stored) if self.kind not in (12, 13) else np.int64).astype(stored)


@dataclass(frozen=True)
class Node:
    """A node: its operator, the names of its inputs and outputs, and its attributes."""

    kind: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, "Attribute"]

    def __str__(self) -> str:
        return printable(f"{self.kind} '{self.name or next(iter(self.outputs), '')}'")

    def integer(self, name: str, default: int) -> int:
        """Return an integer attribute."""
        found = self.attributes.get(name)
        return default if found is None else found.integer

    def integers(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return an attribute that is a list of integers."""
        found = self.attributes.get(name)
        return default if found is None else found.integers

    def text(self, name: str, default: str) -> str:
        """Return a text attribute."""
        found = self.attributes.get(name)
        return default if found is None else found.text


@dataclass(frozen=True)
class Attribute:
    """One attribute of a node; the fields of other types are empty."""

    integer: int = 0
    integers: tuple[int, ...] = ()
    float_value: float = 0.0
    floats: tuple[float, ...] = ()
    text: str = ""
    tensors: tuple[Tensor, ...] = ()
    graphs: tuple["ParsedGraph", ...] = ()
    sparse: bool = False


@dataclass(frozen=True)
class ParsedGraph:
    """A graph: its nodes in the order of the file, its initializers, and the names of its inputs and outputs."""

    nodes: tuple[Node, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    sparse: bool = False
    functions: Mapping[tuple[str, str], "ParsedGraph"] = field(default_factory=dict)
    """The model's own functions by domain and name."""

    def all_tensors(self) -> Iterator[Tensor]:
        """Yield all tensors, also those of nodes, nested graphs and functions."""
        yield from self.tensors
        for attribute in (one for node in self.nodes for one in node.attributes.values()):
            yield from attribute.tensors
            for graph in attribute.graphs:
                yield from graph.all_tensors()
        for function in self.functions.values():
            yield from function.all_tensors()


MOST_NESTED = 8
"""The deepest allowed nesting of graphs."""


def parse_graph(content: Bytes, functions: Sequence[Bytes] = (), depth: int = 0) -> ParsedGraph:
    """Return the graph of a GraphProto; `functions` are those of its model."""
    if depth > MOST_NESTED:
        raise NestedError
    found = subfields(content)
    return ParsedGraph(
        nodes=tuple(_node(one, depth) for one in repeated_field(found, NODE)),
        tensors=tuple(parse_tensor(one) for one in repeated_field(found, INITIALIZER)),
        inputs=tuple(text_field(subfields(one), 1) for one in repeated_field(found, INPUT)),
        outputs=tuple(text_field(subfields(one), 1) for one in repeated_field(found, OUTPUT)),
        sparse=any(one.number == SPARSE for one in found),
        functions=dict(_function(one, depth) for one in functions),
    )


def parse_tensor(content: Bytes) -> Tensor:
    """Return the tensor of a TensorProto."""
    found = subfields(content)
    typed = tuple(one for one in found if one.number in (FLOATS, INT32S, TEXTS, INT64S, DOUBLES, UINT64S))
    raw = optional_field(found, RAW_DATA)
    return Tensor(
        name=text_field(found, TENSOR_NAME),
        kind=integer_field(found, DATA_TYPE),
        dims=tuple(signed(side) for one in found if one.number == DIMS for side in integers(one)),
        external=integer_field(found, LOCATION) != 0,  # readers keep 32 bits of it
        raw=None if raw is None else raw.content,
        typed=typed,
    )


def _function(content: Bytes, depth: int) -> tuple[tuple[str, str], ParsedGraph]:
    """Return the name and graph of a FunctionProto: name 1, inputs 4, outputs 5, nodes 7, domain 10."""
    found = subfields(content)
    going_in, coming_out = (tuple(decode_text(one) for one in repeated_field(found, end)) for end in (4, 5))
    nodes = tuple(_node(one, depth) for one in repeated_field(found, 7))
    return (text_field(found, 10), text_field(found, 1)), ParsedGraph(nodes, (), going_in, coming_out)


def _node(content: Bytes, depth: int) -> Node:
    found = subfields(content)
    described = [subfields(one) for one in repeated_field(found, 5)]
    attributes = {text_field(one, 1): _attribute(one, depth) for one in described}
    if len(attributes) != len(described):
        raise DamagedError
    return Node(
        kind=text_field(found, 4),
        domain=text_field(found, 7),
        name=text_field(found, 3),
        inputs=tuple(decode_text(one) for one in repeated_field(found, 1)),
        outputs=tuple(decode_text(one) for one in repeated_field(found, 2)),
        attributes=attributes,
    )


def _attribute(found: list[Field], depth: int) -> Attribute:
    real, text = optional_field(found, 2, FOUR_BYTES), optional_field(found, 4)
    tensors, graphs = (
        [one.content for one in (optional_field(found, single),) if one] + repeated_field(found, several)
        for single, several in ((5, 10), (6, 11))
    )
    return Attribute(
        integer=signed(integer_field(found, 3)),
        integers=tuple(signed(value) for one in found if one.number == 8 for value in integers(one)),
        float_value=0.0 if real is None else floats(real)[0],
        floats=tuple(value for one in found if one.number == 7 for value in floats(one)),
        text="" if text is None else bytes(text.content).decode("utf-8", "replace"),
        tensors=tuple(parse_tensor(one) for one in tensors),
        graphs=tuple(parse_graph(one, depth=depth + 1) for one in graphs),
        sparse=any(one.number in (22, 23) for one in found),
    )
