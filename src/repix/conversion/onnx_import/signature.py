"""The signature of a graph to import: its input, its output, their layouts, and the sizes it accepts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Engine
from repix.conversion.model_file import write_model
from repix.conversion.model_loader import opener_for_probing
from repix.conversion.onnx_import import measurement
from repix.conversion.onnx_import.measurement import Probe
from repix.conversion.onnx_import.onnx_graph import DOUBLE, FLOAT, FLOAT16, TYPE_NAMES, Graph, Value
from repix.conversion.onnx_import.preprocessing import ImportOptions, Port, ScoreKind, input_adapter, output_adapter
from repix.errors import RepixError, Unreadable, WrongUse
from repix.printable import printable

ACCEPTED_TYPES = (FLOAT, FLOAT16, DOUBLE)
"""Data types that float32 pictures can be cast to without visible loss."""

TRIED_SIZES = ((64, 96), (128, 192), (256, 384), (512, 768))
"""Sizes that are tried to find one that runs."""

MOST_CHANNELS = 4
"""The most channels by which a channel axis is told from an axis of pixels."""


@dataclass(frozen=True)
class GraphOpener:
    """Opens variants of a graph in an engine, through a temporary file."""

    path: Path
    """The original file, for messages."""
    graph: Graph
    place: Path
    engine: str
    last: "dict[bytes, RestartingEngine]" = field(default_factory=dict)
    """The variant that was opened last; most variants are equal, and compiling takes the longest."""

    def open(self, content: bytes, channels: tuple[int, int]) -> "RestartingEngine":
        """Return a variant of the graph, ready to run."""
        if content not in self.last:
            opened = self._opened(content, channels)
            self.last.clear()
            self.last[content] = opened
        return self.last[content]

    def _opened(self, content: bytes, channels: tuple[int, int]) -> "RestartingEngine":
        write_model(self.place, content, Contract("denoise", channels=channels))
        with self._named():
            open_file = opener_for_probing(self.place, self.engine)

        def opened() -> Engine:
            with self._named():
                return open_file()

        return RestartingEngine(opened)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the original file in errors."""
        try:
            yield
        except Unreadable as problem:
            raise Unreadable(str(problem).replace(str(self.place), str(self.path))) from None


class RestartingEngine:
    """An engine that is opened again after a failure.

    After a picture of an unsupported size, OpenVINO 2026.4 returns wrong results for other sizes, or refuses them,
    until the model is compiled again; a new request is not enough.
    """

    def __init__(self, opened: Callable[[], Engine]) -> None:
        self._opened = opened
        self._engine: Engine | None = opened()

    def run(self, x: Array) -> Array:
        """Return the model's result for N×C×H×W."""
        engine = self._engine or self._opened()
        self._engine = None
        y = engine.run(np.ascontiguousarray(x, dtype=np.float32))
        self._engine = engine
        return y


@dataclass(frozen=True)
class GraphSignature:
    """Input, output, scale and sizes of a graph, before its value ranges are known."""

    input: Port
    output: Port
    scale: int
    free: bool
    """True if it accepts more than one size."""
    size: int | None = None
    step: int = 1
    several: bool = True
    """True if it accepts batches."""

    def rewritten(self, graph: Graph, scores: ScoreKind = "no") -> bytes:
        """Return the graph with input and output N×C×H×W of float32."""
        if self.free:
            sides: tuple[int | str, ...] = ("n" if self.several else 1, "height", "width")
        else:
            height, width = declared_sides(self.input)
            sides = ((self.input.value.shape or (1,))[0] or "n", height or "height", width or "width")
        first = input_adapter(graph, self.input, sides)
        return graph.rewritten(first, output_adapter(graph, self.output, scores), self.free)


def find_signature(opener: GraphOpener, options: ImportOptions) -> tuple[GraphSignature, RestartingEngine]:
    """Return the signature of a graph, and the graph in an engine, with input and output N×C×H×W."""
    input_value = _single_value(opener.path, "input", opener.graph.inputs, "")
    output_value = _single_value(opener.path, "output", opener.graph.outputs, options.output)
    problems: list[str] = []
    for end in _layouts(opener.path, input_value):
        for free in (True, False):
            if not free and None in declared_sides(end):
                continue
            try:
                return _signature(opener, end, output_value, free)
            except RepixError as problem:
                problems.append(str(problem))
    raise Unreadable(problems[-1])


def try_run(signature: GraphSignature, runner: RestartingEngine, x: Array) -> Array | None:
    """Return the model's result for N×C×H×W in its own value range; None if it fails."""
    try:
        y = runner.run(x)
    except RepixError:
        return None
    fits = y.ndim == 4 and y.shape[:2] == (len(x), signature.output.channels)
    return y if fits else None


