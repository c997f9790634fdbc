"""The graph of a model to audit: an ONNX file, with or without a contract, or a torch module.

Files are read without the package `onnx`. A torch module is exported by torch, so there is one kind of graph, and the
measurement runs what the theory has read.
"""

import copy
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from repix import registry
from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.graph_limits import COMMON, require_bounded
from repix.conversion.model_file import has_contract, read_model, read_onnx
from repix.conversion.onnx_import.external_data import ExternalData
from repix.conversion.onnx_reader import GRAPH, INPUT, Node, ParsedGraph, Tensor
from repix.conversion.protobuf import (
    VARINT,
    DamagedError,
    Field,
    integer_field,
    optional_field,
    repeated_field,
    signed,
    subfields,
    text_field,
)
from repix.errors import Unreadable, WrongUse
from repix.models import is_bundled, model_in, model_named

if TYPE_CHECKING:
    from torch import nn

OPSETS = 8
"""The field of ONNX's ModelProto with its opset versions."""
MOST_CHANNELS = 4
"""The most channels by which a channel axis is told from an axis of pixels."""
EXAMPLE = (64, 96)
"""Height and width of the example that a torch module is exported with."""


@dataclass(frozen=True)
class PictureInput:
    """The input of a graph that takes the picture."""

    name: str
    kind: int
    """Its data type, one of `onnx_reader.TYPE_NAMES`."""
    shape: tuple[int | None, ...] | None
    """Its sizes; None for a free one. None as a whole if the file has no shape."""

    @property
    def channels_last(self) -> bool:
        """True for N×H×W×C, as TensorFlow exports."""
        if self.shape is None or len(self.shape) != 4:
            return False
        _, second, third, last = self.shape
        few = last is not None and last <= MOST_CHANNELS and last != third
        return few and (second is None or second > MOST_CHANNELS)


@dataclass(frozen=True)
class ModelGraph:
    """A model's graph with its file."""

    path: Path
    content: bytes
    """The ONNX file."""
    graph: ParsedGraph
    opset: int
    inputs: tuple[PictureInput, ...]
    """The inputs without the weights."""
    contract: Contract | None = None
    external: Mapping[str, Array] = field(default_factory=dict)
    """Weights that are in other files, by name."""

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that the first output depends on, in order."""
        wanted, found = set(self.graph.outputs[:1]), []
        for node in reversed(self.graph.nodes):
            if wanted & set(node.outputs):
                found.append(node)
                wanted |= set(node.inputs)
        return tuple(found[::-1])

    def array(self, tensor: Tensor) -> Array | None:
        """Return the values of a tensor; None if NumPy has no such type."""
        return self.external[tensor.name] if tensor.external else tensor.array()


def read_graph(model: "str | Path | nn.Module", channels: int | None = None) -> ModelGraph:
    """Return the graph of a model: a file, the folder of a run, the name of a bundled model, or a torch module.

    >>> read_graph("nowhere.onnx")
    Traceback (most recent call last):
    repix.errors.Unreadable: nowhere.onnx: there is no such file.
    """
    if not isinstance(model, str | Path):
        return graph_of(Path(type(model).__name__), exported(model, channels))
    if channels is not None:
        raise WrongUse(f"channels is {channels}; it is for torch modules, leave it out for a file.")
    path = model_named(model) if isinstance(model, str) and is_bundled(model) else model_in(Path(model))
    content, fields = read_onnx(path)
    return graph_of(path, content, read_model(path).contract if has_contract(fields) else None)


def graph_of(path: Path, content: bytes, contract: Contract | None = None) -> ModelGraph:
    """Return the graph of an ONNX file's bytes; the path is for messages and for weights in other files."""
    graph = require_bounded(path, content, external_data=True)
    if not graph.outputs:
        raise Unreadable(f"{path} has no output, so there is nothing to audit.")
    try:
        outer = subfields(content)
        inner = optional_field(outer, GRAPH)
        names = {tensor.name for tensor in graph.tensors}
        inputs = [] if inner is None else [_input(one) for one in repeated_field(subfields(inner.content), INPUT)]
        opset = _opset(outer)
    except DamagedError:
        raise Unreadable(f"{path} is not an ONNX model, or is damaged.") from None
    taken = tuple(one for one in inputs if one.name not in names)
    return ModelGraph(path, content, graph, opset, taken, contract, _external(path, graph, content))


def _opset(outer: Sequence[Field]) -> int:
    """Return the version of ONNX's own operators."""
    sets = [subfields(content) for content in repeated_field(list(outer), OPSETS)]
    return next((integer_field(one, 2) for one in sets if text_field(one, 1) in COMMON), 1)


