"""Nearest: every pixel becomes a block of its own value.

Sharp and blocky; learns nothing; cannot overshoot.
"""

from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, NoSettings, Place, Upsampler
from repix.upsampling._interpolating import interpolated, interpolation_layer, interpolation_reach, interpolation_trace

if TYPE_CHECKING:
    from torch import nn


def _compute(given: Given[NoSettings]) -> Array:
    """Nearest: every pixel becomes a block of its own value."""
    return interpolated(given.x, given.scale, "nearest")


def _working(given: Given[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "nearest")


def _layer(place: Place[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "nearest")


def _reach(scale: float, _: NoSettings) -> int:
    return interpolation_reach(scale, "nearest")


UPSAMPLER = Upsampler(
    "nearest",
    NoSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=True,
    use="convolutions follow anyway, and tiles should need no halo",
)
