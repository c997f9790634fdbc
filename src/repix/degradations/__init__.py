"""Degradations: how a source is made out of a target. One file each; `repix.degradations.gaussian(picture, rng=...)`.

A degradation is a plain function of a picture, an array H×W or H×W×C of float32 or float64 in [0, 1], that returns the
same kind of array, not clipped. Random ones take an explicit generator `rng` and give the same result for the same seed
on every machine. Their other parameters have defaults and are documented in their annotations, from which the command
line makes its options.
"""

from collections.abc import Callable
from dataclasses import dataclass

from repix import members
from repix.arithmetic.arrays import Array


@dataclass(frozen=True)
class Degradation:
    """What a file of this family offers: the function, and what may be expected of it."""

    function: Callable[..., Array]
    scales: bool = False
    """Whether the result has another height and width than the picture."""
    random: bool = False
    """Whether the function takes a generator `rng`."""


def __getattr__(name: str) -> Callable[..., Array]:
    """`repix.degradations.gaussian` is the function in the file `gaussian.py`."""
    return members.function("degradations", name)


members.open_family(__name__)
