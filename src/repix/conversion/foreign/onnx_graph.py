"""ONNX graphs of anybody's: what goes in and comes out, and new nodes before and behind; no ONNX library is needed.

Nothing between the input and the output is looked at or changed. New nodes take a new input and compute the old one;
others take the old output and compute a new one. So no name inside the graph has to change.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion import protobuf
from repix.conversion.foreign.weights_beside import Beside
from repix.conversion.graph_limits import COMMON, require_bounded
from repix.conversion.model_file import has_contract, read_onnx
from repix.conversion.onnx_parts import (
    BFLOAT16,
    DATA_TYPE,
    DIMS,
    DOUBLE,
    EXTERNAL,
    FLOAT,
    FLOAT16,
    GRAPH,
    INITIALIZER,
    INPUT,
    KINDS,
    LOCATION,
    NODE,
    OUTPUT,
    RAW_DATA,
    Tensor,
    tensor,
)
from repix.conversion.protobuf import DamagedError, Field, called, every, only, parts
from repix.errors import Unreadable

__all__ = ["DOUBLE", "FLOAT", "FLOAT16", "KINDS", "Ending", "Graph", "Value", "constant", "node", "read_graph"]

PRODUCER, PRODUCER_VERSION, OPSETS = 2, 3, 8
"""Fields of ONNX's ModelProto, besides those of `onnx_parts`."""
VALUE_INFO = 13
"""A field of its GraphProto."""


@dataclass(frozen=True)
class Value:
    """What goes into a graph, or comes out."""

    name: str
    kind: int
    """One of KINDS."""
    shape: tuple[int | None, ...] | None
    """None for what is free; None altogether where nothing is said of it."""

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.name} (no shape)"
        return f"{self.name} ({'×'.join('?' if side is None else str(side) for side in self.shape)})"


@dataclass(frozen=True)
class Graph:
    """A model of somebody else's, all of it in memory."""

    outer: tuple[tuple[int, bytes], ...]
    """The model's fields but the graph: number, and all bytes."""
    inner: tuple[tuple[int, bytes], ...]
    """The graph's fields."""
    inputs: tuple[Value, ...]
    """Without those that are weights."""
    outputs: tuple[Value, ...]
    opset: int
    producer: str
    parameters: int

    def rewritten(self, entering: "Ending", leaving: "Ending", free: bool) -> bytes:
        """The model with this input and output in place of its own; `free`: forget all sizes noted on the way."""
        dropped = {OUTPUT, VALUE_INFO} if free else {OUTPUT}
        old = {value.name for value in self.inputs}
        kept = [
            content
            for number, content in self.inner
            if number not in dropped and not (number == INPUT and _called_so(content, old))
        ]
        parts = [*entering.nodes, *kept, entering.described(INPUT), *leaving.nodes, leaving.described(OUTPUT)]
        outer = [content for _, content in self.outer]
        return b"".join([*outer, protobuf.text(GRAPH, b"".join(parts))])


@dataclass(frozen=True)
class Ending:
    """One end of a graph: its new input or output, float32, and the nodes between that and the old one."""

    name: str
    shape: tuple[int | str, ...]
    """Texts name sides that are free."""
    nodes: tuple[bytes, ...] = ()

    def described(self, number: int) -> bytes:
        """The field of the graph that says so."""
        sides = [
            protobuf.text(1, protobuf.text(2, one.encode()) if isinstance(one, str) else protobuf.number(1, one))
            for one in self.shape
        ]
        tensor = protobuf.number(1, FLOAT) + protobuf.text(2, b"".join(sides))
        return protobuf.text(number, protobuf.text(1, self.name.encode()) + protobuf.text(2, protobuf.text(1, tensor)))


