"""Runs a model up to any tensor inside: an engine opens a copy of the graph that has this tensor as its only output.

The copy is made of the file's bytes, without the package `onnx`: the outputs in its graph are replaced.
"""

import hashlib
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
MOST_CHANNELS = 4


@dataclass
class ModelRunner:
    """Runs a model, or the part of it before a tensor; every part is opened once."""

    model: ModelGraph
    engine: str = "auto"
    _opened: dict[str, Engine] = field(default_factory=dict)

    @property
    def output(self) -> str:
        """The name of the model's result."""
        return self.model.graph.outputs[0]

    def run(self, x: Array, name: str | None = None) -> Array:
        """Return the model's result for N×C×H×W, or a tensor inside."""
        name = name or self.output
        if name not in self._opened:
            self._opened[name] = self._open(name)
        y = self._opened[name].run(np.ascontiguousarray(x, dtype=np.float32))
        return y.astype(np.float64)

    def _open(self, name: str) -> Engine:
        content = self.model.content if name == self.output else with_output(self.model.content, name)
        contract = Contract("denoise", channels=(channels_of(self.model), 1))
        file = ModelFile(self.model.path, contract, content, hashlib.sha256(content).hexdigest())
        opened: Engine = registry.get("engines", engine_for(self.engine))(file, EngineOptions(cache=False))
        return opened


def channels_of(model: ModelGraph) -> int:
    """Return the number of channels of a model's input; refuse inputs that are not pictures."""
    if model.contract is not None:
        return model.contract.channels[0]
    taken = picture_input(model)
    sides = taken.shape or ()
    channels = sides[1]
    if len(sides) == 4 and (channels is None or channels > MOST_CHANNELS) and (sides[3] or 99) <= MOST_CHANNELS:
        raise Unreadable(
            f"{model.path} takes N×H×W×C, with the channels last; repix audits models with N×C×H×W: add it a contract "
            "with `repix import`, which changes the order."
        )
    return channels or 3


def require_runnable(model: ModelGraph) -> None:
    """Refuse models that can be read, but not run as they are."""
    taken = picture_input(model)
    if taken.shape is None or len(taken.shape) != 4:
        raise Unreadable(f"{model.path} does not take pictures N×C×H×W, so it can be predicted but not measured.")
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
    declared = (picture_input(model).shape or ())[2:]
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
