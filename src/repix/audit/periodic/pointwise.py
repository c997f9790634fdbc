"""Operators on single places of periodic tensors, on all of them, and on channels: activations, norms, products."""

import math
from collections.abc import Callable

import numpy as np

from repix.audit.errors import UnpredictableError
from repix.audit.periodic.tensor import (
    Call,
    Numbers,
    Operator,
    Periodic,
    Result,
    aligned,
    periodic,
    raised,
    same_periods,
)
from repix.conversion.onnx_arguments import named_axes
from repix.conversion.onnx_import.receptive_field.constant_folding import FOLDED, ConstantCall
from repix.conversion.onnx_reader import Node

SOFTMAX_BY_AXIS = 13
AXES_INPUTS = {"ReduceSum": 13}
"""The first opset with axes as an input; 18 for the others."""
REDUCE_AXES_OPSET = 18
FOLDED_HERE = (
    "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Neg", "Abs", "Floor", "Ceil", "Round", "Sqrt", "Exp",
    "Reciprocal", "Not", "And", "Or", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Where", "Relu",
    "Sigmoid", "Cast",
)  # fmt: skip
"""Elementwise operators whose arithmetic is that of constants."""

_erf: Callable[[Numbers], Numbers] = np.vectorize(math.erf, otypes=[np.float64])


def _elementwise(call: Call) -> Result:
    """Return the output of an elementwise operator of several tensors."""
    tiles, shape, pixels = aligned([one for one in call.inputs if one is not None])
    with np.errstate(all="ignore"):
        made = FOLDED[call.node.kind](ConstantCall(call.node, tiles, call.opset))
    return [Periodic(np.asarray(made), shape, pixels)]


def _several(function: Callable[..., Numbers]) -> Operator:
    def operator(call: Call) -> Result:
        tiles, shape, pixels = aligned([one for one in call.inputs if one is not None])
        with np.errstate(all="ignore"):
            return [Periodic(np.asarray(function(*tiles)), shape, pixels)]

    return operator


def _single(function: Callable[[Numbers, Node], Numbers]) -> Operator:
    def operator(call: Call) -> Result:
        x = call.tensor
        with np.errstate(all="ignore"):
            return [Periodic(function(x.tile, call.node), x.shape, x.pixels)]

    return operator


def _real(node: Node, name: str, default: float) -> float:
    found = node.attributes.get(name)
    return default if found is None else found.float_value


def _clip(call: Call) -> Result:
    x = call.tensor
    low, high = call.constant(1), call.constant(2)
    least = _real(call.node, "min", -np.inf) if low is None else float(low)
    most = _real(call.node, "max", np.inf) if high is None else float(high)
    return [Periodic(np.clip(x.tile, least, most), x.shape, x.pixels)]


def _gelu(x: Numbers, node: Node) -> Numbers:
    made: Numbers = 0.5 * x * (1 + _erf(x / math.sqrt(2)))
    if node.text("approximate", "none") == "tanh":
        made = 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return made


def _sigmoid(x: Numbers) -> Numbers:
    return 0.5 * (1 + np.tanh(0.5 * x))


def _softplus(x: Numbers) -> Numbers:
    made: Numbers = np.logaddexp(0, x)
    return made


def _hard_sigmoid(x: Numbers, alpha: float = 1 / 6, beta: float = 0.5) -> Numbers:
    made: Numbers = np.clip(alpha * x + beta, 0, 1)
    return made


def _elu(x: Numbers, alpha: float, gamma: float = 1.0) -> Numbers:
    made: Numbers = gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return made


def _batch_norm(call: Call) -> Result:
    x = call.picture if len(call.tensor.shape) > 2 else call.tensor
    by_channel = [call.weights(place).reshape(-1, *[1] * (len(x.shape) - 2)) for place in (1, 2, 3, 4)]
    scale, shift, mean, variance = (one.astype(np.float64) for one in by_channel)
    made = (x.whole(1).tile - mean) / np.sqrt(variance + _real(call.node, "epsilon", 1e-5)) * scale + shift
    return [Periodic(made, x.shape, x.pixels)]


def _standardized(tile: Numbers, axes: tuple[int, ...], epsilon: float) -> Numbers:
    mean = tile.mean(axis=axes, keepdims=True)
    made: Numbers = (tile - mean) / np.sqrt(((tile - mean) ** 2).mean(axis=axes, keepdims=True) + epsilon)
    return made


