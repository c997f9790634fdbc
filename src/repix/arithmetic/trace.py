"""Traces: the computation of an operation, step by step, with its numbers.

Each step names its inputs, the rule that combines them, and the place of its result. The output of a trace is computed
from its steps, so `replay` gives the same bits. It is bit-exact with the operation too, except for the three that use
matrix products (`conv2d`, `conv_transpose2d`, `resize`), because BLAS chooses the order of a sum by its size and by the
processor. There the difference is at most n · ε times the sum of the products' magnitudes, where n is the number of
terms and ε the precision of the type. A test checks this for every operation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Generic, Literal, ParamSpec, TypeVar

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.kernels import cubic, lanczos, linear, normalized
from repix.errors import WrongUse

P = ParamSpec("P")
R = TypeVar("R")

Index = tuple[slice, ...]
"""A region of an array, one slice an axis."""

Rule = Literal[
    "copy",
    "scale",
    "dot",
    "sum",
    "product",
    "difference",
    "max",
    "index-of-max",
    "floor-divide",
    "remainder",
    "exp",
    "tanh",
    "sigmoid",
    "absolute",
    "divide",
    "log-loss",
    "mean",
    "linear-weights",
    "cubic-weights",
    "lanczos-weights",
]


def log_loss(probabilities: Array) -> Array:
    """Return -log of probabilities; it is infinite where a probability is 0.

    >>> log_loss(np.array([1.0, 0.0])).tolist()
    [-0.0, inf]
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(probabilities))


def shifted_exp(values: Array, shift: Array) -> Array:
    """Return the exponential of each value minus the shift; it is 0 if the exponential underflows.

    >>> shifted_exp(np.array([1e308, -1e308]), np.array(1e308)).tolist()
    [1.0, 0.0]
    """
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(values - shift))


def sigmoid(values: Array) -> Array:
    """Return 1 / (1 + e^-value) of each value.

    >>> sigmoid(np.array([0.0, 1000.0, -1000.0])).tolist()
    [0.5, 1.0, 0.0]
    """
    return np.asarray((1 + np.tanh(values / 2)) / 2)  # without overflow


def sequential_sum(values: Array) -> Array:
    """Return the sum of all values, added in order from the first to the last, in their own type.

    >>> sequential_sum(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array(10.)
    """
    return np.asarray(np.add.accumulate(values.reshape(-1))[-1])


def first_max(values: Array) -> Array:
    """Return the largest value; of equal values (also 0 and -0) the first.

    >>> first_max(np.array([[-2.0, -0.0], [0.0, -1.0]]))
    array(-0.)
    """
    return np.asarray(values.reshape(-1)[np.argmax(values)])


RULES: dict[str, Callable[..., Any]] = {
    "copy": lambda values: values,
    "scale": lambda value, kernel: value * kernel,
    "dot": lambda values, weights: sequential_sum(values * weights),
    "sum": sequential_sum,
    "product": lambda first, second: first * second,
    "difference": lambda first, second: first - second,
    "max": first_max,
    "index-of-max": lambda values, indices: indices.reshape(-1)[np.argmax(values)],
    "floor-divide": lambda value, divisor: np.floor(value / divisor),
    "remainder": lambda value, divisor: np.mod(value, divisor),
    "exp": shifted_exp,
    "tanh": lambda values: np.tanh(values),
    "sigmoid": sigmoid,
    "absolute": lambda values: np.abs(values),
    "divide": lambda values, total: values / total,
    "log-loss": log_loss,
    "mean": lambda values: np.mean(values),
    "linear-weights": lambda distances: normalized(linear(distances)),
    "cubic-weights": lambda distances, a: normalized(cubic(distances, float(a))),
    "lanczos-weights": lambda distances, lobes: normalized(lanczos(distances, int(lobes))),
}
"""The function of each rule: from a step's inputs, by name, to its result."""


