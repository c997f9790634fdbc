"""Bilinear: every new pixel is a weighted mean of the four pixels around it.

Smooth, a little soft; learns nothing; cannot overshoot. Half-pixel centers, borders repeated.
"""

from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, NoSettings, Place, Upsampler
from repix.upsampling._interpolating import interpolated, interpolation_layer, interpolation_reach, interpolation_trace

if TYPE_CHECKING:
    from torch import nn


def _compute(given: Given[NoSettings]) -> Array:
    """Bilinear: every new pixel is a weighted mean of the four pixels around it."""
    return interpolated(given.x, given.scale, "bilinear")


def _working(given: Given[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "bilinear")


def _layer(place: Place[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "bilinear")


def _reach(scale: float, _: NoSettings) -> int:
    return interpolation_reach(scale, "bilinear")


UPSAMPLER = Upsampler(
    "bilinear",
    NoSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=True,
    fractional=True,
    use="convolutions follow anyway, and smoothness matters",
)
