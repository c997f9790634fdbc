"""Bicubic: every new pixel is a weighted sum of the sixteen pixels around it.

Sharper than bilinear, and overshoots at edges. Keys' kernel with a = -0.75, which is torch's and OpenCV's; MATLAB's
and Pillow's -0.5 rings less, but torch has no layer for it, and a layer must give what its reference gives.
"""

from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, NoSettings, Place, Upsampler
from repix.upsampling._interpolating import interpolated, interpolation_layer, interpolation_reach, interpolation_trace

if TYPE_CHECKING:
    from torch import nn


def _compute(given: Given[NoSettings]) -> Array:
    """Bicubic: every new pixel is a weighted sum of the sixteen pixels around it."""
    return interpolated(given.x, given.scale, "bicubic")


def _working(given: Given[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "bicubic")


def _layer(place: Place[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "bicubic")


def _reach(scale: float, _: NoSettings) -> int:
    return interpolation_reach(scale, "bicubic")


UPSAMPLER = Upsampler(
    "bicubic",
    NoSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=True,
    fractional=True,
    use="a sharp plain enlargement is wanted, such as the picture that a network adds detail to",
)
