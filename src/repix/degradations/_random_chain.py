"""Chains whose settings are drawn anew for each picture: ranges, choices, chances, and a random order.

camera shot=log(0.0005..0.02) demosaicing=bilinear|malvar      a range, uniform in the logarithm, and a choice
jpeg quality=40..95 chance=0.8                                  four of five pictures are compressed
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array
from repix.degradations._chain import Step, read_step
from repix.errors import WrongUse
from repix.parameters import Parameter, parameters
from repix.printable import shown

Order = Literal["given", "random"]
"""The order of a chain's steps: as written, or another one for each picture."""

CHANCE = "chance"
"""The setting that every step has: the share of pictures that get it."""


@dataclass(frozen=True)
class Draw:
    """The values of one setting."""

    name: str
    values: tuple[Any, ...]
    """The least and the most of a range; otherwise the choices."""
    spacing: Literal["linear", "log", "choice"]

    def draw(self, rng: np.random.Generator) -> Any:
        """Return one value: uniform in the range, in its logarithm, or among the choices."""
        if self.spacing == "choice":
            return self.values[rng.integers(len(self.values))] if len(self.values) > 1 else self.values[0]
        low, high = self.values
        if isinstance(low, int):
            return int(rng.integers(low, high + 1))
        if self.spacing == "log":
            return math.exp(rng.uniform(math.log(low), math.log(high)))
        return rng.uniform(low, high)


@dataclass(frozen=True)
class RandomStep:
    """One degradation, with the values that its settings may take."""

    name: str
    draws: tuple[Draw, ...]
    chance: float = 1.0

    def draw(self, rng: np.random.Generator) -> Step | None:
        """Return the step for one picture, or None where the picture does not get it."""
        if self.chance < 1 and rng.random() >= self.chance:
            return None
        return Step(self.name, {one.name: one.draw(rng) for one in self.draws})


def read_random_step(text: str) -> RandomStep:
    """Parse a step whose settings may be ranges `a..b`, `log(a..b)`, or choices `a|b`.

    Args:
        text: such as "jpeg quality=40..95 subsampling=4:2:0|4:4:4 chance=0.5".

    Raises:
        WrongUse: the name or a setting is unknown, or a value is out of range.

    >>> read_random_step("gaussian sigma=5..50").draws
    (Draw(name='sigma', values=(5.0, 50.0), spacing='linear'),)
    >>> read_random_step("gaussian sigma=50..5")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the step 'gaussian sigma=50..5': sigma goes from 50 to 5; write the smaller number first.
    """
    name, *words = str(text).split() or [""]
    chance = next((word for word in words if word.startswith(f"{CHANCE}=")), f"{CHANCE}=1")
    settings = [word.partition("=") for word in words if word != chance]
    first = (f"{key}{equals}{_alternatives(value)[0]}" for key, equals, value in settings)
    plain = read_step(" ".join([name, *first]))
    described = parameters(registry.get("degradations", plain.name).function)
    try:
        draws = tuple(_read_draw(described[key.replace("-", "_")], value) for key, _, value in settings)
        return RandomStep(plain.name, draws, _read_chance(chance.partition("=")[2]))
    except WrongUse as error:
        raise type(error)(f"In the step {shown(text)}: {error}") from None


def _alternatives(value: str) -> list[str]:
    inner = value.removeprefix("log(").removesuffix(")")
    return inner.split("..") if ".." in inner else inner.split("|")


def _read_draw(parameter: Parameter, text: str) -> Draw:
    values = tuple(parameter.read(one) for one in _alternatives(text))
    if ".." not in text:
        return Draw(parameter.name, values, "choice")
    if len(values) != 2 or not all(isinstance(one, int | float) for one in values):
        raise WrongUse(f"{parameter.name} is {shown(text)}; a range is two numbers, such as 0.5..2.")
    low, high = values
    if low > high:
        raise WrongUse(f"{parameter.name} goes from {low:g} to {high:g}; write the smaller number first.")
    if text.startswith("log(") and low <= 0:
        raise WrongUse(f"{parameter.name} is {shown(text)}; a logarithmic range begins above 0.")
    return Draw(parameter.name, values, "log" if text.startswith("log(") else "linear")


def _read_chance(text: str) -> float:
    try:
        chance = float(text)
    except ValueError:
        chance = math.nan
    if not 0 <= chance <= 1:
        raise WrongUse(f"{CHANCE} is {shown(text)}; it must be a number from 0 to 1.")
    return chance


def degrade_pair(
    picture: Array, rng: np.random.Generator, steps: Sequence[RandomStep], order: Order = "given"
) -> tuple[Array, Array]:
    """Draw a chain and return the degraded picture and its truth: what a restorer should make of it.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: one generator for the choices and the random steps.
        steps: parsed steps; see `read_random_step`. None of them changes the size.
        order: "given" or "random".

    Returns:
        The degraded picture and the truth. The truth goes through the steps that have one (a camera without noise),
        and not through the others.

    >>> steps = [read_random_step("camera shot=0.001..0.01"), read_random_step("jpeg quality=30..60 chance=0.5")]
    >>> noisy, truth = degrade_pair(np.full((8, 8, 3), 0.5), np.random.default_rng(0), steps)
    >>> float(truth.std()) < 1e-6 < float(noisy.std())
    True
    """
    drawn = [step for step in (one.draw(rng) for one in steps) if step is not None]
    if order == "random":
        drawn = [drawn[index] for index in rng.permutation(len(drawn))]
    degraded = truth = picture
    for step in drawn:
        switched_off = registry.get("degradations", step.name).truth
        if switched_off is not None:
            truth = Step(step.name, {**step.settings, **switched_off}).function(rng, eight_bit=False)(truth)
        degraded = step.function(rng, eight_bit=False)(degraded)
    return degraded, truth
