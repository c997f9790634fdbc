"""Unpool: put every number back where the matching max pool found it, and zeros elsewhere.

The matching pool has the window and the stride of the scale, `torch.nn.MaxPool2d(scale, return_indices=True)`: each
index then lies in its number's own block. That lets the layer compare every place of a block with the index, in plain
operations that every ONNX engine has, instead of scattering.
"""

from typing import TYPE_CHECKING

import numpy as np

from repix.arithmetic import max_unpool2d
from repix.arithmetic.arrays import Array, Integers
from repix.arithmetic.trace import Trace
from repix.errors import WrongUse
from repix.upsampling import Given, NoSettings, Place, Upsampler

if TYPE_CHECKING:
    from torch import Tensor, nn


def unpool(given: Given[NoSettings]) -> Array:
    """Maxima where they were, zeros elsewhere."""
    return max_unpool2d(given.x, _own(given.indices), _size(given))


def _working(given: Given[NoSettings]) -> Trace:
    return max_unpool2d.trace(given.x, _own(given.indices), _size(given))


def _adjoint(given: Given[NoSettings]) -> Array:
    """Pick out what lies at the indices."""
    n, channels = given.x.shape[:2]
    places = _own(given.indices)
    return np.take_along_axis(given.x.reshape(n, channels, -1), places.reshape(n, channels, -1), -1).reshape(
        places.shape
    )


def _size(given: Given[NoSettings]) -> tuple[int, int]:
    return given.x.shape[2] * int(given.scale), given.x.shape[3] * int(given.scale)


def _own(indices: Integers | None) -> Integers:
    if indices is None:
        raise WrongUse("unpool needs the indices that its max pool gave; pass them with the picture.")
    return indices


def _layer(place: Place[NoSettings]) -> "nn.Module":
    import torch
    from torch import nn

    scale = int(place.scale)

    class Unpool(nn.Module):
        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":
            if indices is None:
                raise WrongUse("unpool needs the indices that its max pool gave: layer(x, indices).")
            n, channels, height, width = x.shape
            size = n, channels, scale * height, scale * width
            places = torch.arange(size[2] * size[3], device=x.device).reshape(height, scale, width, scale)
            here = indices[:, :, :, None, :, None] == places  # (N, C, H, scale, W, scale)
            return torch.where(here, x[:, :, :, None, :, None], 0.0).reshape(size)

    return Unpool()


def _reach(_: float, __: NoSettings) -> int:
    return 0


UPSAMPLER = Upsampler(
    "unpool",
    NoSettings,
    compute=unpool,
    working=_working,
    build=_layer,
    reach=_reach,
    stays_flat=False,
    needs_indices=True,
    adjoint=_adjoint,
)
