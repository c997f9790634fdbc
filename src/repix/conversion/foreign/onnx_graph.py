"""Foreign ONNX graphs: their inputs and outputs, and new nodes before and behind, written with `onnx`.

The file is read by repix's own code first, which refuses what might do harm (`graph_limits`); the package `onnx` sees
what is left. Nothing between the input and the output is looked at or changed. New nodes take a new input and compute
the old one; others take the old output and compute a new one. So no name inside the graph has to change.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.foreign.weights_beside import Beside
from repix.conversion.graph_limits import COMMON, require_bounded
from repix.conversion.model_file import LARGEST, has_contract, read_onnx
from repix.conversion.onnx_parts import BFLOAT16, DOUBLE, FLOAT, FLOAT16, KINDS, Tensor
from repix.errors import Unreadable
from repix.printable import printable
from repix.registry import library

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

__all__ = ["DOUBLE", "FLOAT", "FLOAT16", "KINDS", "Ending", "Graph", "Value", "constant", "node", "read_graph"]


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
            return f"{printable(self.name)} (no shape)"
        return f"{printable(self.name)} ({'×'.join('?' if side is None else str(side) for side in self.shape)})"


@dataclass(frozen=True)
class Graph:
    """A foreign model, all of it in memory."""

    model: "ModelProto"
    """With its weights inside; stays as it is."""
    inputs: tuple[Value, ...]
    """Without those that are weights."""
    outputs: tuple[Value, ...]
    opset: int
    producer: str
    parameters: int

    def rewritten(self, entering: "Ending", leaving: "Ending", free: bool) -> bytes:
        """Return the model with this input and output in place of its own; `free`: without sizes noted on the way."""
        model = library("onnx").ModelProto()
        model.CopyFrom(self.model)
        graph = model.graph
        old = {value.name for value in self.inputs}
        parts = {
            "node": [*entering.nodes, *graph.node, *leaving.nodes],
            "input": [*(value for value in graph.input if value.name not in old), entering.described()],
            "output": [leaving.described()],
        }
        for name, values in parts.items():
            graph.ClearField(name)
            getattr(graph, name).extend(values)
        if free:
            graph.ClearField("value_info")
        return _written(model)


@dataclass(frozen=True)
class Ending:
    """One end of a graph: its new input or output, float32, and the nodes between that and the old one."""

    name: str
    shape: tuple[int | str, ...]
    """Texts name sides that are free."""
    nodes: "tuple[NodeProto, ...]" = ()

    def described(self) -> "ValueInfoProto":
        """Return what the graph says of it."""
        value: ValueInfoProto = library("onnx").helper.make_tensor_value_info(self.name, FLOAT, self.shape)
        return value


def read_graph(path: Path) -> Graph:
    """Return the foreign model in a file; weights in files beside it are taken in.

    >>> read_graph(Path("nowhere.onnx"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    content = _outermost(path)
    require_bounded(path, content, beside=True)
    try:
        model = library("onnx").ModelProto.FromString(content)
    except library("google.protobuf.message").DecodeError:
        model = None
    if model is None or not all(isinstance(text, str) for text in _texts(model)) or len(_versions(model)) > 1:
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.")
    return _graph(path, model)


def node(kind: str, inputs: Sequence[str], output: str, settings: Mapping[str, Any] | None = None) -> "NodeProto":
    """Return a node: an operator, what it takes, what it gives, and its whole numbers and arrays by name."""
    onnx = library("onnx")
    held = {
        name: onnx.numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value
        for name, value in (settings or {}).items()
    }
    made: NodeProto = onnx.helper.make_node(kind, inputs, [output], **held)
    return made


def constant(name: str, numbers: NDArray[Any]) -> "NodeProto":
    """Return a node that gives these numbers."""
    return node("Constant", [], name, {"value": numbers})


def _written(model: "ModelProto") -> bytes:
    """A model as bytes; refused where the format has no room for it."""
    try:
        content: bytes = model.SerializeToString()
    except (ValueError, library("google.protobuf.message").EncodeError):
        raise Unreadable(f"The model and its weights are larger than an ONNX file can be: {LARGEST} bytes.") from None
    return content


def _outermost(path: Path) -> bytes:
    """The bytes of a file whose outermost fields are those of a model without a contract."""
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(2)
    if head in (b"PK", b"\x80\x02"):
        raise Unreadable(
            f"{path} is not an ONNX model; it seems to be a file of PyTorch that only its own program opens. Export it "
            "there with torch.onnx.export."
        )
    content, outer = read_onnx(path)
    if has_contract(outer):
        raise Unreadable(f"{path} has a contract already, it needs no import; `repix show` says what it is.")
    return content


def _graph(path: Path, model: "ModelProto") -> Graph:
    graph = model.graph
    beside = Beside(path)
    for weights in graph.initializer:
        _take_in(weights, beside)
    held = {weights.name for weights in graph.initializer}
    return Graph(
        model=model,
        inputs=tuple(_value(one) for one in graph.input if one.name not in held),
        outputs=tuple(_value(one) for one in graph.output),
        opset=next(iter(_versions(model)), 1),
        producer=" ".join(filter(None, (model.producer_name, model.producer_version))),
        parameters=sum(_count(weights) for weights in graph.initializer),
    )


def _texts(model: "ModelProto") -> Iterator[object]:
    """What is read as text and was not looked at yet; protobuf gives bytes where it is not UTF-8."""
    yield from (model.producer_name, model.producer_version, *(one.domain for one in model.opset_import))
    for weights in model.graph.initializer:
        for entry in weights.external_data:
            yield from (entry.key, entry.value)


def _versions(model: "ModelProto") -> set[int]:
    """The versions of the common operators; of several, readers take one or the other."""
    return {one.version for one in model.opset_import if one.domain in COMMON}


def _take_in(weights: "TensorProto", beside: Beside) -> None:
    """Put weights from another file into the model."""
    if weights.data_location != weights.EXTERNAL:
        return
    described = Tensor(weights.name, weights.data_type, tuple(weights.dims), outside=True, raw=None, typed=())
    found = beside.read(described, {entry.key: entry.value for entry in weights.external_data})
    for field in ("external_data", "data_location"):
        weights.ClearField(field)
    weights.raw_data = found


def _value(described: "ValueInfoProto") -> Value:
    typed = described.type.tensor_type
    if not typed.HasField("shape"):
        return Value(described.name, typed.elem_type, None)
    return Value(described.name, typed.elem_type, tuple(_side(one.dim_value) for one in typed.shape.dim))


def _side(side: int) -> int | None:
    """A known side; 0 or -1 mean a free one, as some exporters write it."""
    return side if 0 < side < 1 << 31 else None


def _count(weights: "TensorProto") -> int:
    """How many learned numbers a tensor holds: whole numbers are sizes and places."""
    return math.prod(weights.dims) if weights.data_type in (FLOAT, FLOAT16, DOUBLE, BFLOAT16) else 0
