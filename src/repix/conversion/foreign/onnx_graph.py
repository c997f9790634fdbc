"""ONNX graphs of anybody's: what goes in and comes out, and new nodes before and behind; no ONNX library is needed.

Nothing between the input and the output is looked at or changed. New nodes take a new input and compute the old one;
others take the old output and compute a new one. So no name inside the graph has to change.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion import protobuf
from repix.conversion.model_file import GRAPH, LARGEST, has_contract, read_onnx
from repix.conversion.protobuf import DamagedError, Field
from repix.errors import Unreadable
from repix.pictures.atomic import reason

PRODUCER, PRODUCER_VERSION, OPSETS = 2, 3, 8
"""Fields of ONNX's ModelProto, besides those of `model_file`."""
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
"""Fields of its GraphProto."""
DIMS, DATA_TYPE, TENSOR_NAME, RAW_DATA, EXTERNAL, LOCATION = 1, 2, 8, 9, 13, 14
"""Fields of its TensorProto."""

FLOAT, FLOAT16, DOUBLE, BFLOAT16 = 1, 10, 11, 16
KINDS = {
    FLOAT: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
    FLOAT16: "float16", DOUBLE: "float64", BFLOAT16: "bfloat16",
}  # fmt: skip
"""Types of numbers, as ONNX counts them."""


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
    whole = memoryview(content)
    try:
        return _graph(path, whole, outer)
    except (DamagedError, UnicodeDecodeError):
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
    inner = list(protobuf.fields(memoryview(next(one.content for one in outer if one.number == GRAPH))))
    tensors = [_parts(one.content) for one in inner if one.number == INITIALIZER]
    weights = {_called(tensor, TENSOR_NAME) for tensor in tensors}
    inputs, outputs = ([_value(one.content) for one in inner if one.number == end] for end in (INPUT, OUTPUT))
    graph = memoryview(next(one.content for one in outer if one.number == GRAPH))
    return Graph(
        outer=tuple((one.number, bytes(whole[one.start : one.end])) for one in outer if one.number != GRAPH),
        inner=tuple((one.number, _held(path, one, graph)) for one in inner),
        inputs=tuple(value for value in inputs if value.name not in weights),
        outputs=tuple(outputs),
        opset=_opset(outer),
        producer=" ".join(filter(None, (_called(outer, number) for number in (PRODUCER, PRODUCER_VERSION)))),
        parameters=sum(_count(tensor) for tensor in tensors),
    )


def _held(path: Path, one: Field, graph: memoryview) -> bytes:
    """A field of the graph, all bytes; of weights that lie in another file, with them inside."""
    content = bytes(graph[one.start : one.end])
    if one.number != INITIALIZER:
        return content
    tensor = _parts(one.content)
    if not any(part.number == LOCATION and part.value == 1 for part in tensor):
        return content
    told = [_parts(part.content) for part in tensor if part.number == EXTERNAL]
    where = {_called(entry, 1): _called(entry, 2) for entry in told}
    kept = [
        bytes(memoryview(one.content)[part.start : part.end])
        for part in tensor
        if part.number not in (EXTERNAL, LOCATION, RAW_DATA)
    ]
    return protobuf.text(INITIALIZER, b"".join([*kept, protobuf.text(RAW_DATA, _beside(path, where))]))


def _beside(path: Path, where: Mapping[str, str]) -> bytes:
    """Weights out of the file that lies beside the model; a name that leads anywhere else is not followed."""
    name = where.get("location", "")
    if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise Unreadable(f"{path} says that its weights lie in '{name}', which is not beside it; that is not followed.")
    beside = path.parent / name
    try:
        offset, length = int(where.get("offset", "0")), int(where.get("length", str(LARGEST)))
        with beside.open("rb") as file:
            file.seek(offset)
            found = file.read(min(length, LARGEST))
    except FileNotFoundError:
        raise Unreadable(
            f"{path} keeps its weights in another file, {name}, which is missing; put it beside the model, or export "
            "the model as one file."
        ) from None
    except (OSError, ValueError) as problem:
        raise Unreadable(f"{beside}, which holds the weights of {path}, cannot be read: {reason(problem)}.") from None
    if "length" in where and len(found) != length:
        raise Unreadable(f"{beside} is shorter than the weights of {path} that should be in it; copy it again.")
    return found


def _value(content: Any) -> Value:
    parts = _parts(content)
    kind: int = 0
    shape: tuple[int | None, ...] | None = None
    for described in (_parts(one.content) for one in parts if one.number == 2):
        for tensor in (_parts(one.content) for one in described if one.number == 1):
            kind = next((one.value for one in tensor if one.number == 1), 0)
            sides = [_parts(one.content) for one in tensor if one.number == 2]
            shape = tuple(_side(_parts(one.content)) for one in sides[0] if one.number == 1) if sides else None
    return Value(_called(parts, 1), kind, shape)


def _side(parts: list[Field]) -> int | None:
    """A side that is said; what is called 0 or -1 is free, as some exporters have it."""
    side = next((one.value for one in parts if one.number == 1), 0)
    return side if 0 < side < 1 << 31 else None


def _opset(outer: list[Field]) -> int:
    """The version of the common operators."""
    found = [_parts(one.content) for one in outer if one.number == OPSETS]
    common = [entry for entry in found if _called(entry, 1) in ("", "ai.onnx")]
    return max((one.value for entry in common for one in entry if one.number == 2), default=1)


def _count(tensor: list[Field]) -> int:
    """How many learned numbers a tensor holds: whole numbers are sizes and places."""
    if not any(one.number == DATA_TYPE and one.value in (FLOAT, FLOAT16, DOUBLE, BFLOAT16) for one in tensor):
        return 0
    return math.prod(side for one in tensor if one.number == DIMS for side in protobuf.numbers(one))


def _called_so(content: bytes, names: set[str]) -> bool:
    """Whether a field describes an input of one of these names."""
    (field,) = protobuf.fields(memoryview(content))
    return _value(field.content).name in names


def _parts(content: Any) -> list[Field]:
    return list(protobuf.fields(memoryview(content)))


def _called(parts: list[Field], number: int) -> str:
    return next((bytes(one.content).decode() for one in parts if one.number == number), "")
