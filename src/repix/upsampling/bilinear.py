"""Bilinear: every new pixel is a weighted mean of the four pixels around it.

The result is smooth and slightly soft, and never overshoots. There are no weights to learn. Pixels have half-pixel
centers; borders are repeated.
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
    """Return x, enlarged by bilinear interpolation."""
    return interpolate_array(given.x, given.scale, "bilinear")


def _trace(given: ReferenceInput[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "bilinear")


def _layer(place: LayerSpec[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "bilinear")


def _halo(scale: float, _: NoSettings) -> int:
    return interpolation_halo(scale, "bilinear")


UPSAMPLER = Upsampler(
    "bilinear",
    NoSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    linear=interpolation_linear("bilinear"),
    fractional=True,
    use="a smooth enlargement before convolutions",
)
