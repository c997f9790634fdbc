"""Resize-convolution: interpolate, then convolve, so that no checkerboard can arise.

Interpolation alone draws no checkerboard but adds no detail; the convolution adds it. The border is repeated for the
convolution, so that flat areas stay flat up to the border. It computes scale² times more than a convolution before
enlarging would.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import Given, Place, Upsampler
from repix.upsampling._edges import edges_repeated, edges_trace
from repix.upsampling._interpolating import interpolate, interpolated, interpolation_reach, interpolation_trace
from repix.upsampling._joining import joined
from repix.upsampling._transposing import Bias, bias_of, convolution_shapes

if TYPE_CHECKING:
    from torch import Tensor, nn


ABOUT = "Resize-convolution: the picture is enlarged and its border repeated; a convolution adds detail."
"""The heading of its explanation."""


@dataclass(frozen=True)
class ResizeConvSettings(Settings):
    """The settings of a resize-convolution."""

    method: Annotated[Literal["nearest", "bilinear"], "how it is enlarged before the convolution"] = "nearest"
    kernel: Annotated[int, "side of the kernel", Bounds(1, 99, odd=True)] = 3
    bias: Bias = True


def _compute(given: Given[ResizeConvSettings]) -> Array:
    """Interpolate, repeat the border, convolve."""
    larger = interpolated(given.x, given.scale, given.settings.method)
    padded = edges_repeated(larger, given.settings.kernel // 2)
    return conv2d(padded, given.weights["convolution.weight"], bias_of(given.weights))


def _working(given: Given[ResizeConvSettings]) -> Trace:
    larger = interpolation_trace(given.x, given.scale, given.settings.method)
    padded = edges_trace(larger.output, given.settings.kernel // 2)
    convolved = conv2d.trace(padded.output, given.weights["convolution.weight"], bias_of(given.weights))
    trace = joined(
        "resize-conv",
        (larger, {"output": "larger"}),
        (padded, {"picture": "larger"}),
        (convolved, {"picture": "edges"}),
        titles={"larger": "The picture, enlarged"},
    )
    return replace(trace, about=ABOUT)


def _reach(scale: float, settings: ResizeConvSettings) -> int:
    return interpolation_reach(scale, settings.method, settings.kernel // 2)


def _shapes(place: Place[ResizeConvSettings]) -> dict[str, tuple[int, ...]]:
    kernel = place.settings.kernel
    return convolution_shapes((place.out_channels, place.in_channels, kernel, kernel), place)


def _layer(place: Place[ResizeConvSettings]) -> "nn.Module":
    from torch import nn

    settings = place.settings

    class ResizeConvolution(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(
                place.in_channels,
                place.out_channels,
                settings.kernel,
                padding=settings.kernel // 2,
                padding_mode="replicate",
                bias=settings.bias,
            )

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            y: Tensor = self.convolution(interpolate(x, place.scale, settings.method))
            return y

    return ResizeConvolution()


UPSAMPLER = Upsampler(
    "resize-conv",
    ResizeConvSettings,
    compute=_compute,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=True,
    channels="any",
    shapes=_shapes,
    use="no checkerboard may arise, even in bf16, and time allows",
)
