"""Parts of ONNX graphs: nodes, their attributes and tensors, read by our own code; see `protobuf`."""

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
    called,
    decoded,
    every,
    numbers,
    only,
    parts,
    reals,
    signed,
    whole,
)
from repix.printable import printable

FLOAT, INT64, FLOAT16, DOUBLE, BFLOAT16 = 1, 7, 10, 11, 16
KINDS = {
    FLOAT: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
    FLOAT16: "float16", DOUBLE: "float64", BFLOAT16: "bfloat16",
}  # fmt: skip
"""Types of numbers, as ONNX counts them."""
STORED = {
    FLOAT: "<f4", 2: "u1", 3: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", FLOAT16: "<f2", DOUBLE: "<f8",
    12: "<u4", 13: "<u8",
}  # fmt: skip
"""How numpy calls them."""
BITS = {
    FLOAT: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, FLOAT16: 16, DOUBLE: 64, 12: 32, 13: 64, 14: 64, 15: 128,
    BFLOAT16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
"""How many bits a number takes where all are stored as raw bytes."""

NODE, INITIALIZER, INPUT, OUTPUT, SPARSE = 1, 5, 11, 12, 15
"""Fields of ONNX's GraphProto."""
DIMS, DATA_TYPE, TENSOR_NAME, RAW_DATA, EXTERNAL, LOCATION = 1, 2, 8, 9, 13, 14
"""Fields of its TensorProto."""
FLOATS, INT32S, TEXTS, INT64S, DOUBLES, UINT64S = 4, 5, 6, 7, 10, 11
"""Fields of its TensorProto that hold numbers by type."""
GRAPH, FUNCTIONS = 7, 25
"""Fields of its ModelProto."""


class NestedError(Exception):
    """Graphs hold graphs, too deep."""


@dataclass(frozen=True)
class Tensor:
    """Numbers of a graph, with their sides."""

    name: str
    kind: int
    """One of KINDS."""
    dims: tuple[int, ...]
    outside: bool
    """Whether another file holds them."""
    raw: Bytes | None
    typed: tuple[Field, ...]

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.dims)

    def array(self) -> NDArray[Any] | None:
        """The numbers; None where they are of a type that numpy lacks, or lie elsewhere."""
        stored = STORED.get(self.kind)
        if stored is None or self.outside:
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
                found += reals(one)
            elif one.number == DOUBLES:
                found += np.frombuffer(bytes(one.content), "<f8").tolist()
            else:
                found += [signed(value) for value in numbers(one)]
        if self.kind == FLOAT16:
            return np.array(found, np.int64).astype("<u2").view(stored)
        return np.array(found, np.dtype(stored) if self.kind not in (12, 13) else np.int64).astype(stored)


