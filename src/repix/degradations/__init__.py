"""Degradations: noise, blur, downsampling and compression, one file each.

    noisy = repix.degradations.gaussian(picture, rng=numpy.random.default_rng(0), sigma=25)

A degradation is a function of an array H×W or H×W×C of float32 or float64 in [0, 1]. It returns an array of the same
dtype and does not clip it. Random degradations take a NumPy generator `rng`; the same seed gives the same result on
every machine. The other parameters have defaults; their annotations give the options of the command line.

Noise is drawn by the generator's `standard_normal` (gaussian, speckle), `random` (salt-and-pepper) and `poisson`
(poisson), always in float64 and in pixel order, so that float32 and float64 pictures get the same noise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repix import registry
from repix.arithmetic.arrays import Array
from repix.degradations._chain import Order as Order
from repix.degradations._chain import Step as Step
from repix.degradations._chain import apply_steps as apply_steps
from repix.degradations._chain import chain as chain
from repix.degradations._chain import chain_function as chain_function
from repix.degradations._chain import degrade_pair as degrade_pair
from repix.degradations._chain import read_step as read_step
from repix.degradations._chain import read_steps as read_steps

if TYPE_CHECKING:
    from repix.degradations._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)


@dataclass(frozen=True)
class Degradation:
    """A degradation plugin: a function and its properties."""

    function: Callable[..., Array]
    scales: bool = False
    """The function changes height and width."""
    random: bool = False
    """The function takes a generator `rng`."""
    bounded: bool = True
    """A picture in [0, 1] stays in [0, 1], up to rounding of floats."""
    gray: bool = False
    """The function converts colors to one channel."""
    truth: Mapping[str, Any] | None = None
    """Settings that switch the loss off and keep the rest: a restorer learns to return that. None: the picture as it
    was before the degradation."""


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo
    __all__ = [
        "Degradation",
        "Order",
        "Step",
        "apply_steps",
        "chain",
        "chain_function",
        "degrade_pair",
        "read_step",
        "read_steps",
    ]

    def __getattr__(name: str) -> Callable[..., Array]:
        """`repix.degradations.gaussian` is the function in the file `gaussian.py`."""
        return registry.function("degradations", name)


registry.open_family(__name__)
