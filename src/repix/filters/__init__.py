"""Classical image filters: denoising, deconvolution, sharpening, interpolation and segmentation, one file each.

    clean = repix.filters.median(picture, size=3)

A filter is a function of an array H×W, H×W×1 or H×W×3 of float32 or float64 in [0, 1] and returns an array of the same
dtype. The other parameters have defaults; their annotations give the options of the command line. Values outside [0, 1]
(such as noise) are filtered like all others; nothing is clipped.

Unless a filter documents otherwise, the border is padded by mirroring with the edge pixel: c b a | a b c.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from repix import registry
from repix.arithmetic.arrays import Array
from repix.parameters import Bounds

if TYPE_CHECKING:
    from repix.filters._functions import *  # noqa: F403 (what the package offers by `__getattr__`, generated)

NoiseLevel = Annotated[
    float | None, "noise level (standard deviation in 8-bit gray levels); default: estimated", Bounds(0, 255)
]
"""The parameter `sigma` of all denoising filters that use the noise level."""

WINDOW = Bounds(1, 999, odd=True)
"""Side of a square window; libraries run out of memory on much larger windows."""


@dataclass(frozen=True)
class Filter:
    """A filter plugin: a function and its properties."""

    function: Callable[..., Array]
    scales: bool = False
    """The function changes height and width."""
    denoises: bool = False
    """The filter is a denoiser; `benchmarks/denoisers.py` compares these."""
    linear: bool = False
    """The filter is linear, borders included."""
    shifts: bool = False
    """The filter is translation equivariant away from the borders."""
    stays_within: bool = False
    """The result stays between the smallest and largest value of the picture."""
    keeps_constants: bool = True
    """A constant picture is unchanged."""
    repeats: bool = True
    """The result is bit-reproducible; otherwise rounding depends on the order of threads."""
    single: bool = False
    """The filter computes in float32 even for a float64 picture; the result has the picture's dtype."""


if not TYPE_CHECKING:  # type checkers and editors read `_functions.pyi`, so that they notice a typo

    def __getattr__(name: str) -> Callable[..., Array]:
        """`repix.filters.median` is the function in the file `median.py`."""
        return registry.function("filters", name)


registry.open_family(__name__)
