"""Reshape: keep the numbers in the order they lie in memory, and call scale² channels one larger channel.

Rows of different channels land one below the other, so neighbors in the result need not be neighbors in the
picture: no tile equals the whole, and what comes out is a picture only if the layers around it learn to make one.
"""

from typing import TYPE_CHECKING

from repix.arithmetic import reshape_upsample
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, NoSettings, Place, Upsampler

if TYPE_CHECKING:
    from torch import Tensor, nn


def _compute(given: Given[NoSettings]) -> Array:
    """The same numbers in the same order."""
    return reshape_upsample(given.x, int(given.scale))


def _working(given: Given[NoSettings]) -> Trace:
    return reshape_upsample.trace(given.x, int(given.scale))


def _adjoint(given: Given[NoSettings]) -> Array:
    """Back to the small shape; no number changes, so the adjoint is the inverse."""
    n, channels, height, width = given.x.shape
    scale = int(given.scale)
    return given.x.reshape(n, channels * scale**2, height // scale, width // scale)


def _layer(place: Place[NoSettings]) -> "nn.Module":
    from torch import nn

    scale = int(place.scale)

    class Reshape(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            n, channels, height, width = x.shape
            return x.reshape(n, channels // scale**2, scale * height, scale * width)

    return Reshape()


def _reach(_: float, __: NoSettings) -> None:
    return None


UPSAMPLER = Upsampler(
    "reshape",
    NoSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=False,
    channels="blocks",
    adjoint=_adjoint,
    use="the lecture's simplest way is to be shown; not for pictures",
)
