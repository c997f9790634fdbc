"""Degradations: how a source is made out of a target. One file each; `repix.degradations.gaussian(picture, rng=...)`.

A degradation is a plain function of a picture, an array H×W or H×W×C of float32 or float64 in [0, 1], that returns the
same kind of array, not clipped. Random ones take an explicit generator `rng` and give the same result for the same seed
on every machine. Their other parameters have defaults and are documented in their annotations, from which the command
line makes its options.

Noise is drawn from numpy's generator by `standard_normal` (gaussian, speckle), `random` (salt-and-pepper) and `poisson`
(poisson), always in float64, pixel after pixel, so that float32 and float64 pictures get the same noise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repix import members
from repix.arithmetic.arrays import Array
from repix.degradations._chain import Step, chain, degraded, read_step, read_steps

if TYPE_CHECKING:
    from repix.degradations._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

__all__ = ["Degradation", "Step", "chain", "degraded", "read_step", "read_steps"]


@dataclass(frozen=True)
class Degradation:
    """What a file of this family offers: the function, and what may be expected of it."""

    function: Callable[..., Array]
    scales: bool = False
    """Whether the result has another height and width than the picture."""
    random: bool = False
    """Whether the function takes a generator `rng`."""
    bounded: bool = True
    """Whether a picture in [0, 1] stays there, but for the rounding of floats."""
    grey: bool = False
    """Whether colours become one channel."""


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Callable[..., Array]:
        """`repix.degradations.gaussian` is the function in the file `gaussian.py`."""
        return members.function("degradations", name)


members.open_family(__name__)
