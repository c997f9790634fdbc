"""Runs a model up to any tensor inside: an engine opens a copy of the graph that has this tensor as its only output.

The copy is made of the file's bytes, without the package `onnx`: the outputs in its graph are replaced.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.audit.graph import ModelGraph, picture_input
from repix.conversion.contract import Contract
from repix.conversion.engine import Engine, EngineOptions
from repix.conversion.model_file import ModelFile
from repix.conversion.model_loader import engine_for
from repix.conversion.onnx_reader import FLOAT, GRAPH, OUTPUT, TYPE_NAMES
from repix.conversion.protobuf import TEXT, fields
from repix.errors import RepixError, Unreadable

SIDES = (192, 256, 240, 224)
"""The sides of pictures to try, for a model without a contract."""


@dataclass
class ModelRunner:
    """Runs a model, or the part of it before a tensor; every part is opened once."""

    model: ModelGraph
    axes: Mapping[str, tuple[int, ...]]
    """The axes of rows and columns of some tensors; they become the last axes."""
    engine: str = "auto"
    _opened: dict[str, Engine] = field(default_factory=dict)

    @property
    def output(self) -> str:
        """The name of the model's result."""
        return self.model.graph.outputs[0]

    def run(self, x: Array, name: str | None = None) -> Array:
        """Return the model's result for N×C×H×W, or a tensor inside."""
        name = name or self.output
        given = x.transpose(0, 2, 3, 1) if self.model.inputs[0].channels_last else x
        if name not in self._opened:
            self._opened[name] = self._open(name, given.shape[1])
        y = self._opened[name].run(np.ascontiguousarray(given, dtype=np.float32)).astype(np.float64)
        axes = self.axes.get(name, ())
        made: Array = np.moveaxis(y, axes, (-2, -1)) if len(axes) == 2 < y.ndim else y
        return made

    def _open(self, name: str, second: int) -> Engine:
        """Return an engine for the part before a tensor; `second` is the size of the input's second axis."""
        content = self.model.content if name == self.output else with_output(self.model.content, name)
        file = ModelFile(self.model.path, Contract("denoise", channels=(second, 1)), content, checksum(content))
        opened: Engine = registry.get("engines", engine_for(self.engine))(file, EngineOptions(cache=False))
        return opened


def checksum(content: bytes) -> str:
    """Return the checksum of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def channels_of(model: ModelGraph) -> int:
    """Return the number of channels of a model's input; refuse inputs that are not pictures."""
    if model.contract is not None:
        return model.contract.channels[0]
    taken = picture_input(model)
    return (taken.shape or ())[-1 if taken.channels_last else 1] or 3


def require_runnable(model: ModelGraph) -> None:
    """Refuse models that can be read, but not run as they are."""
    taken = picture_input(model)
    if taken.shape is None or len(taken.shape) != 4:
        raise Unreadable(f"{model.path} does not take pictures N×C×H×W, so it can be predicted but not measured.")
    batch = taken.shape[0]
    if batch not in (None, 1):
        raise Unreadable(f"{model.path} takes {batch} pictures at a time, so it can be predicted but not measured.")
    if taken.kind != FLOAT:
        kind = TYPE_NAMES.get(taken.kind, "an unknown type")
        raise Unreadable(f"{model.path} takes {kind}, not float32, so it can be predicted but not measured.")
    if any(one.external for one in model.graph.tensors):
        raise Unreadable(f"{model.path} has its weights in another file, so it can be predicted but not measured.")


def size_that_runs(runner: ModelRunner, channels: int, least: int) -> tuple[int, int]:
    """Return height and width that the model takes: the declared ones, or a side near the least."""
    model = runner.model
    if model.contract is not None:
        side = model.contract.size or -(-least // model.contract.step) * model.contract.step
        return side, side
    taken = picture_input(model)
    declared = (taken.shape or ())[1:3] if taken.channels_last else (taken.shape or ())[2:]
    if len(declared) == 2 and None not in declared:
        height, width = declared
        return height or 0, width or 0
    problem: RepixError | None = None
    for side in (*(one for one in SIDES if one >= least), -(-least // 64) * 64):
        height, width = (known or side for known in declared)
        try:
            runner.run(np.full((1, channels, height, width), 0.5))
        except RepixError as refused:
            problem = refused
            continue
        return height, width
    raise Unreadable(f"{model.path} fails at every size that was tried: {problem}")


def with_output(content: bytes, name: str) -> bytes:
    """Return an ONNX file whose only output is a tensor of its graph."""
    for one in fields(memoryview(content)):
        if one.number == GRAPH:
            inner = bytes(one.content)
            kept = b"".join(inner[part.start : part.end] for part in fields(memoryview(inner)) if part.number != OUTPUT)
            graph = kept + _text(OUTPUT, _text(1, name.encode()))  # a ValueInfoProto: its name is field 1
            return content[: one.start] + _text(GRAPH, graph) + content[one.end :]
    raise Unreadable("The model has no graph.")


def _text(number: int, content: bytes) -> bytes:
    """Return a field of bytes: its key, its length, and the bytes."""
    return _varint(number << 3 | TEXT) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Return an integer as a varint: seven bits per byte, the lowest first.

    >>> _varint(300).hex()
    'ac02'
    """
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])
