"""Shared code of upsamplers that predict, for each new pixel, the weights of the old pixels around it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.trace import Trace
from repix.upsampling import LayerSpec, Weights

if TYPE_CHECKING:
    from torch import Tensor, nn


def start_positions(scale: int) -> Array:
    """Return the positions of the new pixels of a block on one axis, relative to the old pixel's center.

    >>> start_positions(2).tolist()
    [-0.25, 0.25]
    """
    return (np.arange(scale) + 0.5) / scale - 0.5


def convolution_weights(name: str, channels: tuple[int, int], kernel: int = 1) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weight and the bias of a convolution, by name; `channels` is in, out."""
    return {f"{name}.weight": (channels[1], channels[0], kernel, kernel), f"{name}.bias": (channels[1],)}


def projection_shapes(place: LayerSpec[Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of the projection's weight; nothing if the number of channels stays the same."""
    if place.in_channels == place.out_channels:
        return {}
    return {"projection.weight": (place.out_channels, place.in_channels, 1, 1)}


def project_array(x: Array, weights: Weights) -> Array:
    """Return x with its channels mixed by the projection, if there is one."""
    kernel = weights.get("projection.weight")
    return x if kernel is None else conv2d(x, kernel)


def projection_trace(x: Array, weights: Weights) -> Trace | None:
    """Return the trace of the projection, if there is one."""
    kernel = weights.get("projection.weight")
    return None if kernel is None else conv2d.trace(x, kernel)


def projection_layer(place: LayerSpec[Any]) -> "nn.Module":
    """Return a 1×1 convolution to the output channels that keeps the variance; identity if they are as many."""
    from torch import nn

    if place.in_channels == place.out_channels:
        return nn.Identity()
    projection = nn.Conv2d(place.in_channels, place.out_channels, 1, bias=False)
    bound = (3 / place.in_channels) ** 0.5
    nn.init.uniform_(projection.weight, -bound, bound)
    return projection


def reassemble(values: "Tensor", weights: Sequence["Tensor"], scale: int) -> "Tensor":
    """Return the enlarged picture: each new pixel is the weighted sum of the K×K old pixels around it.

    Borders are repeated. Each product is one multiplication of whole maps, so memory and the ONNX graph stay small.

    Args:
        values: N×C×H×W.
        weights: one tensor N×G×1×S×H×W for each of the K×K neighbors, row by row; G groups of channels have their
            own weights, and S = scale² new pixels lie in the block of one old pixel.
        scale: scale factor.
    """
    import torch
    from torch.nn import functional

    side = round(len(weights) ** 0.5)
    padded = functional.pad(values, (side // 2,) * 4, mode="replicate")
    groups = torch.unflatten(padded, 1, (weights[0].shape[1], -1)).unsqueeze(3)  # N, G, C/G, 1, H + K - 1, W + K - 1
    parts = [slice(first, first + 1 - side or None) for first in range(side)]  # fixed ends: a shorter ONNX graph
    lines = [groups[..., rows, :] for rows in parts]
    neighbors = (line[..., columns] for line in lines for columns in parts)
    total = values.new_zeros(())
    for near, weight in zip(neighbors, weights, strict=True):
        total = total + near * weight
    return functional.pixel_shuffle(total.flatten(1, 3), scale)
