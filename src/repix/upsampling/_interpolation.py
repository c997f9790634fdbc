"""What nearest, bilinear and bicubic share: half-pixel centers, borders repeated, the size rounded down.

Bicubic has a = -0.75, not -0.5 as in MATLAB, because torch offers no other and a layer must be its reference.
"""

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repix.arithmetic.arrays import Array
from repix.arithmetic.resize_trace import nearest_working, two_passes
from repix.arithmetic.taps import Resampling, Taps, taps, weighted
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

Method = Literal["nearest", "bilinear", "bicubic"]

TORCH_A = -0.75
"""The shape of torch's bicubic kernel."""


def interpolate_array(x: Array, scale: float, method: Method) -> Array:
    """Enlarge N×C×H×W by interpolation.

    >>> interpolate_array(np.array([[[[1.0, 5.0]]]]), 2, "bilinear")[0, 0, 0].tolist()
    [1.0, 2.0, 4.0, 5.0]
    """
    return weighted(x, _taps(x.shape[-2], scale, method), _taps(x.shape[-1], scale, method))


def interpolation_trace(x: Array, scale: float, method: Method) -> Trace:
    """The same, step by step."""
    rows, columns = _taps(x.shape[-2], scale, method), _taps(x.shape[-1], scale, method)
    stages, steps = (nearest_working if method == "nearest" else two_passes)(x, rows, columns)
    return Trace(method, tuple(stages), tuple(steps), {"picture": x})


def interpolation_halo(scale: float, method: Method, margin: int = 0) -> int:
    """How many input pixels an output pixel and its neighbors up to `margin` away depend on, around its own.

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


def interpolation_layer(place: LayerSpec[Any], method: Method) -> "nn.Module":
    """The torch layer, whose result has the exact size that its ONNX export has."""
    from torch import nn

    class Interpolation(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            return interpolate_tensor(x, place.scale, method)

    return Interpolation()


def interpolate_tensor(x: "Tensor", scale: float, method: Method) -> "Tensor":
    """Enlarge a tensor by interpolation."""
    from torch.nn import functional

    corners = None if method == "nearest" else False
    return functional.interpolate(x, scale_factor=float(scale), mode=method, align_corners=corners)


def _taps(size: int, scale: float, method: Method) -> Taps:
    new_size = math.floor(size * scale)
    line = Resampling(size, new_size, new_size / scale)
    return taps(line, method, antialias=False, a=TORCH_A)
