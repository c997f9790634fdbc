"""Pixel shuffle: convolve to scale² channels for each wanted one, then lay them side by side as blocks of pixels.

All learning happens on the small picture, which makes it the cheapest of those that learn. Untied kernels for the
pixels of a block draw checkerboards at the start, so by default they start equal (ICNR): the layer then begins as
the nearest enlargement of one convolution, and training may part them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from repix import arithmetic
from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import Given, Place, Upsampler
from repix.upsampling._joining import joined
from repix.upsampling._transposing import Bias, bias_of, convolution_shapes

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class PixelShuffleSettings(Settings):
    """The settings of a pixel shuffle."""

    kernel: Annotated[int, "side of the kernel", Bounds(1, 99, odd=True)] = 3
    icnr: Annotated[
        bool, "whether the kernels of a block start equal, so that training begins without checkerboard"
    ] = True
    bias: Bias = True


def _compute(given: Given[PixelShuffleSettings]) -> Array:
    """Convolve, then shuffle."""
    padding = given.settings.kernel // 2
    blocks = conv2d(given.x, given.weights["convolution.weight"], bias_of(given.weights), padding=padding)
    return arithmetic.pixel_shuffle(blocks, int(given.scale))


def _working(given: Given[PixelShuffleSettings]) -> Trace:
    padding = given.settings.kernel // 2
    blocks = conv2d.trace(given.x, given.weights["convolution.weight"], bias_of(given.weights), padding=padding)
    shuffled = arithmetic.pixel_shuffle.trace(blocks.output, int(given.scale))
    return joined(
        "pixel-shuffle",
        (blocks, {"output": "blocks"}),
        (shuffled, {"picture": "blocks"}),
        titles={"blocks": "Convolved"},
    )


def _reach(_: float, settings: PixelShuffleSettings) -> int:
    return settings.kernel // 2


def _shapes(place: Place[PixelShuffleSettings]) -> dict[str, tuple[int, ...]]:
    kernel, block = place.settings.kernel, int(place.scale) ** 2
    return convolution_shapes((place.out_channels * block, place.in_channels, kernel, kernel), place, block)


def _layer(place: Place[PixelShuffleSettings]) -> "nn.Module":
    from torch import nn

    settings, scale = place.settings, int(place.scale)

    class PixelShuffle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            channels = place.in_channels, place.out_channels * scale**2
            padding = settings.kernel // 2
            self.convolution = nn.Conv2d(*channels, settings.kernel, padding=padding, bias=settings.bias)
            self.shuffle = nn.PixelShuffle(scale)
            if settings.icnr:
                start_equal(self.convolution, scale**2)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.shuffle(self.convolution(x))
            return y

    return PixelShuffle()


def start_equal(convolution: "nn.Conv2d", block: int) -> None:
    """ICNR: give every `block` filters in a row the weights and the bias of the first."""
    import torch

    with torch.no_grad():
        for values in convolution.parameters():
            values.copy_(values[::block].repeat_interleave(block, 0))


UPSAMPLER = Upsampler(
    "pixel-shuffle",
    PixelShuffleSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=False,
    channels="any",
    shapes=_shapes,
    use="work should stay on the small picture, at the end of a super-resolution network above all",
)
