"""Shared code of nearest, bilinear and bicubic: half-pixel centers, repeated borders, sizes rounded down.

Bicubic has a = -0.75, not -0.5 as in MATLAB, because torch has no other value and a layer must equal its reference.
"""

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.resize_trace import nearest_trace, two_pass_trace
from repix.arithmetic.taps import Resampling, Taps, taps, weighted
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec, NoSettings, Weights
from repix.upsampling._linear import Basis, Linear, LinearWeights

if TYPE_CHECKING:
    from torch import Tensor, nn

Method = Literal["nearest", "bilinear", "bicubic"]

TORCH_A = -0.75
"""The parameter `a` of torch's bicubic kernel."""


def interpolate_array(x: Array, scale: float, method: Method) -> Array:
    """Return N×C×H×W, enlarged by interpolation.

    >>> interpolate_array(np.array([[[[1.0, 5.0]]]]), 2, "bilinear")[0, 0, 0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    return weighted(x, _taps(x.shape[-2], scale, method), _taps(x.shape[-1], scale, method))


def interpolation_trace(x: Array, scale: float, method: Method) -> Trace:
    """Return the trace of `interpolate_array`."""
    rows, columns = _taps(x.shape[-2], scale, method), _taps(x.shape[-1], scale, method)
    stages, steps = (nearest_trace if method == "nearest" else two_pass_trace)(x, rows, columns)
    return Trace(method, tuple(stages), tuple(steps), {"picture": x})


def interpolation_halo(scale: float, method: Method, margin: int = 0) -> int:
    """Return the halo, in input pixels, of an output pixel together with its neighbors up to `margin` pixels away.

    >>> interpolation_halo(2, "nearest"), interpolation_halo(2, "bicubic"), interpolation_halo(2, "nearest", 1)
    (0, 2, 1)
    """
    size = 2 * math.ceil(margin / scale) + 24
    line = _taps(size, scale, method)
    counted = line.weights != 0
    low = np.where(counted, line.indices, size).min(axis=1)
    high = np.where(counted, line.indices, -1).max(axis=1)
    middle = np.arange(margin, len(low) - margin)
    middle = middle[(middle >= 8 * scale + margin) & (middle < (size - 8) * scale - margin)]
    own = np.floor((middle + 0.5) / scale)
    return int(max((own - low[middle - margin]).max(), (high[middle + margin] - own).max()))


def interpolation_basis(scale: int, method: Method) -> Basis:
    """Return the basis of an interpolation: one column, its own kernel.

    >>> interpolation_basis(2, "bilinear").first, interpolation_basis(2, "bilinear").matrix[:, 0].tolist()
    (-1, [0.25, 0.75, 0.75, 0.25])
    """
    impulse = np.eye(9)[4]
    response = interpolate_array(impulse.reshape(1, 1, 1, 9), scale, method)[0, 0, 0]
    found = np.flatnonzero(response)
    return Basis(response[found[0] : found[-1] + 1, np.newaxis], int(found[0]) - 4 * scale)


def interpolation_linear(method: Method) -> Linear[NoSettings]:
    """Return the linear form of an interpolation, which has no weights."""

    def read(spec: LayerSpec[NoSettings], _: Weights) -> LinearWeights:
        scale = int(spec.scale)
        factors = np.eye(spec.in_channels)[:, :, np.newaxis, np.newaxis]
        return LinearWeights(factors, np.zeros((spec.out_channels, scale, scale)))

    return Linear(lambda scale, _: interpolation_basis(scale, method), read, lambda *_: {})


def interpolation_layer(place: LayerSpec[Any], method: Method) -> "nn.Module":
    """Return the torch layer; its result has the same size as that of its ONNX export."""
    from torch import nn

    class Interpolation(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            return interpolate_tensor(x, place.scale, method)

    return Interpolation()


def interpolate_tensor(x: "Tensor", scale: float, method: Method) -> "Tensor":
    """Return a tensor, enlarged by interpolation."""
    from torch.nn import functional

    corners = None if method == "nearest" else False
    return functional.interpolate(x, scale_factor=float(scale), mode=method, align_corners=corners)


def _taps(size: int, scale: float, method: Method) -> Taps:
    new_size = math.floor(size * scale)
    line = Resampling(size, new_size, new_size / scale)
    return taps(line, method, antialias=False, a=TORCH_A)