@dataclass(frozen=True)
class Node:
    """An operator, the names of what it takes and gives, and its attributes."""

    kind: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, "Attribute"]

    def __str__(self) -> str:
        return printable(f"{self.kind} '{self.name or next(iter(self.outputs), '')}'")

    def whole(self, name: str, default: int) -> int:
        """The attribute that is a whole number."""
        found = self.attributes.get(name)
        return default if found is None else found.whole

    def wholes(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The attribute that is several whole numbers."""
        found = self.attributes.get(name)
        return default if found is None else found.wholes

    def text(self, name: str, default: str) -> str:
        """The attribute that is a text."""
        found = self.attributes.get(name)
        return default if found is None else found.text


@dataclass(frozen=True)
class Attribute:
    """One attribute of a node; what it is not is empty."""

    whole: int = 0
    wholes: tuple[int, ...] = ()
    real: float = 0.0
    reals: tuple[float, ...] = ()
    text: str = ""
    tensors: tuple[Tensor, ...] = ()
    graphs: tuple["GraphParts", ...] = ()
    sparse: bool = False


@dataclass(frozen=True)
class GraphParts:
    """Nodes in the order of the file, initializers by name, and the names of inputs and outputs."""

    nodes: tuple[Node, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    sparse: bool = False
    functions: Mapping[tuple[str, str], "GraphParts"] = field(default_factory=dict)
    """The model's own functions by domain and name."""

    def all_tensors(self) -> Iterator[Tensor]:
        """Those of nodes and of graphs within graphs too."""
        yield from self.tensors
        for attribute in (one for node in self.nodes for one in node.attributes.values()):
            yield from attribute.tensors
            for graph in attribute.graphs:
                yield from graph.all_tensors()
        for function in self.functions.values():
            yield from function.all_tensors()


MOST_NESTED = 8
"""How deep graphs may lie within graphs."""


def graph_parts(content: Bytes, functions: Sequence[Bytes] = (), depth: int = 0) -> GraphParts:
    """The parts of a GraphProto; `functions` are those of its model."""
    if depth > MOST_NESTED:
        raise NestedError
    found = parts(content)
    return GraphParts(
        nodes=tuple(_node(one, depth) for one in every(found, NODE)),
        tensors=tuple(tensor(one) for one in every(found, INITIALIZER)),
        inputs=tuple(called(parts(one), 1) for one in every(found, INPUT)),
        outputs=tuple(called(parts(one), 1) for one in every(found, OUTPUT)),
        sparse=any(one.number == SPARSE for one in found),
        functions=dict(_function(one, depth) for one in functions),
    )


def tensor(content: Bytes) -> Tensor:
    """A TensorProto."""
    found = parts(content)
    typed = tuple(one for one in found if one.number in (FLOATS, INT32S, TEXTS, INT64S, DOUBLES, UINT64S))
    raw = only(found, RAW_DATA)
    return Tensor(
        name=called(found, TENSOR_NAME),
        kind=whole(found, DATA_TYPE),
        dims=tuple(signed(side) for one in found if one.number == DIMS for side in numbers(one)),
        outside=whole(found, LOCATION) != 0,  # of which readers keep 32 bits
        raw=None if raw is None else raw.content,
        typed=typed,
    )


def _function(content: Bytes, depth: int) -> tuple[tuple[str, str], GraphParts]:
    """A FunctionProto: name 1, inputs 4, outputs 5, nodes 7, domain 10."""
    found = parts(content)
    going_in, coming_out = (tuple(decoded(one) for one in every(found, end)) for end in (4, 5))
    nodes = tuple(_node(one, depth) for one in every(found, 7))
    return (called(found, 10), called(found, 1)), GraphParts(nodes, (), going_in, coming_out)


def _node(content: Bytes, depth: int) -> Node:
    found = parts(content)
    described = [parts(one) for one in every(found, 5)]
    attributes = {called(one, 1): _attribute(one, depth) for one in described}
    if len(attributes) != len(described):
        raise DamagedError
    return Node(
        kind=called(found, 4),
        domain=called(found, 7),
        name=called(found, 3),
        inputs=tuple(decoded(one) for one in every(found, 1)),
        outputs=tuple(decoded(one) for one in every(found, 2)),
        attributes=attributes,
    )


def _attribute(found: list[Field], depth: int) -> Attribute:
    real, text = only(found, 2, FOUR_BYTES), only(found, 4)
    tensors, graphs = (
        [one.content for one in (only(found, single),) if one] + every(found, several)
        for single, several in ((5, 10), (6, 11))
    )
    return Attribute(
        whole=signed(whole(found, 3)),
        wholes=tuple(signed(value) for one in found if one.number == 8 for value in numbers(one)),
        real=0.0 if real is None else reals(real)[0],
        reals=tuple(value for one in found if one.number == 7 for value in reals(one)),
        text="" if text is None else bytes(text.content).decode("utf-8", "replace"),
        tensors=tuple(tensor(one) for one in tensors),
        graphs=tuple(graph_parts(one, depth=depth + 1) for one in graphs),
        sparse=any(one.number in (22, 23) for one in found),
    )
