"""Unpool: put every value back to its index before the matching max pool, and zeros elsewhere.

The matching pool is `max_pool` in this file. Its window and stride are the scale, so each value goes back into the same
block. ONNX has no operator for unpooling. A scatter of the values to their indices is equivalent, as fast in training
as torch's own, and supported by every engine.
"""

from typing import TYPE_CHECKING

import numpy as np

from repix.arithmetic import max_unpool2d
from repix.arithmetic.arrays import Array, Integers
from repix.arithmetic.trace import Trace
from repix.errors import WrongUse
from repix.upsampling import LayerSpec, NoSettings, ReferenceInput, Upsampler

if TYPE_CHECKING:
    from torch import Tensor, nn


def _compute(given: ReferenceInput[NoSettings]) -> Array:
    """Return planes with the values of x at their indices, zeros elsewhere."""
    return max_unpool2d(given.x, _own(given.indices), _size(given))


def _trace(given: ReferenceInput[NoSettings]) -> Trace:
    return max_unpool2d.trace(given.x, _own(given.indices), _size(given))


def _adjoint(given: ReferenceInput[NoSettings]) -> Array:
    """Return the values at the indices."""
    n, channels = given.x.shape[:2]
    places = _own(given.indices)
    return np.take_along_axis(given.x.reshape(n, channels, -1), places.reshape(n, channels, -1), -1).reshape(
        places.shape
    )


def _size(given: ReferenceInput[NoSettings]) -> tuple[int, int]:
    return given.x.shape[2] * int(given.scale), given.x.shape[3] * int(given.scale)


def _own(indices: Integers | None) -> Integers:
    if indices is None:
        raise WrongUse("unpool needs the indices of its max pool; pass them with the picture.")
    return indices


def _layer(place: LayerSpec[NoSettings]) -> "nn.Module":
    from torch import nn

    scale = int(place.scale)

    class Unpool(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":
            if indices is None:
                raise WrongUse("unpool needs the indices of its max pool: layer(x, indices).")
            n, channels, height, width = x.shape
            height, width = scale * height, scale * width
            empty = x.new_zeros(n, channels, height * width)
            return empty.scatter(2, indices.flatten(2), x.flatten(2)).reshape(n, channels, height, width)

    return Unpool()


def max_pool(x: "Tensor", scale: int) -> tuple["Tensor", "Tensor"]:
    """Return the maxima of N×C×H×W and their indices (of equal values the first); H and W are multiples of the scale.

    In an ONNX export the indices are computed by comparisons, because engines compute them slowly in a pool: OpenVINO
    takes 154 ms for 64×128×128, and 9 ms with comparisons.

    >>> from repix import registry
    >>> torch = registry.library("torch")
    >>> values, places = max_pool(torch.tensor([[[[1.0, 2.0, 8.0, 8.0], [5.0, 6.0, 7.0, 8.0]]]]), 2)
    >>> values.tolist(), places.tolist()
    ([[[[6.0, 8.0]]]], [[[[5, 2]]]])
    """
    from torch import compiler
    from torch.nn import functional

    if compiler.is_exporting():
        return _compared_pool(x, scale)
    if x.shape[-2] % scale or x.shape[-1] % scale:
        raise WrongUse(f"x is {x.shape[-2]}×{x.shape[-1]}; to be unpooled, both sides must be multiples of {scale}.")
    values, places = functional.max_pool2d(x, scale, return_indices=True)
    return values, places


def _compared_pool(x: "Tensor", scale: int) -> tuple["Tensor", "Tensor"]:
    """Return the same with operators that are fast in every engine."""
    import torch

    values = torch.nn.functional.max_pool2d(x, scale)
    height, width = x.shape[-2:]
    plane = torch.arange(height * width, device=x.device).reshape(height, width)
    places = plane[scale - 1 :: scale, scale - 1 :: scale].expand(values.shape)
    for k in reversed(range(scale**2 - 1)):
        down, right = divmod(k, scale)
        here = (slice(down, None, scale), slice(right, None, scale))
        places = torch.where(x[(..., *here)] == values, plane[here], places)
    return values, places


def _halo(_: float, __: NoSettings) -> int:
    return 0


UPSAMPLER = Upsampler(
    "unpool",
    NoSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=False,
    needs_indices=True,
    adjoint=_adjoint,
    use="after max pooling, if edges must return to their positions",
)
