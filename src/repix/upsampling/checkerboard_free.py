"""Checkerboard-free: a transposed convolution whose kernel is held so that flat areas stay flat, while it learns too.

An output pixel reads only some of the kernel: those of its phase, its place in the block of scale × scale. A flat area
draws a checkerboard exactly when the sums of the phases differ. So before every use each phase gets the same amount
added to all its numbers, such that all phases have the mean sum. Whatever an optimiser does to the numbers behind, the
kernel in use keeps the law. The border is repeated, so the law holds up to it. The weights have the names and shapes of
the transposed convolution, whose trained weights can be put in as they are.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import Given, Place, Upsampler
from repix.upsampling._edges import edges_repeated, edges_trace
from repix.upsampling._joining import joined
from repix.upsampling._phases import even, even_trace
from repix.upsampling._transposing import (
    TransposedSettings,
    cuts,
    holes,
    laid,
    laid_trace,
    side,
    torch_convolution,
    transposed_reach,
    transposed_shapes,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

ABOUT = (
    "Checkerboard-free: a transposed convolution whose kernel is first made even, so that each phase sums up to the "
    "same and a flat area stays flat."
)
"""The heading of its explanation."""


def _compute(given: Given[TransposedSettings]) -> Array:
    """Make the phases even, repeat the border, lay scaled kernels on the result."""
    margin = transposed_reach(given.scale, given.settings)
    kernel = even(given.weights["convolution.weight"], int(given.scale))
    return laid(edges_repeated(given.x, margin), kernel, given, margin)


def _working(given: Given[TransposedSettings]) -> Trace:
    margin = transposed_reach(given.scale, given.settings)
    kernel = even_trace(given.weights["convolution.weight"], int(given.scale))
    padded = edges_trace(given.x, margin)
    summed = laid_trace(padded.output, kernel.output, given, margin)
    names = {"picture": "edges", "kernel": "even-kernel"}
    return replace(joined("checkerboard-free", (kernel, {}), (padded, {}), (summed, names)), about=ABOUT)


def _layer(place: Place[TransposedSettings]) -> "nn.Module":
    from torch import nn
    from torch.nn import functional

    scale = int(place.scale)
    margin = transposed_reach(scale, place.settings)
    padding, extra = cuts(side(scale, place.settings), scale)

    class CheckerboardFree(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch_convolution(place)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            wider = functional.pad(x, (margin,) * 4, mode="replicate") if margin else x
            cut = padding + margin * scale
            return functional.conv_transpose2d(wider, self.kernel(), self.convolution.bias, scale, cut, extra)

        def kernel(self) -> "Tensor":
            """The kernel in use."""
            return even_tensor(self.convolution.weight, scale)

    return CheckerboardFree()


def even_tensor(kernel: "Tensor", scale: int) -> "Tensor":
    """`even` for a tensor: (channels in, channels out, rows, columns)."""
    from torch import ones_like
    from torch.nn import functional

    size = kernel.shape[-1]
    blocks = -(-size // scale)
    missing = (0, blocks * scale - size) * 2

    def sums(values: "Tensor") -> "Tensor":  # (C, O, scale, scale)
        parted = functional.pad(values, missing).reshape(*values.shape[:2], blocks, scale, blocks, scale)
        return parted.sum((2, 4))

    total, count = sums(kernel), sums(ones_like(kernel[:1, :1]))
    shift = (total.mean((2, 3), keepdim=True) - total) / count
    made: Tensor = kernel + shift.repeat(1, 1, blocks, blocks)[:, :, :size, :size]
    return made


UPSAMPLER = Upsampler(
    "checkerboard-free",
    TransposedSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=transposed_reach,
    stays_flat=True,
    channels="any",
    shapes=transposed_shapes,
    objection=holes,
    use="a transposed convolution is wanted without its checkerboards, also for one that is trained already",
)