def _instance_norm(call: Call) -> Result:
    x = call.picture.whole(1)
    sides = (-1, *[1] * (len(x.shape) - 2))
    made = _standardized(x.tile, tuple(range(2, len(x.shape))), _real(call.node, "epsilon", 1e-5))
    return [Periodic(made * call.weights(1).reshape(sides) + call.weights(2).reshape(sides), x.shape, x.pixels)]


def _layer_norm(call: Call) -> Result:
    x = call.tensor
    axes = tuple(range(x.axis(call.node.integer("axis", -1)), len(x.shape)))
    for axis in axes:
        x = x.whole(axis)
    made = _standardized(x.tile, axes, _real(call.node, "epsilon", 1e-5)) * call.weights(1)
    shift = call.constant(2)
    return [Periodic(made if shift is None else made + shift, x.shape, x.pixels)]


def _group_norm(call: Call) -> Result:
    x, groups = call.picture.whole(1), call.node.integer("num_groups", 1)
    count, channels = x.tile.shape[:2]
    parts = x.tile.reshape(count, groups, channels // groups, *x.tile.shape[2:])
    made = _standardized(parts, tuple(range(2, parts.ndim)), _real(call.node, "epsilon", 1e-5)).reshape(x.tile.shape)
    scale, shift = (call.weights(place) for place in (1, 2))
    if len(scale) != channels:
        scale, shift = (np.repeat(one, channels // groups) for one in (scale, shift))
    sides = (-1, *[1] * (len(x.shape) - 2))
    return [Periodic(made * scale.reshape(sides) + shift.reshape(sides), x.shape, x.pixels)]


def _global_pool(function: Callable[..., Numbers]) -> Operator:
    def operator(call: Call) -> Result:
        x = call.picture
        axes = tuple(range(2, len(x.shape)))
        ones = (1,) * len(axes)
        return [Periodic(function(x.tile, axis=axes, keepdims=True), x.shape[:2] + ones, x.pixels)]

    return operator


def _reduction(call: Call) -> Result:
    """Return the output of a reduction; a sum counts the whole axis, not a period."""
    x, kind = call.tensor, call.node.kind
    named = named_axes(call, AXES_INPUTS.get(kind, REDUCE_AXES_OPSET))
    if not named and call.node.integer("noop_with_empty_axes", 0):
        return [x]
    axes = tuple(sorted(x.axis(one) for one in named)) or tuple(range(len(x.shape)))
    periods = math.prod(x.shape[at] / x.tile.shape[at] for at in axes)
    made = REDUCTIONS[kind](x.tile, axes, periods)
    shape, pixels = [*x.shape], [*x.pixels]
    for at in axes:
        shape[at], pixels[at] = 1, None
    if not call.node.integer("keepdims", 1):
        kept = [at for at in range(len(shape)) if at not in axes]
        made = made.reshape([made.shape[at] for at in kept])
        shape, pixels = [shape[at] for at in kept], [pixels[at] for at in kept]
    return [Periodic(made, tuple(shape), tuple(pixels))]


def _softmax(call: Call) -> Result:
    x = call.tensor
    axis = x.axis(call.node.integer("axis", 1 if call.opset < SOFTMAX_BY_AXIS else -1))
    if call.opset < SOFTMAX_BY_AXIS and axis != len(x.shape) - 1 and call.node.kind == "Softmax":
        raise UnpredictableError("is a softmax over several axes")
    shares = np.exp(x.tile - x.tile.max(axis=axis, keepdims=True))
    total = shares.sum(axis=axis, keepdims=True) * (x.shape[axis] / x.tile.shape[axis])
    made = shares / total
    return [Periodic(np.log(made) if call.node.kind == "LogSoftmax" else made, x.shape, x.pixels)]


def _matmul(call: Call) -> Result:
    """Return the output of MatMul; the last axis of the first operand and the last but one of the second match."""
    left, right = (periodic(one) for one in call.inputs[:2] if one is not None)
    if min(len(left.shape), len(right.shape)) < 2:
        raise UnpredictableError("multiplies vectors")
    rank = max(len(left.shape), len(right.shape))
    wide = [raised(left, rank).whole(rank - 1), raised(right, rank).whole(rank - 2)]
    left, right = same_periods(wide, range(rank - 2))
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    shape = (*batch, left.shape[-2], right.shape[-1])
    return [Periodic(np.matmul(left.tile, right.tile), shape, (*left.pixels[:-1], right.pixels[-1]))]


def _gemm(call: Call) -> Result:
    """Return the output of Gemm: a matrix product, with a bias."""
    x, weights = call.tensor.whole(1), call.weights(1).astype(np.float64)
    left = x.tile.T if call.node.integer("transA", 0) else x.tile
    made = _real(call.node, "alpha", 1) * left @ (weights.T if call.node.integer("transB", 0) else weights)
    bias = call.constant(2)
    if bias is not None:
        made = made + _real(call.node, "beta", 1) * bias
    return [Periodic(made, (x.shape[0], made.shape[1]), (None, None))]


def _quantized(call: Call) -> Result:
    """Return the output of QuantizeLinear, as whole numbers."""
    x, scale, zero = call.tensor, *_quantization(call)
    kind = np.dtype(np.uint8) if zero is None else zero.dtype
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    made = np.clip(np.rint(x.tile / scale) + (0 if zero is None else zero.astype(np.float64)), low, high)
    return [Periodic(made, x.shape, x.pixels)]


def _dequantized(call: Call) -> Result:
    """Return the output of DequantizeLinear."""
    x, scale, zero = call.tensor, *_quantization(call)
    return [Periodic((x.tile - (0 if zero is None else zero.astype(np.float64))) * scale, x.shape, x.pixels)]


def _quantization(call: Call) -> tuple[Numbers, Numbers | None]:
    """Return scale and zero point, which broadcast along the axis of the node."""
    scale, zero = call.weights(1), call.constant(2)
    if scale.size == 1:
        return scale.reshape(()), None if zero is None else zero.reshape(())
    x = call.tensor
    sides = [1] * len(x.shape)
    sides[x.axis(call.node.integer("axis", 1))] = -1
    return scale.reshape(sides), None if zero is None else zero.reshape(sides)


Reduce = Callable[[Numbers, tuple[int, ...], float], Numbers]
REDUCTIONS: dict[str, Reduce] = {
    "ReduceMean": lambda x, axes, _: x.mean(axis=axes, keepdims=True),
    "ReduceMax": lambda x, axes, _: x.max(axis=axes, keepdims=True),
    "ReduceMin": lambda x, axes, _: x.min(axis=axes, keepdims=True),
    "ReduceSum": lambda x, axes, times: times * x.sum(axis=axes, keepdims=True),
    "ReduceL1": lambda x, axes, times: times * np.abs(x).sum(axis=axes, keepdims=True),
    "ReduceL2": lambda x, axes, times: np.sqrt(times * (x**2).sum(axis=axes, keepdims=True)),
    "ReduceSumSquare": lambda x, axes, times: times * (x**2).sum(axis=axes, keepdims=True),
}
OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(FOLDED_HERE, _elementwise),
    **dict.fromkeys(REDUCTIONS, _reduction),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _softmax),
    "PRelu": _several(lambda x, slope: np.where(x > 0, x, slope * x)),
    "Sum": _several(lambda *all_: sum(all_)),
    "Mean": _several(lambda *all_: sum(all_) / len(all_)),
    "LeakyRelu": _single(lambda x, node: np.where(x > 0, x, _real(node, "alpha", 0.01) * x)),
    "Tanh": _single(lambda x, _: np.tanh(x)),
    "Sin": _single(lambda x, _: np.sin(x)),
    "Cos": _single(lambda x, _: np.cos(x)),
    "Atan": _single(lambda x, _: np.arctan(x)),
    "Log": _single(lambda x, _: np.log(x)),
    "Sign": _single(lambda x, _: np.sign(x)),
    "Erf": _single(lambda x, _: _erf(x)),
    "Gelu": _single(_gelu),
    "Elu": _single(lambda x, node: _elu(x, _real(node, "alpha", 1.0))),
    "Selu": _single(lambda x, _: _elu(x, 1.6732632, 1.0507010)),
    "Softplus": _single(lambda x, _: _softplus(x)),
    "Softsign": _single(lambda x, _: x / (1 + np.abs(x))),
    "HardSigmoid": _single(lambda x, node: _hard_sigmoid(x, _real(node, "alpha", 0.2), _real(node, "beta", 0.5))),
    "HardSwish": _single(lambda x, _: x * _hard_sigmoid(x)),
    "Swish": _single(lambda x, node: x * _sigmoid(_real(node, "alpha", 1.0) * x)),
    "Mish": _single(lambda x, _: x * np.tanh(_softplus(x))),
    "Clip": _clip,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _instance_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "GlobalAveragePool": _global_pool(np.mean),
    "GlobalMaxPool": _global_pool(np.max),
    "MatMul": _matmul,
    "Gemm": _gemm,
    "QuantizeLinear": _quantized,
    "DequantizeLinear": _dequantized,
}