def read_graph(path: Path) -> Graph:
    """Somebody else's model; weights that lie beside it are taken in.

    >>> read_graph(Path("nowhere.onnx"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    content, outer = _outermost(path)
    require_bounded(path, content, beside=True)
    whole = memoryview(content)
    try:
        return _graph(path, whole, outer)
    except DamagedError:
        raise Unreadable(f"{path} is no ONNX model, or a damaged one.") from None


def node(kind: str, inputs: Sequence[str], output: str, settings: Mapping[str, Any] | None = None) -> bytes:
    """A node of the graph: an operator, what it takes, what it gives, and its whole numbers and arrays by name."""
    named = [protobuf.text(1, name.encode()) for name in inputs] + [protobuf.text(2, output.encode())]
    described = [protobuf.text(5, _attribute(name, value)) for name, value in (settings or {}).items()]
    return protobuf.text(NODE, b"".join([*named, protobuf.text(4, kind.encode()), *described]))


def constant(name: str, numbers: NDArray[Any]) -> bytes:
    """A node that gives these numbers, which are float32 or int64."""
    return node("Constant", [], name, {"value": numbers})


def _attribute(name: str, value: Any) -> bytes:
    """Whole numbers, several of them, or an array."""
    if isinstance(value, np.ndarray):
        held = protobuf.text(5, _tensor(value)) + protobuf.number(20, 4)
    elif isinstance(value, int):
        held = protobuf.number(3, value) + protobuf.number(20, 2)
    else:
        held = b"".join(protobuf.number(8, one) for one in value) + protobuf.number(20, 7)
    return protobuf.text(1, name.encode()) + held


def _tensor(numbers: NDArray[Any]) -> bytes:
    dims = b"".join(protobuf.number(DIMS, side) for side in numbers.shape)
    kind, stored = (7, "<i8") if numbers.dtype.kind == "i" else (FLOAT, "<f4")
    return dims + protobuf.number(DATA_TYPE, kind) + protobuf.text(RAW_DATA, numbers.astype(stored).tobytes())


def _outermost(path: Path) -> tuple[bytes, list[Field]]:
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(2)
    if head in (b"PK", b"\x80\x02"):
        raise Unreadable(
            f"{path} is no ONNX model but, it seems, one of PyTorch's own files; only its program can open it: export "
            "it there with torch.onnx.export."
        )
    content, outer = read_onnx(path)
    if has_contract(outer):
        raise Unreadable(f"{path} has a contract already, it needs no import; `repix show` says what it is.")
    return content, outer


def _graph(path: Path, whole: memoryview, outer: list[Field]) -> Graph:
    graph = memoryview(next(one.content for one in outer if one.number == GRAPH))
    inner = parts(graph)
    tensors = [tensor(one) for one in every(inner, INITIALIZER)]
    weights = {one.name for one in tensors}
    inputs, outputs = ([_value(one.content) for one in inner if one.number == end] for end in (INPUT, OUTPUT))
    beside = Beside(path)
    return Graph(
        outer=tuple((one.number, bytes(whole[one.start : one.end])) for one in outer if one.number != GRAPH),
        inner=tuple((one.number, _held(one, graph, beside)) for one in inner),
        inputs=tuple(value for value in inputs if value.name not in weights),
        outputs=tuple(outputs),
        opset=_opset(outer),
        producer=" ".join(filter(None, (called(outer, number) for number in (PRODUCER, PRODUCER_VERSION)))),
        parameters=sum(_count(tensor) for tensor in tensors),
    )


def _held(one: Field, graph: memoryview, beside: Beside) -> bytes:
    """A field of the graph, all bytes; of weights that lie in another file, with them inside."""
    content = bytes(graph[one.start : one.end])
    if one.number != INITIALIZER:
        return content
    described = tensor(one.content)
    if not described.outside:
        return content
    found = parts(one.content)
    where = {called(entry, 1): called(entry, 2) for entry in (parts(o.content) for o in found if o.number == EXTERNAL)}
    kept = [
        bytes(memoryview(one.content)[part.start : part.end])
        for part in found
        if part.number not in (EXTERNAL, LOCATION, RAW_DATA)
    ]
    return protobuf.text(INITIALIZER, b"".join([*kept, protobuf.text(RAW_DATA, beside.read(described, where))]))


def _value(content: Any) -> Value:
    found = parts(content)
    kind: int = 0
    shape: tuple[int | None, ...] | None = None
    described = only(found, 2)
    typed = None if described is None else only(parts(described.content), 1)
    if typed is not None:
        tensor_type = parts(typed.content)
        kind, sides = protobuf.whole(tensor_type, 1), only(tensor_type, 2)
        shape = None if sides is None else tuple(_side(parts(one)) for one in every(parts(sides.content), 1))
    return Value(called(found, 1), kind, shape)


def _side(found: list[Field]) -> int | None:
    """A side that is said; what is called 0 or -1 is free, as some exporters have it."""
    side = protobuf.whole(found, 1)
    return side if 0 < side < 1 << 31 else None


def _opset(outer: list[Field]) -> int:
    """The version of the common operators."""
    found = [parts(one) for one in every(outer, OPSETS)]
    versions = {protobuf.whole(entry, 2) for entry in found if called(entry, 1) in COMMON}
    if len(versions) > 1:
        raise DamagedError
    return versions.pop() if versions else 1


def _count(held: Tensor) -> int:
    """How many learned numbers a tensor holds: whole numbers are sizes and places."""
    return held.count if held.kind in (FLOAT, FLOAT16, DOUBLE, BFLOAT16) else 0


def _called_so(content: bytes, names: set[str]) -> bool:
    """Whether a field describes an input of one of these names."""
    (field,) = protobuf.fields(memoryview(content))
    return _value(field.content).name in names
