"""A foreign graph on trial: which of its inputs and outputs are pictures, and what it makes of sizes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repix.arithmetic.arrays import Array
from repix.conversion.contract import Contract
from repix.conversion.engine import Engine
from repix.conversion.foreign import probing
from repix.conversion.foreign.numbers import End, Foreign, Scores, entering, leaving
from repix.conversion.foreign.onnx_graph import DOUBLE, FLOAT, FLOAT16, KINDS, Graph, Value
from repix.conversion.foreign.probing import Probe
from repix.conversion.model_file import write_model
from repix.conversion.opening import open_to_try
from repix.errors import RepixError, Unreadable, WrongUse
from repix.printable import printable

TAKEN = (FLOAT, FLOAT16, DOUBLE)
"""Types of numbers that can be made of float32 without losing what a picture has."""

TRIED = ((64, 96), (128, 192), (256, 384), (512, 768))
"""Sizes at which the model is asked what it makes of a picture at all."""

FEW = 4
"""So many channels at most tell an axis of channels from one of pixels."""


@dataclass(frozen=True)
class Trial:
    """A graph, the file it is tried in, and by which engine."""

    path: Path
    """The foreign file, for what is said about it."""
    graph: Graph
    place: Path
    engine: str

    def open(self, content: bytes, channels: tuple[int, int]) -> "Runner":
        """The graph with other ends, ready to run."""
        write_model(self.place, content, Contract("denoise", channels=channels))
        file = self.place.read_bytes()

        def opened() -> Engine:
            self.place.write_bytes(file)  # another graph may have been tried meanwhile
            try:
                return open_to_try(self.place, self.engine)
            except Unreadable as problem:
                raise Unreadable(str(problem).replace(str(self.place), str(self.path))) from None

        return Runner(opened)


class Runner:
    """An engine that is opened anew where it failed.

    After a picture of a size that does not fit, OpenVINO 2026.4 gives garbage for others, or refuses them, until the
    model is compiled again; a new request is not enough.
    """

    def __init__(self, opened: Callable[[], Engine]) -> None:
        self._opened = opened
        self._engine: Engine | None = opened()

    def run(self, x: Array) -> Array:
        """What the model makes of N×C×H×W."""
        engine = self._engine or self._opened()
        self._engine = None
        y = engine.run(np.ascontiguousarray(x, dtype=np.float32))
        self._engine = engine
        return y


@dataclass(frozen=True)
class Plain:
    """What is known of a graph before anybody says what its numbers mean."""

    entering: End
    leaving: End
    scale: int
    free: bool
    """Whether it takes other sizes than one."""
    size: int | None = None
    step: int = 1
    several: bool = True
    """Whether it takes several pictures at once."""

    def rewritten(self, graph: Graph, scores: Scores = "no") -> bytes:
        """The graph with ends N×C×H×W of float32."""
        if self.free:
            sides: tuple[int | str, ...] = ("n" if self.several else 1, "height", "width")
        else:
            height, width = declared_sides(self.entering)
            sides = ((self.entering.value.shape or (1,))[0] or "n", height or "height", width or "width")
        first = entering(graph, self.entering, sides)
        return graph.rewritten(first, leaving(graph, self.leaving, scores), self.free)


def plain_of(trial: Trial, foreign: Foreign) -> tuple[Plain, Runner]:
    """What the graph makes of pictures of several sizes, and the graph opened with plain ends."""
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


def planes(plain: Plain, runner: Runner, x: Array) -> Array | None:
    """What the model makes of N×C×H×W of its own numbers; None where it does not run."""
    try:
        y = runner.run(x)
    except RepixError:
        return None
    fits = y.ndim == 4 and y.shape[:2] == (len(x), plain.leaving.channels)
    return y if fits else None


def _sized(trial: Trial, end: End, coming_out: Value, free: bool) -> tuple[Plain, Runner]:
    """The plain graph with sizes free, or as its file says."""
    plain = Plain(end, End(coming_out, 1), 1, free)
    runner = trial.open(plain.rewritten(trial.graph), (end.channels, 1))
    plain = _with_output(trial.path, plain, runner)
    runner = trial.open(plain.rewritten(trial.graph), (end.channels, plain.leaving.channels))
    if not free:
        height, width = declared_sides(end)
        if height != width:
            raise Unreadable(
                f"{trial.path} takes pictures of {height}×{width} only, and nothing else runs; repix knows models of "
                "one size only where it is square. Export it with free height and width (dynamic axes)."
            )
        return replace(plain, size=height, step=height or 1, several=False), runner
    probe = Probe(lambda x: planes(plain, runner, x), end.channels, plain.scale)
    step = probing.smallest_step(probe)
    if step is None:
        raise Unreadable(
            f"{trial.path} runs at some sizes, but not at all multiples of any number up to {probing.STEPS[-1]}; "
            "export it with free height and width (dynamic axes)."
        )
    many = step * -(-probing.TYPICAL // step)
    return replace(plain, step=step, several=probing.singly(probe.run, end.channels, many, many + step)), runner


def _with_output(path: Path, plain: Plain, runner: Runner) -> Plain:
    """What comes out for the first size that runs: scale, channels and which axis they are."""
    problem = ""
    for height, width in TRIED if plain.free else [declared_sides(plain.entering)]:
        x = np.full((1, plain.entering.channels, height or 0, width or 0), 0.5, np.float32)
        try:
            y = runner.run(x)
        except RepixError as refused:
            problem = problem or str(refused)
            continue
        return _reading_of(path, plain, y.shape, (height or 0, width or 0))
    raise Unreadable(f"{path} runs at no size that was tried: {problem}")


def _reading_of(path: Path, plain: Plain, shape: tuple[int, ...], size: tuple[int, int]) -> Plain:
    """Which axes of a result are its height and width."""
    if len(shape) == 4:
        for last, sides, channels in ((False, shape[2:], shape[1]), (True, shape[1:3], shape[3])):
            scales = {after / before for after, before in zip(sides, size, strict=True)}
            if len(scales) == 1 and (scale := scales.pop()) == int(scale) >= 1:
                return replace(plain, leaving=End(plain.leaving.value, channels, last), scale=int(scale))
    shown = "×".join(map(str, shape))
    what = "is no picture: batch, channels, height and width are needed"
    if len(shape) == 4:
        what = "is no whole multiple of that size; convolutions without padding, or a smaller result, have no contract"
    raise Unreadable(f"{path} makes {shown} of a picture of {size[0]}×{size[1]}, which {what}.")


def _one(path: Path, what: str, values: tuple[Value, ...], name: str) -> Value:
    """The one input or output; of several outputs the one that is asked for."""
    names = ", ".join(str(value) for value in values) or "none"
    if name:
        values = tuple(value for value in values if value.name == name)
        if not values:
            raise WrongUse(f"{path} has no {what} '{printable(name)}', but {names}.")
    if len(values) != 1:
        advice = "name the one to take (--graph-output)" if what == "output" and values else "a picture is all it gets"
        raise Unreadable(f"{path} has {len(values)} {what}s: {names}; a model of repix has one, so {advice}.")
    value = values[0]
    if value.kind not in TAKEN:
        kind = KINDS.get(value.kind, "an unknown type")
        hint = "export it without what makes class numbers of scores" if what == "output" else "export it for float32"
        raise Unreadable(f"{path} has the {what} {value} of {kind}; float32 is needed, so {hint}.")
    return value


def _readings(path: Path, value: Value) -> Iterator[End]:
    """Which axis holds the channels, and how many there are: as the shape says, or else one way after the other."""
    if value.shape is None or len(value.shape) != 4:
        raise Unreadable(
            f"{path} has the input {value}; four axes are needed: batch, channels, height and width, in this order or "
            "with the channels last."
        )
    _, second, _, last = value.shape
    if second is None and last is not None and last <= FEW:
        yield End(value, last, last=True)
    elif second is None:
        yield from (End(value, channels) for channels in (3, 1))
    else:
        is_last = second > FEW and last is not None and last <= FEW
        yield End(value, last if is_last and last else second, is_last)


def declared_sides(end: End) -> tuple[int | None, int | None]:
    """Height and width, as the file says."""
    _, *sides = end.value.shape or (None,) * 4
    height, width = sides[:2] if end.last else sides[1:]
    return height, width
