"""Bits of the weights in a model file: 32, 16, or 8 in large kernels and 16 in the others.

Most weights are in the few kernels between many channels, deep in a network. They tolerate 8 bits with a scale for each
output channel. Smaller kernels, close to the picture, do not: with 8 bits there, `denoise-color` lost 0.35 dB on
pictures without noise. Engines compute with 32 bits in each case: they widen the weights once, when they load a file.
"""

from typing import Any, Literal

import numpy as np
from torch import Tensor, nn

from repix.arithmetic.arrays import Array

WeightBits = Literal[8, 16, 32]
"""8 stands for 8 bits in large kernels, and 16 in the others."""
HALF, BYTE, SCALE = ".half", ".byte", ".scale"
"""The endings of the names of stored weights with 16 and 8 bits, and of their scales."""
LARGE = 50_000
"""Weights of a kernel from which on it is large."""
TOP = 127
"""The largest code of 8 bits."""
TINY = 2.0**-100
"""A scale that is not smaller, so that a channel of zeros has one."""


def round_weights(module: nn.Module, bits: WeightBits) -> None:
    """Round a module's kernels and matrices; biases and statistics stay as they are.

    >>> import torch
    >>> from torch import nn
    >>> layer = nn.Linear(1, 1)
    >>> _ = nn.init.constant_(layer.weight, 0.1)
    >>> with torch.no_grad():
    ...     round_weights(layer, 16)
    >>> layer.weight.item()
    0.0999755859375
    """
    if bits == 32:
        return
    layers = (layer for layer in module.modules() if bits == 8 and isinstance(layer, nn.Conv2d | nn.Linear))
    eight = {id(layer.weight) for layer in layers if layer.weight.numel() >= LARGE}
    for weight in module.parameters():
        if weight.ndim > 1:
            weight.copy_(_eight_bits(weight) if id(weight) in eight else weight.half().float())


def _eight_bits(weight: Tensor) -> Tensor:
    """Return weights of which each output channel is a scale times whole numbers from -127 to 127."""
    rows = weight.flatten(1)
    largest = rows.abs().amax(1, keepdim=True).clamp(min=TINY)
    scale = (largest / TOP).bfloat16().float()  # of so few bits that products with codes are exact in 32 bits
    return (scale * (rows / scale).round().clamp(-TOP, TOP)).view_as(weight)


def narrow_weights(model: Any) -> None:
    """Store weights that fewer bits hold exactly in these, with the nodes that widen them to 32 bits again."""
    from onnx import TensorProto, helper, numpy_helper

    widening = []
    for weight in list(model.graph.initializer):
        if weight.data_type != TensorProto.FLOAT or len(weight.dims) < 2:
            continue
        name, values = weight.name, numpy_helper.to_array(weight)
        codes, scale = _codes(values)
        halves = values.astype(np.float16)
        if codes is not None:
            weight.CopyFrom(numpy_helper.from_array(codes, f"{name}{BYTE}"))
            model.graph.initializer.append(numpy_helper.from_array(scale, f"{name}{SCALE}"))
            whole = f"{name}.whole"
            widening.append(_widened(helper, weight.name, whole))
            widening.append(helper.make_node("Mul", [whole, f"{name}{SCALE}"], [name], name=f"{name}.scaled"))
        elif np.array_equal(halves.astype(np.float32), values):
            weight.CopyFrom(numpy_helper.from_array(halves, f"{name}{HALF}"))
            widening.append(_widened(helper, weight.name, name))
    nodes = [*widening, *model.graph.node]
    model.graph.ClearField("node")
    model.graph.node.extend(nodes)


def _widened(helper: Any, stored: str, name: str) -> Any:
    """Return the node that casts stored weights to 32 bits."""
    from onnx import TensorProto

    return helper.make_node("Cast", [stored], [name], name=f"{name}.widened", to=TensorProto.FLOAT)


def _codes(values: Array) -> tuple[Array | None, Array]:
    """Return the codes and scales of a large kernel that `round_weights` rounded to 8 bits; None for another one."""
    axes = tuple(range(1, values.ndim))
    scale = np.abs(values).max(axis=axes, keepdims=True) / np.float32(TOP)
    scale = np.where(scale == 0, np.float32(1), scale)
    codes = np.rint(values / scale)
    if values.size < LARGE or not np.array_equal(codes.astype(np.float32) * scale, values):
        return None, scale
    return codes.astype(np.int8), scale


def widened_weights(arrays: dict[str, Array]) -> dict[str, Array]:
    """Return the stored weights of a model file by the names of the widened ones.

    >>> stored = {"w.byte": np.array([[2]], np.int8), "w.scale": np.array([[0.5]], np.float32)}
    >>> widened_weights(stored | {"v.half": np.ones(1, np.float16)})
    {'w': array([[1.]], dtype=float32), 'v': array([1.], dtype=float16)}
    """
    scales = {name.removesuffix(BYTE) + SCALE for name in arrays if name.endswith(BYTE)}
    widened: dict[str, Array] = {}
    for name, array in arrays.items():
        if name.endswith(BYTE):
            plain = name.removesuffix(BYTE)
            widened[plain] = array.astype(np.float32) * arrays[f"{plain}{SCALE}"]
        elif name not in scales:
            widened[name.removesuffix(HALF)] = array
    return widened
