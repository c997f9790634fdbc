"""Chains of degradations, written as text: `gaussian-blur sigma=1.6`, then `gaussian sigma=2.55`."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from repix import registry
from repix.arithmetic.arrays import Array, require_picture
from repix.errors import WrongUse
from repix.parameters import read_settings
from repix.pictures.array_function import apply, is_opaque_eight_bit
from repix.pictures.picture import Picture
from repix.printable import shown


@dataclass(frozen=True)
class Step:
    """One degradation of a chain, with its settings."""

    name: str
    settings: dict[str, Any]

    @property
    def scales(self) -> bool:
        """True if the degradation changes height and width."""
        return bool(registry.get("degradations", self.name).scales)

    def function(self, rng: np.random.Generator, eight_bit: bool) -> partial[Array]:
        """Return the step as a function of an array.

        Args:
            rng: generator for random degradations.
            eight_bit: the array contains exact 8-bit levels.
        """
        function = registry.get("degradations", self.name).function
        context = {"rng": rng, "eight_bit": eight_bit}
        wanted = inspect.signature(function).parameters.keys() & context
        return partial(function, **self.settings, **{key: context[key] for key in wanted})


def read_step(text: str) -> Step:
    """Parse a step: the name of a degradation, then settings `name=value`, separated by spaces.

    Args:
        text: such as "gaussian sigma=25".

    Raises:
        WrongUse: the name or a setting is unknown, or a value is out of range.

    >>> read_step("motion-blur length=9 angle=30")
    Step(name='motion-blur', settings={'length': 9.0, 'angle': 30.0})
    >>> read_step("gaussian sigma=-1")
    Traceback (most recent call last):
    repix.errors.WrongUse: In the step 'gaussian sigma=-1': sigma is -1; it must be from 0 to 10000.
    """
    name, *words = str(text).split() or [""]
    if not name:
        raise WrongUse("A step is empty; write a name and its settings, such as 'gaussian sigma=25'.")
    try:
        name = registry.spelled(name, registry.available("degradations"))
        return Step(name, read_settings(name, registry.get("degradations", name).function, words))
    except WrongUse as error:
        raise type(error)(f"In the step {shown(text)}: {error}") from None


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
        rng: one generator for all random steps.
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
    for number, step in enumerate(read_steps(steps)):
        picture = step.function(rng, eight_bit and number == 0)(picture)
    return picture


def apply_steps(picture: Picture, rng: np.random.Generator, steps: Sequence[Step]) -> Picture:
    """Apply the steps of a chain to a picture, without clipping or rounding.

    Args:
        picture: the picture; its alpha is kept, or scaled along.
        rng: one generator for all random steps.
        steps: the parsed steps; see `read_steps`.

    Returns:
        A picture of depth 'float'.

    >>> apply_steps(Picture(np.zeros((8, 8), np.uint8)), np.random.default_rng(0), read_steps(["shrink scale=4"]))
    Picture(2×2 gray, depth float)
    """
    for step in steps:
        picture = apply(step.function(rng, is_opaque_eight_bit(picture)), picture, step.scales, "float")
    return picture
