"""Pointwise operators: each position of the output depends on the same position of the input."""

from repix.conversion.onnx_import.receptive_field.errors import UnboundedError
from repix.conversion.onnx_import.receptive_field.values import (
    Axis,
    Call,
    ConstantArray,
    Operator,
    PictureTensor,
    Result,
    join_elementwise,
)

SINGLE = (
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Cast", "CastLike", "Ceil", "Celu", "Clip",
    "Cos", "Cosh", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf",
    "IsNaN", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid",
    "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
)  # fmt: skip
"""Elementwise operators of one tensor; further inputs are bounds or types."""
SEVERAL = (
    "Add", "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater", "GreaterOrEqual",
    "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu", "Pow", "Sub", "Sum", "Where", "Xor",
)  # fmt: skip
"""Elementwise operators of several tensors."""
BY_CHANNEL = ("BatchNormalization", "DequantizeLinear", "QuantizeLinear", "LRN")
"""Operators on all channels of a position; channels are the second axis."""
REDUCING = (
    "ArgMax", "ArgMin", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare",
)  # fmt: skip
WHOLE = (
    "Attention", "DFT", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "GroupNormalization",
    "InstanceNormalization", "MeanVarianceNormalization",
)  # fmt: skip
SOFTMAX_BY_AXIS = 13
GLOBAL = "depends on all pixels"


def single(call: Call) -> Result:
    """Return the output of an elementwise operator of one tensor."""
    return [call.tensor] * max(1, len(call.node.outputs))


def several(call: Call) -> Result:
    """Return the output of an elementwise operator of several tensors."""
    return [join_elementwise([one for one in call.inputs if one is not None])]


def by_channel(call: Call) -> Result:
    """Return the output of a normalization or quantization over channels."""
    tensor = call.tensor
    if call.node.kind == "BatchNormalization" and call.node.integer("training_mode", 0):
        raise UnboundedError(GLOBAL)
    if any(isinstance(one, PictureTensor) for one in call.inputs[1:]):
        raise UnboundedError("computes its scale from the picture")
    if call.node.kind == "LRN":
        tensor.require_plain([1], GLOBAL)
    wide = [one.shape for one in call.inputs[1:] if one is not None and any(side > 1 for side in one.shape)]
    if any(len(sides) > 1 for sides in wide):
        raise UnboundedError("has different scales for each block")
    if wide:
        tensor.require_plain([call.node.integer("axis", 1)], "has different constants for each pixel")
    return [tensor]


def softmax(call: Call) -> Result:
    """Return the output of Softmax along one axis; in old opsets along that axis and all after it."""
    tensor = call.tensor
    axis = tensor.axis(call.node.integer("axis", -1 if call.opset >= SOFTMAX_BY_AXIS else 1))
    tensor.require_plain([axis] if call.opset >= SOFTMAX_BY_AXIS else range(axis, len(tensor.axes)), GLOBAL)
    return [tensor]


def along_axis(call: Call) -> Result:
    """Return the output of an operator along one axis, which must be plain."""
    tensor = call.tensor
    if call.node.kind == "CumSum":
        tensor.require_plain(call.integers(1) or [], GLOBAL)
    else:
        tensor.require_plain([call.node.integer("axis", -1)], GLOBAL)
    return [tensor]


def normalized(call: Call) -> Result:
    """Return the output of a layer normalization over the last axes, with a scale and a bias."""
    tensor = call.tensor
    tensor.require_plain(range(tensor.axis(call.node.integer("axis", -1)), len(tensor.axes)), GLOBAL)
    return several(call)


def reduced(call: Call) -> Result:
    """Return the output of a reduction along axes that must be plain."""
    tensor = call.tensor
    named = tuple(call.integers(1) or call.node.integers("axes"))
    if call.node.kind.startswith("Arg"):
        named = (call.node.integer("axis", 0),)
    if not named and call.node.integer("noop_with_empty_axes", 0):
        return [tensor]
    axes = {tensor.axis(one) for one in named} or set(range(len(tensor.axes)))
    tensor.require_plain(sorted(axes), GLOBAL)
    kept: list[Axis] = [1 if number in axes else axis for number, axis in enumerate(tensor.axes)]
    if not call.node.integer("keepdims", 1):
        kept = [axis for number, axis in enumerate(tensor.axes) if number not in axes]
    return [PictureTensor(tuple(kept))]


def matmul(call: Call) -> Result:
    """Return the output of MatMul or Gemm: the last axis, which must be plain, times a constant matrix."""
    first, second = call.given(0), call.given(1)
    if not isinstance(first, PictureTensor) or not isinstance(second, ConstantArray) or len(second.shape) != 2:
        raise UnboundedError("multiplies positions of the picture with each other")
    if call.node.kind == "Gemm" and (call.node.integer("transA", 0) or len(first.axes) != 2):
        raise UnboundedError(GLOBAL)
    first.require_plain([-1], GLOBAL)
    wide = second.shape[0] if call.node.kind == "Gemm" and call.node.integer("transB", 0) else second.shape[1]
    added = [one for one in call.inputs[2:] if one is not None]
    return [join_elementwise([first.with_axis(len(first.axes) - 1, wide), *added])]


def whole_picture(call: Call) -> Result:
    """Refuse operators over all pixels, such as global pooling."""
    call.tensor.require_plain(range(2, len(call.tensor.axes)), GLOBAL)
    raise UnboundedError("has a receptive field that repix does not know")


OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(WHOLE, whole_picture),
    **dict.fromkeys(SINGLE, single),
    **dict.fromkeys(SEVERAL, several),
    **dict.fromkeys(BY_CHANNEL, by_channel),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Hardmax"), softmax),
    **dict.fromkeys(("CumSum", "LpNormalization"), along_axis),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"), normalized),
    **dict.fromkeys(REDUCING, reduced),
    **dict.fromkeys(("MatMul", "Gemm"), matmul),
}
