"""Chains of degradations, written as text: `gaussian-blur sigma=1.6`, then `gaussian sigma=5..50 chance=0.8`.

Settings may be ranges or choices, drawn for each picture; `chance` is the share of pictures that get the step.
"""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array, require_picture
from repix.degradations._draws import Draw, alternatives, read_draw
from repix.errors import WrongUse
from repix.parameters import parameters, read_settings
from repix.pictures.array_function import apply, is_opaque_eight_bit
from repix.pictures.picture import Picture
from repix.printable import shown

Order = Literal["given", "random"]
"""The order of a chain's steps: as written, or another one for each picture."""

CHANCE = "chance"
"""The setting that every step has: the share of pictures that get it."""


@dataclass(frozen=True)
class DrawnStep:
    """One degradation, with its settings for one picture."""

    name: str
    settings: dict[str, Any]

    def function(self, rng: np.random.Generator, eight_bit: bool = False) -> partial[Array]:
        """Return the step as a function of an array.

        Args:
            rng: generator for random degradations.
            eight_bit: the array contains exact 8-bit levels.
        """
        function = registry.get("degradations", self.name).function
        context = {"rng": rng, "eight_bit": eight_bit}
        wanted = inspect.signature(function).parameters.keys() & context
        return partial(function, **self.settings, **{key: context[key] for key in wanted})


@dataclass(frozen=True)
class Step:
    """One degradation of a chain, with the values that its settings may take."""

    name: str
    draws: tuple[Draw, ...]
    chance: float = 1.0

    @property
    def scales(self) -> bool:
        """True if the degradation changes height and width."""
        return bool(registry.get("degradations", self.name).scales)

    def draw(self, rng: np.random.Generator) -> DrawnStep | None:
        """Return the step for one picture; None if the picture does not get it."""
        if self.chance < 1 and rng.random() >= self.chance:
            return None
        return DrawnStep(self.name, {one.name: one.draw(rng) for one in self.draws})


def read_step(text: str) -> Step:
    """Parse a step: the name of a degradation, then settings `name=value`, separated by spaces.

    Args:
        text: such as "jpeg quality=40..95 subsampling=4:2:0|4:4:4 chance=0.5".

    Raises:
        WrongUse: the name or a setting is unknown, or a value is out of range.

    >>> read_step("gaussian sigma=5..50").draws
    (Draw(name='sigma', values=(5.0, 50.0), spacing='linear'),)
    >>> read_step("gaussian sigma=-1")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the step 'gaussian sigma=-1': sigma is -1; it must be from 0 to 10000.
    """
    name, *words = str(text).split() or [""]
    if not name:
        raise WrongUse("A step is empty; write a name and its settings, such as 'gaussian sigma=25'.")
    try:
        name = registry.spelled(name, registry.available("degradations"))
        chances = [word for word in words if word.startswith(f"{CHANCE}=")]
        settings = [word.partition("=") for word in words if word not in chances]
        function = registry.get("degradations", name).function
        first = [f"{key}{equals}{alternatives(value)[0]}" for key, equals, value in settings]
        names = read_settings(name, function, first)  # refuses unknown names, settings without value, and twins
        described = parameters(function)
        draws = (read_draw(described[key], value) for key, (_, _, value) in zip(names, settings, strict=True))
        return Step(name, tuple(draws), _read_chance(chances))
    except WrongUse as error:
        raise type(error)(f"In the step {shown(text)}: {error}") from None


def _read_chance(words: Sequence[str]) -> float:
    if len(words) > 1:
        raise WrongUse(f"{CHANCE} is set twice.")
    text = words[0].partition("=")[2] if words else "1"
    try:
        chance = float(text)
    except ValueError:
        chance = math.nan
    if not 0 <= chance <= 1:
        raise WrongUse(f"{CHANCE} is {shown(text)}; it must be a number from 0 to 1.")
    return chance


def read_steps(texts: Sequence[str]) -> tuple[Step, ...]:
    """Parse the steps of a chain.

    Args:
        texts: one text per step; at least one.

    Raises:
        WrongUse: there is no step, or one of them is invalid.

    >>> [step.name for step in read_steps(["gray", "gaussian"])]
    ['gray', 'gaussian']
    """
    if isinstance(texts, str):
        raise WrongUse(f"steps is the text {texts!r}; it must be a list of texts.")
    if not texts:
        raise WrongUse("A chain needs at least one step, such as 'gaussian sigma=25'.")
    return tuple(read_step(text) for text in texts)


