"""Reshape: scale² channels become one larger channel in memory order.

Rows of different channels end up below each other, so neighbors in the result need not be neighbors in the input. Tiles
are therefore not exact, and the result is a picture only if the layers around it learn to make one.
"""

from typing import TYPE_CHECKING

from repix.arithmetic import reshape_upsample
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec, NoSettings, ReferenceInput, Upsampler

if TYPE_CHECKING:
    from torch import Tensor, nn


def _compute(given: ReferenceInput[NoSettings]) -> Array:
    """Return the values of x in memory order with a larger shape."""
    return reshape_upsample(given.x, int(given.scale))


def _trace(given: ReferenceInput[NoSettings]) -> Trace:
    return reshape_upsample.trace(given.x, int(given.scale))


def _adjoint(given: ReferenceInput[NoSettings]) -> Array:
    """Return the values in the smaller shape; no value changes, so the adjoint is the inverse."""
    n, channels, height, width = given.x.shape
    scale = int(given.scale)
    return given.x.reshape(n, channels * scale**2, height // scale, width // scale)


def _layer(place: LayerSpec[NoSettings]) -> "nn.Module":
    from torch import nn

    scale = int(place.scale)

    class Reshape(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            n, channels, height, width = x.shape
            return x.reshape(n, channels // scale**2, scale * height, scale * width)

    return Reshape()


def _halo(_: float, __: NoSettings) -> None:
    return None


UPSAMPLER = Upsampler(
    "reshape",
    NoSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=False,
    channels="blocks",
    adjoint=_adjoint,
    use="a demonstration of the simplest rearrangement; not for pictures",
)
