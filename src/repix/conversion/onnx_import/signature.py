"""A foreign graph on trial: which of its inputs and outputs are pictures, and what it makes of sizes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Engine
from repix.conversion.model_file import write_model
from repix.conversion.model_loader import open_for_probing
from repix.conversion.onnx_import import measurement
from repix.conversion.onnx_import.measurement import Probe
from repix.conversion.onnx_import.onnx_graph import DOUBLE, FLOAT, FLOAT16, TYPE_NAMES, Graph, Value
from repix.conversion.onnx_import.preprocessing import ImportOptions, Port, ScoreKind, input_adapter, output_adapter
from repix.errors import RepixError, Unreadable, WrongUse

ACCEPTED_TYPES = (FLOAT, FLOAT16, DOUBLE)
"""Types of numbers that can be made of float32 without losing what a picture has."""

TRIED_SIZES = ((64, 96), (128, 192), (256, 384), (512, 768))
"""Sizes at which the model is asked what it makes of a picture at all."""

MOST_CHANNELS = 4
"""So many channels at most tell an axis of channels from one of pixels."""


@dataclass(frozen=True)
class GraphOpener:
    """A graph, the file it is tried in, and by which engine."""

    path: Path
    """The foreign file, for what is said about it."""
    graph: Graph
    place: Path
    engine: str

    def open(self, content: bytes, channels: tuple[int, int]) -> "RestartingEngine":
        """Return the graph with other ends, ready to run."""
        write_model(self.place, content, Contract("denoise", channels=channels))
        file = self.place.read_bytes()

        def opened() -> Engine:
            self.place.write_bytes(file)  # another graph may have been tried meanwhile
            try:
                return open_for_probing(self.place, self.engine)
            except Unreadable as problem:
                raise Unreadable(str(problem).replace(str(self.place), str(self.path))) from None

        return RestartingEngine(opened)


class RestartingEngine:
    """An engine that is opened anew where it failed.

    After a picture of a size that does not fit, OpenVINO 2026.4 gives garbage for others, or refuses them, until the
    model is compiled again; a new request is not enough.
    """

    def __init__(self, opened: Callable[[], Engine]) -> None:
        self._opened = opened
        self._engine: Engine | None = opened()

    def run(self, x: Array) -> Array:
        """Return what the model makes of N×C×H×W."""
        engine = self._engine or self._opened()
        self._engine = None
        y = engine.run(np.ascontiguousarray(x, dtype=np.float32))
        self._engine = engine
        return y


@dataclass(frozen=True)
class GraphSignature:
    """What is known of a graph before anybody says what its numbers mean."""

    input: Port
    output: Port
    scale: int
    free: bool
    """Whether it takes other sizes than one."""
    size: int | None = None
    step: int = 1
    several: bool = True
    """Whether it takes several pictures at once."""

    def rewritten(self, graph: Graph, scores: ScoreKind = "no") -> bytes:
        """Return the graph with ends N×C×H×W of float32."""
        if self.free:
            sides: tuple[int | str, ...] = ("n" if self.several else 1, "height", "width")
        else:
            height, width = declared_sides(self.input)
            sides = ((self.input.value.shape or (1,))[0] or "n", height or "height", width or "width")
        first = input_adapter(graph, self.input, sides)
        return graph.rewritten(first, output_adapter(graph, self.output, scores), self.free)


def find_signature(trial: GraphOpener, foreign: ImportOptions) -> tuple[GraphSignature, RestartingEngine]:
    """Return what the graph makes of pictures of several sizes, and the graph opened with plain ends."""
    going_in = _one(trial.path, "input", trial.graph.inputs, "")
    coming_out = _one(trial.path, "output", trial.graph.outputs, foreign.output)
    said: list[str] = []
    for end in _readings(trial.path, going_in):
        for free in (True, False):
            if not free and None in declared_sides(end):
                continue
            try:
                return _sized(trial, end, coming_out, free)
            except RepixError as problem:
                said.append(str(problem))
    raise Unreadable(said[-1])


def try_run(plain: GraphSignature, runner: RestartingEngine, x: Array) -> Array | None:
    """Return what the model makes of N×C×H×W of its own numbers; None where it does not run."""
    try:
        y = runner.run(x)
    except RepixError:
        return None
    fits = y.ndim == 4 and y.shape[:2] == (len(x), plain.output.channels)
    return y if fits else None


def _sized(trial: GraphOpener, end: Port, coming_out: Value, free: bool) -> tuple[GraphSignature, RestartingEngine]:
    """Return the plain graph with sizes free, or as its file says."""
    plain = GraphSignature(end, Port(coming_out, 1), 1, free)
    runner = trial.open(plain.rewritten(trial.graph), (end.channels, 1))
    plain = _with_output(trial.path, plain, runner)
    runner = trial.open(plain.rewritten(trial.graph), (end.channels, plain.output.channels))
    if not free:
        height, width = declared_sides(end)
        if height != width:
            raise Unreadable(
                f"{trial.path} takes pictures of {height}×{width} only, and nothing else runs; repix knows models of "
                "one size only where it is square. Export it with free height and width (dynamic axes)."
            )
        return replace(plain, size=height, step=height or 1, several=False), runner
    probe = Probe(lambda x: try_run(plain, runner, x), end.channels, plain.scale)
    step = measurement.smallest_step(probe)
    if step is None:
        raise Unreadable(
            f"{trial.path} runs at some sizes, but not at all multiples of any number up to {measurement.STEPS[-1]}; "
            "export it with free height and width (dynamic axes)."
        )
    many = step * -(-measurement.TYPICAL_SIDE // step)
    return replace(
        plain, step=step, several=measurement.accepts_batches(probe.run, end.channels, many, many + step)
    ), runner


def _with_output(path: Path, plain: GraphSignature, runner: RestartingEngine) -> GraphSignature:
    """Return what comes out for the first size that runs: scale, channels and which axis they are."""
    problem = ""
    for height, width in TRIED_SIZES if plain.free else [declared_sides(plain.input)]:
        x = np.full((1, plain.input.channels, height or 0, width or 0), 0.5, np.float32)
        try:
            y = runner.run(x)
        except RepixError as refused:
            problem = problem or str(refused)
            continue
        return _reading_of(path, plain, y.shape, (height or 0, width or 0))
    raise Unreadable(f"{path} runs at no size that was tried: {problem}")


def _reading_of(path: Path, plain: GraphSignature, shape: tuple[int, ...], size: tuple[int, int]) -> GraphSignature:
    """Return which axes of a result are its height and width."""
    if len(shape) == 4:
        for last, sides, channels in ((False, shape[2:], shape[1]), (True, shape[1:3], shape[3])):
            scales = {after / before for after, before in zip(sides, size, strict=True)}
            if len(scales) == 1 and (scale := scales.pop()) == int(scale) >= 1:
                return replace(plain, output=Port(plain.output.value, channels, last), scale=int(scale))
    shown = "×".join(map(str, shape))
    what = "is no picture: batch, channels, height and width are needed"
    if len(shape) == 4:
        what = "is no whole multiple of that size; convolutions without padding, or a smaller result, have no contract"
    raise Unreadable(f"{path} makes {shown} of a picture of {size[0]}×{size[1]}, which {what}.")


def _one(path: Path, what: str, values: tuple[Value, ...], name: str) -> Value:
    """Return the one input or output; of several outputs the one that is asked for."""
    names = ", ".join(str(value) for value in values) or "none"
    if name:
        values = tuple(value for value in values if value.name == name)
        if not values:
            raise WrongUse(f"{path} has no {what} '{name}', but {names}.")
    if len(values) != 1:
        advice = "name the one to take (--graph-output)" if what == "output" and values else "a picture is all it gets"
        raise Unreadable(f"{path} has {len(values)} {what}s: {names}; a model of repix has one, so {advice}.")
    value = values[0]
    if value.kind not in ACCEPTED_TYPES:
        kind = TYPE_NAMES.get(value.kind, "an unknown type")
        hint = "export it without what makes class numbers of scores" if what == "output" else "export it for float32"
        raise Unreadable(f"{path} has the {what} {value} of {kind}; float32 is needed, so {hint}.")
    return value


def _readings(path: Path, value: Value) -> Iterator[Port]:
    """Yield which axis holds the channels, and how many there are: as the shape says, or else one way after the other."""
    if value.shape is None or len(value.shape) != 4:
        raise Unreadable(
            f"{path} has the input {value}; four axes are needed: batch, channels, height and width, in this order or "
            "with the channels last."
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
    """Return height and width, as the file says."""
    _, *sides = end.value.shape or (None,) * 4
    height, width = sides[:2] if end.last else sides[1:]
    return height, width