def chain(picture: Array, rng: np.random.Generator, steps: Sequence[str], eight_bit: bool = False) -> Array:
    """Apply several degradations in order, without clipping or rounding between them.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: one generator for all draws and random steps.
        steps: texts such as "gaussian sigma=25"; see `read_step`.
        eight_bit: the picture contains exact 8-bit levels, so a first step `shrink` rounds as MATLAB does.

    Returns:
        The degraded array.

    Raises:
        WrongUse: a step is invalid.

    >>> chain(np.full((8, 8), 0.5), np.random.default_rng(0), ["gaussian-blur sigma=1.6", "shrink scale=4"]).shape
    (2, 2)
    """
    require_picture(picture)
    for number, step in enumerate(_drawn(read_steps(steps), rng)):
        picture = step.function(rng, eight_bit and number == 0)(picture)
    return picture


def apply_steps(picture: Picture, rng: np.random.Generator, steps: Sequence[Step]) -> Picture:
    """Apply the steps of a chain to a picture, without clipping or rounding.

    Args:
        picture: the picture; its alpha is kept, or scaled along.
        rng: one generator for all draws and random steps.
        steps: the parsed steps; see `read_steps`.

    Returns:
        A picture of depth 'float'.

    >>> apply_steps(Picture(np.zeros((8, 8), np.uint8)), np.random.default_rng(0), read_steps(["shrink scale=4"]))
    Picture(2×2 gray, depth float)
    """
    for step in _drawn(steps, rng):
        scales = registry.get("degradations", step.name).scales
        picture = apply(step.function(rng, is_opaque_eight_bit(picture)), picture, scales, "float")
    return picture


def chain_function(
    steps: Sequence[Step], depth: str | None = None
) -> Callable[[Picture, np.random.Generator], Picture]:
    """Return the function that applies the steps of a chain to a picture, and gives the result its depth.

    Args:
        steps: the parsed steps; see `read_steps`.
        depth: depth of the result; by default that of the picture.

    >>> degrade = chain_function(read_steps(["shrink scale=4"]))
    >>> degrade(Picture(np.zeros((8, 8), np.uint8)), np.random.default_rng(0))
    Picture(2×2 gray, depth 8)
    """

    def convert(picture: Picture, rng: np.random.Generator) -> Picture:
        result = apply_steps(picture, rng, steps)
        return result.with_colors(result.colors(), result.alpha(), depth or picture.depth)

    return convert


def degrade_pair(
    picture: Array, rng: np.random.Generator, steps: Sequence[Step], order: Order = "given"
) -> tuple[Array, Array]:
    """Draw a chain and return the degraded picture and its truth: what a restorer should make of it.

    Args:
        picture: floats in [0, 1], H×W or H×W×C.
        rng: one generator for the choices and the random steps.
        steps: the parsed steps; see `read_steps`. None of them changes the size.
        order: "given" or "random".

    Returns:
        The degraded picture and the truth. The truth goes through the steps that have one (a camera without noise),
        and not through the others.

    >>> steps = read_steps(["camera shot=0.001..0.01", "jpeg quality=30..60 chance=0.5"])
    >>> noisy, truth = degrade_pair(np.full((8, 8, 3), 0.5), np.random.default_rng(0), steps)
    >>> float(truth.std()) < 1e-6 < float(noisy.std())
    True
    """
    drawn = _drawn(steps, rng)
    if order == "random":
        drawn = [drawn[index] for index in rng.permutation(len(drawn))]
    degraded = truth = picture
    for step in drawn:
        kept = registry.get("degradations", step.name).truth
        if kept is not None:
            truth = DrawnStep(step.name, {**step.settings, **kept}).function(rng)(truth)
        degraded = step.function(rng)(degraded)
    return degraded, truth


def _drawn(steps: Sequence[Step], rng: np.random.Generator) -> list[DrawnStep]:
    """The steps that one picture gets."""
    return [drawn for drawn in (step.draw(rng) for step in steps) if drawn is not None]