def _input(content: bytes | memoryview) -> PictureInput:
    """Return the input of a ValueInfoProto: name 1, type 2; its tensor type 1 has element type 1 and shape 2."""
    found = subfields(content)
    described = optional_field(found, 2)
    tensor = None if described is None else optional_field(subfields(described.content), 1)
    if tensor is None:
        return PictureInput(text_field(found, 1), 0, None)
    parts = subfields(tensor.content)
    shape = optional_field(parts, 2)
    sides = None if shape is None else tuple(_side(one) for one in repeated_field(subfields(shape.content), 1))
    return PictureInput(text_field(found, 1), integer_field(parts, 1), sides)


def _side(content: bytes | memoryview) -> int | None:
    """Return a known size; None for a free one, which some exporters write as 0 or -1."""
    known = optional_field(subfields(content), 1, VARINT)
    side = 0 if known is None else signed(known.value)
    return side if 0 < side < 1 << 31 else None


def _external(path: Path, graph: ParsedGraph, content: bytes) -> dict[str, Array]:
    """Return the weights that are in other files, which must be in the model's folder."""
    tensors = [one for one in graph.tensors if one.external]
    if not tensors:
        return {}
    reader, where = ExternalData(path), _locations(content)
    found = {}
    for tensor in tensors:
        values = Tensor(tensor.name, tensor.kind, tensor.dims, False, reader.read(tensor, where[tensor.name]), ())
        array = values.array()
        if array is not None:
            found[tensor.name] = array
    return found


def _locations(content: bytes) -> dict[str, dict[str, str]]:
    """Return location, offset and length of the initializers in other files: field 13 of a TensorProto."""
    inner = optional_field(subfields(content), GRAPH)
    found = {}
    for one in [] if inner is None else repeated_field(subfields(inner.content), 5):
        tensor = subfields(one)
        entries = [subfields(entry) for entry in repeated_field(tensor, 13)]
        found[text_field(tensor, 8)] = {text_field(entry, 1): text_field(entry, 2) for entry in entries}
    return found


def exported(module: "nn.Module", channels: int | None) -> bytes:
    """Return a torch module as ONNX, with free batch, height and width where torch can export them."""
    torch = registry.library("torch")
    registry.require_libraries("onnx", "onnxscript")
    if not isinstance(module, torch.nn.Module):
        raise WrongUse(
            f"The model is a {type(module).__name__}; give a torch module, an ONNX file, the folder of a run, or the "
            "name of a bundled model."
        )
    plain = copy.deepcopy(module).to("cpu", torch.float32).eval().requires_grad_(requires_grad=False)
    channels = channels or _channels(plain)
    rank = 1 if any(isinstance(part, torch.nn.Conv1d | torch.nn.ConvTranspose1d) for part in plain.modules()) else 2
    example = torch.linspace(0, 1, 2 * channels * EXAMPLE[0] * EXAMPLE[1])
    example = example.reshape(2, channels, -1) if rank == 1 else example.reshape(2, channels, *EXAMPLE)
    free = dict.fromkeys([0, *range(2, rank + 2)], torch.export.Dim.AUTO)
    try:
        with _quiet(), torch.no_grad():
            program = torch.onnx.export(plain, (example,), dynamic_shapes=(free,), dynamo=True, verbose=False)
    except Exception as problem:  # noqa: BLE001 (its exceptions have no class of their own in common)
        reason = str(problem).strip().partition("\n")[0].rstrip(".")[:300]
        raise WrongUse(
            f"torch cannot export the module {type(module).__name__} for {channels} channels: {reason}; give its "
            "number of channels, or export it to an ONNX file."
        ) from None
    content: bytes = program.model_proto.SerializeToString()
    return content


def _channels(module: "nn.Module") -> int:
    """Return the number of input channels of the first convolution."""
    for part in module.modules():
        number = getattr(part, "in_channels", None)
        if isinstance(number, int) and hasattr(part, "kernel_size"):
            return number
    return 3


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter, which would log every step."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def picture_input(model: ModelGraph) -> PictureInput:
    """Return the input for the picture; refuse a model with several inputs, or with one that is not a picture."""
    if len(model.inputs) != 1:
        names = ", ".join(one.name for one in model.inputs) or "none"
        raise Unreadable(f"{model.path} has {len(model.inputs)} inputs ({names}); repix audits models with one.")
    one = model.inputs[0]
    if one.shape is None or not 3 <= len(one.shape) <= 5:
        raise Unreadable(f"{model.path} has the input {one.name}, which is not N×C×H×W; repix audits pictures.")
    return one
