"""Filters: what people did before networks. One file each; `repix.filters.median(picture)` calls that file's function.

A filter is a plain function of a picture, an array H×W, H×W×1 or H×W×3 of float32 or float64 in [0, 1], that returns
the same kind of array. Its other parameters have defaults and are documented in their annotations, from which the
command line makes its options. Numbers outside [0, 1] (noise, say) are worked on like all others; nothing is clipped.

Where a window reaches past the border, the picture is mirrored there, edge pixels included: c b a | a b c. Filters that
do otherwise say so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from repix import members
from repix.arithmetic.arrays import Array
from repix.parameters import Bounds

if TYPE_CHECKING:
    from repix.filters._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

NoiseLevel = Annotated[
    float | None, "standard deviation of the noise, in levels of 255; left out: estimated", Bounds(0, 255)
]
"""The parameter `sigma` of every filter that wants to know how strong the noise is."""

WINDOW = Bounds(1, 999, odd=True)
"""The side of a window with a pixel in its middle; libraries run out of memory on much larger ones."""


@dataclass(frozen=True)
class Filter:
    """What a file of this family offers: the function, and what may be expected of it."""

    function: Callable[..., Array]
    scales: bool = False
    """Whether the result has another height and width than the picture."""
    denoises: bool = False
    """Whether it is meant to take noise out; `benchmarks/denoisers.py` compares those that are."""
    linear: bool = False
    """Whether the filter of a sum is the sum of the filtered pictures (borders included)."""
    shifts: bool = False
    """Whether the filter of a shifted picture is the shifted result, away from the borders."""
    stays_within: bool = False
    """Whether the result lies between the picture's smallest and largest number."""
    keeps_constants: bool = True
    """Whether a picture of one colour comes out as it went in."""
    repeats: bool = True
    """Whether the same picture gives the same result to the last bit; otherwise its last digit depends on threads."""
    single: bool = False
    """Whether it computes in float32 even for a float64 picture; the result has the picture's type in any case."""


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Callable[..., Array]:
        """`repix.filters.median` is the function in the file `median.py`."""
        return members.function("filters", name)


members.open_family(__name__)
