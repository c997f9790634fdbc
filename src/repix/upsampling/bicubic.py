"""Bicubic: every new pixel is a weighted sum of the sixteen pixels around it.

It is sharper than bilinear and overshoots at edges. Keys' kernel has a = -0.75 as in torch and OpenCV. The value -0.5
of MATLAB and Pillow rings less, but torch has no layer for it, and a layer must equal its reference.
"""

from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec, NoSettings, ReferenceInput, Upsampler
from repix.upsampling._interpolation import (
    interpolate_array,
    interpolation_halo,
    interpolation_layer,
    interpolation_linear,
    interpolation_trace,
)

if TYPE_CHECKING:
    from torch import nn


def _compute(given: ReferenceInput[NoSettings]) -> Array:
    """Return x, enlarged by bicubic interpolation."""
    return interpolate_array(given.x, given.scale, "bicubic")


def _trace(given: ReferenceInput[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "bicubic")


def _layer(place: LayerSpec[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "bicubic")


def _halo(scale: float, _: NoSettings) -> int:
    return interpolation_halo(scale, "bicubic")


UPSAMPLER = Upsampler(
    "bicubic",
    NoSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    linear=interpolation_linear("bicubic"),
    fractional=True,
    use="a plain, sharp enlargement, such as the input of a network that adds detail",
)
