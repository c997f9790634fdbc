"""Traces: the working of an operation, step by step, with the numbers in it.

A trace is what a student would write down. Each step names the numbers it uses, the rule that joins them, and where the
result goes. A trace's output is what its steps give, so `replay` gives it to the bit. It is also, to the bit, what the
operation computes, but for three that add with matrix products (`conv2d`, `conv_transpose2d`, `resize`): the libraries
behind those choose the order of a sum by its size and by the processor. There the two differ by at most n · ε times the
sum of the products' magnitudes, where n is how many numbers are added and ε the precision of the type. Tests hold every
operation to it.
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
    "divide",
    "log-loss",
    "mean",
    "linear-weights",
    "cubic-weights",
    "lanczos-weights",
]


def log_loss(probabilities: Array) -> Array:
    """-log of probabilities; infinite where one is 0.

    >>> log_loss(np.array([1.0, 0.0])).tolist()
    [-0.0, inf]
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(probabilities))


def exp_less(values: Array, shift: Array) -> Array:
    """The exponential of each value less the shift; 0 where that is too far below 0 for a number.

    >>> exp_less(np.array([1e308, -1e308]), np.array(1e308)).tolist()
    [1.0, 0.0]
    """
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(values - shift))


def added(values: Array) -> Array:
    """The sum of all values, added one by one from the first to the last, in their own type.

    >>> added(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array(10.)
    """
    return np.asarray(np.add.accumulate(values.reshape(-1))[-1])


def largest(values: Array) -> Array:
    """The largest value, and of equals (0 and -0 among them) the first.

    >>> largest(np.array([[-2.0, -0.0], [0.0, -1.0]]))
    array(-0.)
    """
    return np.asarray(values.reshape(-1)[np.argmax(values)])


RULES: dict[str, Callable[..., Any]] = {
    "copy": lambda values: values,
    "scale": lambda value, kernel: value * kernel,
    "dot": lambda values, weights: added(values * weights),
    "sum": added,
    "product": lambda first, second: first * second,
    "difference": lambda first, second: first - second,
    "max": largest,
    "index-of-max": lambda values, indices: indices.reshape(-1)[np.argmax(values)],
    "floor-divide": lambda value, divisor: np.floor(value / divisor),
    "remainder": lambda value, divisor: np.mod(value, divisor),
    "exp": exp_less,
    "divide": lambda values, total: values / total,
    "log-loss": log_loss,
    "mean": lambda values: np.mean(values),
    "linear-weights": lambda distances: normalized(linear(distances)),
    "cubic-weights": lambda distances, a: normalized(cubic(distances, float(a))),
    "lanczos-weights": lambda distances, lobes: normalized(lanczos(distances, int(lobes))),
}
"""How each rule joins a step's inputs (by name) into its result."""


@dataclass(frozen=True)
class Region:
    """Where a step reads: the name of an input or of an earlier stage, and which part of it."""

    array: str
    index: Index


@dataclass(frozen=True, eq=False)
class Step:
    """One line of working: `stage[index] = rule(inputs)`, or `+=` where steps overlap."""

    stage: str
    """The array this step writes into; the last stage of a trace is the answer."""
    text: str
    """What is done, in a sentence with the numbers in it."""
    rule: Rule
    inputs: dict[str, Array]
    index: Index
    result: Array
    adds: bool = False
    reads: dict[str, Region] = field(default_factory=dict)
    """Where inputs come from, by the input's name: `inputs["values"]` is the region `reads["values"]` of the trace's
    inputs or of an earlier stage (a border pixel may be used more than once). Inputs that are nowhere are left out."""
    labels: dict[str, str] = field(default_factory=dict)
    """What a reader calls an input, by the input's name, where that is not the array it is read from."""


def moved(text: str, values: Array, source: Region, target: Index) -> Step:
    """A step that copies numbers into the output as they are."""
    return Step("output", text, "copy", {"values": values}, target, values, reads={"values": source})


@dataclass(frozen=True, eq=False)
class Stage:
    """An array that steps fill: what it is called, and what it holds before the first step (its type, too)."""

    name: str
    title: str
    start: Array


@dataclass(frozen=True, eq=False)
class Trace:
    """The whole working of one operation."""

    operation: str
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    inputs: dict[str, Array] = field(default_factory=dict)
    """What the operation was given, by the names that regions use: "picture", "kernel" ..."""
    about: str = ""
    """The operation's name and what it does, in a sentence; left out, as `repix.explanation.words` has it."""

    output: Array = field(init=False, repr=False)
    """The answer: what the steps give."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "output", self.replay())

    def _repr_svg_(self) -> str | None:
        """The drawing that notebooks show; none where the arrays are too large to draw."""
        picture = import_module("repix.explanation").picture  # which stands on this package: found when it is needed
        try:
            drawn: str = picture(self)
        except WrongUse:
            return None
        return drawn

    def replay(self) -> Array:
        """Do the steps again, from their inputs alone, and return the answer."""
        return self.stage_arrays()[self.stages[-1].name]

    def stage_arrays(self) -> dict[str, Array]:
        """Every stage's array after its steps, by the stage's name."""
        return performed(self.stages, self.steps)


def performed(stages: Iterable[Stage], steps: Iterable[Step]) -> dict[str, Array]:
    """What each stage holds after the steps, by its name; each in the type of its start.

    >>> one = np.ones((1, 1))
    >>> step = Step("output", "copy it", "copy", {"values": one}, (slice(0, 1), slice(1, 2)), one)
    >>> performed([Stage("output", "Output", np.zeros((1, 2)))], [step])["output"].tolist()
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
    """A function that can also show its working: `conv2d(x, k)` computes, `conv2d.trace(x, k)` explains."""

    def __init__(self, compute: Callable[P, R], trace: Callable[P, Trace]) -> None:
        self._compute = compute
        self._trace = trace
        self.__wrapped__ = compute
        self.__doc__ = compute.__doc__
        self.__name__ = compute.__name__
        self.__module__ = compute.__module__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Compute."""
        return self._compute(*args, **kwargs)

    def trace(self, *args: P.args, **kwargs: P.kwargs) -> Trace:
        """Compute slowly, step by step, and keep the working."""
        return self._trace(*args, **kwargs)


def traced_by(trace: Callable[P, Trace]) -> Callable[[Callable[P, R]], Operation[P, R]]:
    """Give a function its working: a decorator that names the function's tracer."""
    return lambda compute: Operation(compute, trace)