@dataclass(frozen=True)
class Region:
    """A region that a step reads: the name of an input or of an earlier stage, and an index into it."""

    array: str
    index: Index


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a trace: `stage[index] = rule(inputs)`, or `+=` where `adds` is true."""

    stage: str
    """The array this step writes into; the last stage of a trace is the output."""
    text: str
    """A sentence that describes the step with its numbers."""
    rule: Rule
    inputs: dict[str, Array]
    index: Index
    result: Array
    adds: bool = False
    reads: dict[str, Region] = field(default_factory=dict)
    """The sources of inputs, by name: `inputs["values"]` is the region `reads["values"]` of the trace's inputs or of an
    earlier stage (a border pixel may be used more than once). Inputs without a source are left out."""
    labels: dict[str, str] = field(default_factory=dict)
    """Display names of inputs, by name, where that is not the array they are read from."""


def copy_step(text: str, values: Array, source: Region, target: Index) -> Step:
    """Return a step that copies values into the output."""
    return Step("output", text, "copy", {"values": values}, target, values, reads={"values": source})


@dataclass(frozen=True, eq=False)
class Stage:
    """An array that steps fill: its name, its title, and its content before the first step."""

    name: str
    title: str
    start: Array


@dataclass(frozen=True, eq=False)
class Trace:
    """All stages and steps of one operation."""

    operation: str
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    inputs: dict[str, Array] = field(default_factory=dict)
    """The arguments of the operation, by the names that regions use: "picture", "kernel" ..."""
    summary: str = ""
    """The operation's name and what it does; empty: `repix.explanation.captions` has it."""

    output: Array = field(init=False, repr=False)
    """The result of the steps."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "output", self.replay())

    def _repr_svg_(self) -> str | None:
        """Return the drawing for notebooks; None if the arrays are too large to draw."""
        to_svg = import_module("repix.explanation").to_svg  # that package imports this one, so it is imported late
        try:
            drawn: str = to_svg(self)
        except WrongUse:
            return None
        return drawn

    def replay(self) -> Array:
        """Run the steps again, from their inputs alone, and return the output."""
        return self.stage_arrays()[self.stages[-1].name]

    def stage_arrays(self) -> dict[str, Array]:
        """Return every stage's array after its steps, by the stage's name."""
        return run_steps(self.stages, self.steps)


def run_steps(stages: Iterable[Stage], steps: Iterable[Step]) -> dict[str, Array]:
    """Return the array of each stage after the steps, by the stage's name, in the type of its start.

    >>> one = np.ones((1, 1))
    >>> step = Step("output", "copy it", "copy", {"values": one}, (slice(0, 1), slice(1, 2)), one)
    >>> run_steps([Stage("output", "Output", np.zeros((1, 2)))], [step])["output"].tolist()
    [[0.0, 1.0]]
    """
    arrays: dict[str, Array] = {stage.name: np.array(stage.start) for stage in stages}
    for step in steps:
        result = RULES[step.rule](**step.inputs)
        if step.adds:
            arrays[step.stage][step.index] += result
        else:
            arrays[step.stage][step.index] = result
    return arrays


class Operation(Generic[P, R]):
    """A function with a trace: `conv2d(x, k)` computes the result, `conv2d.trace(x, k)` returns its steps."""

    def __init__(self, compute: Callable[P, R], trace: Callable[P, Trace]) -> None:
        self._compute = compute
        self._trace = trace
        self.__wrapped__ = compute
        self.__doc__ = compute.__doc__
        self.__name__ = compute.__name__
        self.__module__ = compute.__module__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result."""
        return self._compute(*args, **kwargs)

    def trace(self, *args: P.args, **kwargs: P.kwargs) -> Trace:
        """Return the trace of the same call."""
        return self._trace(*args, **kwargs)


def traced_by(trace: Callable[P, Trace]) -> Callable[[Callable[P, R]], Operation[P, R]]:
    """Return a decorator that adds a trace to a function."""
    return lambda compute: Operation(compute, trace)