def _signature(
    opener: GraphOpener, end: Port, output_value: Value, free: bool
) -> tuple[GraphSignature, RestartingEngine]:
    """Return the signature with free sizes, or with the sizes of the file."""
    signature = GraphSignature(end, Port(output_value, 1), 1, free)
    runner = opener.open(signature.rewritten(opener.graph), (end.channels, 1))
    signature = _with_output(opener.path, signature, runner)
    runner = opener.open(signature.rewritten(opener.graph), (end.channels, signature.output.channels))
    if not free:
        height, width = declared_sides(end)
        if height != width:
            raise Unreadable(
                f"{opener.path} takes pictures of {height}×{width} only; repix supports a fixed size only if it is "
                "square. Export it with free height and width (dynamic axes)."
            )
        return replace(signature, size=height, step=height or 1, several=False), runner
    probe = Probe(lambda x: try_run(signature, runner, x), end.channels, signature.scale)
    step = measurement.smallest_step(probe)
    if step is None:
        raise Unreadable(
            f"{opener.path} runs at some sizes, but not at all multiples of any number up to {measurement.STEPS[-1]}; "
            "export it with free height and width (dynamic axes)."
        )
    many = step * -(-measurement.TYPICAL_SIDE // step)
    return replace(
        signature, step=step, several=measurement.accepts_batches(probe.run, end.channels, many, many + step)
    ), runner


def _with_output(path: Path, signature: GraphSignature, runner: RestartingEngine) -> GraphSignature:
    """Return the signature with the output's scale, channels and channel axis, from the first size that runs."""
    problem = ""
    for height, width in TRIED_SIZES if signature.free else [declared_sides(signature.input)]:
        x = np.full((1, signature.input.channels, height or 0, width or 0), 0.5, np.float32)
        try:
            y = runner.run(x)
        except RepixError as refused:
            problem = problem or str(refused)
            continue
        return _with_layout(path, signature, y.shape, (height or 0, width or 0))
    raise Unreadable(f"{path} fails at every size that was tried: {problem}")


def _with_layout(
    path: Path, signature: GraphSignature, shape: tuple[int, ...], size: tuple[int, int]
) -> GraphSignature:
    """Return the signature with the output's layout from the shape of a result."""
    if len(shape) == 4:
        for last, sides, channels in ((False, shape[2:], shape[1]), (True, shape[1:3], shape[3])):
            scales = {after / before for after, before in zip(sides, size, strict=True)}
            if len(scales) == 1 and (scale := scales.pop()) == int(scale) >= 1:
                return replace(signature, output=Port(signature.output.value, channels, last), scale=int(scale))
    shown = "×".join(map(str, shape))
    what = "not a picture: it must have batch, channels, height and width"
    if len(shape) == 4:
        what = "not a multiple of that size; models with unpadded convolutions or smaller results are not supported"
    raise Unreadable(f"{path} returns {shown} for a picture of {size[0]}×{size[1]}, which is {what}.")


def _single_value(path: Path, what: str, values: tuple[Value, ...], name: str) -> Value:
    """Return the single input or output, or the output with a given name."""
    names = ", ".join(str(value) for value in values) or "none"
    if name:
        values = tuple(value for value in values if value.name == name)
        if not values:
            raise WrongUse(f"{path} has no {what} '{printable(name)}'; it has {names}.")
    if len(values) != 1:
        advice = "; name the one to use (--graph-output)" if what == "output" and values else ""
        raise Unreadable(f"{path} has {len(values)} {what}s: {names}; repix supports models with one{advice}.")
    value = values[0]
    if value.kind not in ACCEPTED_TYPES:
        kind = TYPE_NAMES.get(value.kind, "an unknown type")
        hint = "export it without ArgMax" if what == "output" else "export it for float32"
        raise Unreadable(f"{path} has the {what} {value} of {kind}; it must be float32: {hint}.")
    return value


def _layouts(path: Path, value: Value) -> Iterator[Port]:
    """Yield the possible channel axes and numbers of channels of an input, from its shape where that is known."""
    if value.shape is None or len(value.shape) != 4:
        raise Unreadable(
            f"{path} has the input {value}; it must have four axes: batch, channels, height and width, in this order "
            "or with the channels last."
        )
    _, second, _, last = value.shape
    if second is None and last is not None and last <= MOST_CHANNELS:
        yield Port(value, last, last=True)
    elif second is None:
        yield from (Port(value, channels) for channels in (3, 1))
    else:
        is_last = second > MOST_CHANNELS and last is not None and last <= MOST_CHANNELS
        yield Port(value, last if is_last and last else second, is_last)


def declared_sides(end: Port) -> tuple[int | None, int | None]:
    """Return height and width as declared in the file."""
    _, *sides = end.value.shape or (None,) * 4
    height, width = sides[:2] if end.last else sides[1:]
    return height, width
