"""Nearest: every pixel becomes a block of equal pixels.

The result is sharp and blocky, and never overshoots. There are no weights to learn.
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
    """Return x with every pixel repeated as a block."""
    return interpolate_array(given.x, given.scale, "nearest")


def _trace(given: ReferenceInput[NoSettings]) -> Trace:
    return interpolation_trace(given.x, given.scale, "nearest")


def _layer(place: LayerSpec[NoSettings]) -> "nn.Module":
    return interpolation_layer(place, "nearest")


def _halo(scale: float, _: NoSettings) -> int:
    return interpolation_halo(scale, "nearest")


UPSAMPLER = Upsampler(
    "nearest",
    NoSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    linear=interpolation_linear("nearest"),
    use="a fast enlargement before convolutions; tiles need no halo",
)
