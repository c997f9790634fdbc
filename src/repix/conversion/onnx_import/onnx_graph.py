"""ONNX graphs to import: their inputs and outputs, and new nodes before and after them, written with `onnx`.

repix's own reader checks the file first (`graph_limits`); then the package `onnx` parses it. The nodes of the graph are
not changed. New nodes compute the old input from a new one, and a new output from the old one, so all names stay valid.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repix.conversion.graph_limits import COMMON, require_bounded
from repix.conversion.model_file import LARGEST, has_contract, read_onnx
from repix.conversion.onnx_import.external_data import ExternalData
from repix.conversion.onnx_reader import BFLOAT16, DOUBLE, FLOAT, FLOAT16, TYPE_NAMES, Tensor
from repix.errors import Unreadable
from repix.printable import printable
from repix.registry import library

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

__all__ = ["DOUBLE", "FLOAT", "FLOAT16", "TYPE_NAMES", "Adapter", "Graph", "Value", "constant", "node", "read_graph"]


@dataclass(frozen=True)
class Value:
    """An input or output of a graph."""

    name: str
    kind: int
    """One of TYPE_NAMES."""
    shape: tuple[int | None, ...] | None
    """The sizes, None for a free size; None if the graph has no shape."""

    def __str__(self) -> str:
        if self.shape is None:
            return f"{printable(self.name)} (no shape)"
        return f"{printable(self.name)} ({'×'.join('?' if side is None else str(side) for side in self.shape)})"


@dataclass(frozen=True)
class Graph:
    """A model to import, in memory."""

    model: "ModelProto"
    """The parsed model with its weights; it is never changed."""
    inputs: tuple[Value, ...]
    """The inputs without the weights."""
    outputs: tuple[Value, ...]
    opset: int
    producer: str
    parameters: int

    def rewritten(self, first: "Adapter", last: "Adapter", free: bool) -> bytes:
        """Return the model with a new input and output; `free` deletes the sizes of intermediate values."""
        model = library("onnx").ModelProto()
        model.CopyFrom(self.model)
        graph = model.graph
        old = {value.name for value in self.inputs}
        parts = {
            "node": [*first.nodes, *graph.node, *last.nodes],
            "input": [*(value for value in graph.input if value.name not in old), first.described()],
            "output": [last.described()],
        }
        for name, values in parts.items():
            graph.ClearField(name)
            getattr(graph, name).extend(values)
        if free:
            graph.ClearField("value_info")
        return _written(model)


@dataclass(frozen=True)
class Adapter:
    """A new input or output of a graph, float32, and the nodes between it and the old one."""

    name: str
    shape: tuple[int | str, ...]
    """Sizes; texts are names of free sizes."""
    nodes: "tuple[NodeProto, ...]" = ()

    def described(self) -> "ValueInfoProto":
        """Return its entry in the graph."""
        value: ValueInfoProto = library("onnx").helper.make_tensor_value_info(self.name, FLOAT, self.shape)
        return value


def read_graph(path: Path) -> Graph:
    """Return the graph of an ONNX file, with its external data.

    >>> read_graph(Path("nowhere.onnx"))
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    content = _outermost(path)
    require_bounded(path, content, external_data=True)
    try:
        model = library("onnx").ModelProto.FromString(content)
    except library("google.protobuf.message").DecodeError:
        model = None
    if model is None or not all(isinstance(text, str) for text in _texts(model)) or len(_versions(model)) > 1:
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.")
    return _graph(path, model)


def node(kind: str, inputs: Sequence[str], output: str, settings: Mapping[str, Any] | None = None) -> "NodeProto":
    """Return a node: its operator, inputs, output, and attributes by name."""
    onnx = library("onnx")
    held = {
        name: onnx.numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value
        for name, value in (settings or {}).items()
    }
    made: NodeProto = onnx.helper.make_node(kind, inputs, [output], **held)
    return made


def constant(name: str, numbers: NDArray[Any]) -> "NodeProto":
    """Return a Constant node."""
    return node("Constant", [], name, {"value": numbers})


def _written(model: "ModelProto") -> bytes:
    """Return a model as bytes; refuse one that is too large for the format."""
    try:
        content: bytes = model.SerializeToString()
    except (ValueError, library("google.protobuf.message").EncodeError):
        raise Unreadable(f"The model and its weights are larger than an ONNX file can be: {LARGEST} bytes.") from None
    return content


def _outermost(path: Path) -> bytes:
    """Return the bytes of an ONNX file; refuse other files and files with a contract."""
    head = b""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(2)
    if head in (b"PK", b"\x80\x02"):
        raise Unreadable(
            f"{path} is not an ONNX model; it looks like a PyTorch checkpoint. Export it with torch.onnx.export in the "
            "program that made it."
        )
    content, outer = read_onnx(path)
    if has_contract(outer):
        raise Unreadable(f"{path} has a contract already and needs no import; `repix show` shows its card.")
    return content


def _graph(path: Path, model: "ModelProto") -> Graph:
    graph = model.graph
    external_data = ExternalData(path)
    for weights in graph.initializer:
        _take_in(weights, external_data)
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
    """Yield all values that must be text; protobuf returns bytes where they are not UTF-8."""
    yield from (model.producer_name, model.producer_version, *(one.domain for one in model.opset_import))
    for weights in model.graph.initializer:
        for entry in weights.external_data:
            yield from (entry.key, entry.value)


def _versions(model: "ModelProto") -> set[int]:
    """Return the opset versions of the default domain; a valid model has one."""
    return {one.version for one in model.opset_import if one.domain in COMMON}


def _take_in(weights: "TensorProto", external_data: ExternalData) -> None:
    """Read weights from external data into the model."""
    if weights.data_location != weights.EXTERNAL:
        return
    described = Tensor(weights.name, weights.data_type, tuple(weights.dims), external=True, raw=None, typed=())
    found = external_data.read(described, {entry.key: entry.value for entry in weights.external_data})
    for field in ("external_data", "data_location"):
        weights.ClearField(field)
    weights.raw_data = found


def _value(described: "ValueInfoProto") -> Value:
    typed = described.type.tensor_type
    if not typed.HasField("shape"):
        return Value(described.name, typed.elem_type, None)
    return Value(described.name, typed.elem_type, tuple(_side(one.dim_value) for one in typed.shape.dim))


def _side(side: int) -> int | None:
    """Return a known size; None for a free one, which some exporters write as 0 or -1."""
    return side if 0 < side < 1 << 31 else None


def _count(weights: "TensorProto") -> int:
    """Return the number of parameters of a tensor; integers are sizes and indices and do not count."""
    return math.prod(weights.dims) if weights.data_type in (FLOAT, FLOAT16, DOUBLE, BFLOAT16) else 0
