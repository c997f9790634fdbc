"""Filters: what people did before networks. One file each; `repix.filters.median(picture)` calls that file's function.

A filter is a plain function of a picture, an array H×W or H×W×C of float32 or float64 in [0, 1], that returns the
same kind of array. Its other parameters have defaults and are documented in their annotations, from which the command
line makes its options.
"""

from collections.abc import Callable
from dataclasses import dataclass

from repix import members
from repix.arithmetic.arrays import Array


@dataclass(frozen=True)
class Filter:
    """What a file of this family offers: the function, and what may be expected of it."""

    function: Callable[..., Array]
    scales: bool = False
    """Whether the result has another height and width than the picture."""
    linear: bool = False
    """Whether the filter of a sum is the sum of the filtered pictures (borders included)."""


def __getattr__(name: str) -> Callable[..., Array]:
    """`repix.filters.median` is the function in the file `median.py`."""
    return members.function("filters", name)


members.open_family(__name__)
