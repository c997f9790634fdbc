"""Operators on neighborhoods: convolution, pooling, resizing."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor

from repix.conversion.onnx_import.receptive_field.errors import MisalignedError, UnboundedError
from repix.conversion.onnx_import.receptive_field.extent import Extent
from repix.conversion.onnx_import.receptive_field.pointwise import GLOBAL
from repix.conversion.onnx_import.receptive_field.values import (
    Axis,
    Call,
    ConstantArray,
    Operator,
    PictureTensor,
    Result,
    length,
)
from repix.conversion.onnx_reader import Node

SIZES_OPSET = 11
"""The first opset whose Resize has a region of interest and sizes."""
SUBPIXEL = 512
"""1/SUBPIXEL is the largest error of an engine's positions, in pixels: float32, up to 16,384 pixels."""
SCALE_ROUNDING = 2**-23
"""The largest relative error of a float32 scale such as 1/3."""


def convolution(call: Call) -> Result:
    """Return the output of Conv, MaxPool, AveragePool or LpPool."""
    tensor = call.picture
    pool = call.node.kind.endswith("Pool")
    kernel, channels = (call.node.integers("kernel_shape"), tensor.axes[1]) if pool else _kernel(call, 0)
    if not pool:
        tensor.require_plain([1], GLOBAL)
    rank = len(tensor.axes) - 2
    strides, dilations = (call.node.integers(name) or (1,) * rank for name in ("strides", "dilations"))
    pads = call.node.integers("pads") or (0,) * (2 * rank)
    how, upwards = call.node.text("auto_pad", "NOTSET"), bool(call.node.integer("ceil_mode", 0))
    _require(rank, kernel, strides, dilations, pads[:rank], pads[rank:])
    axes: list[Axis] = []
    for number, axis in enumerate(tensor.axes[2:]):
        wide, stride = (kernel[number] - 1) * dilations[number] + 1, strides[number]
        before, behind = _automatic(how, length(axis), wide, stride) or (pads[number], pads[rank + number])
        axes.append(_along(axis, lambda one: one.window(wide, stride, before, behind, upwards=upwards)))  # noqa: B023
    return [PictureTensor((tensor.axes[0], channels, *axes))]  # without MaxPool's second output, the indices


def transposed(call: Call) -> Result:
    """Return the output of ConvTranspose."""
    tensor = call.picture
    tensor.require_plain([1], GLOBAL)
    kernel, channels = _kernel(call, 1)
    rank = len(tensor.axes) - 2
    strides, dilations = (call.node.integers(name) or (1,) * rank for name in ("strides", "dilations"))
    more = call.node.integers("output_padding") or (0,) * rank
    pads, sizes = call.node.integers("pads") or (0,) * (2 * rank), call.node.integers("output_shape")
    _require(rank, kernel, strides, dilations, more, pads[:rank], pads[rank:])
    how = call.node.text("auto_pad", "NOTSET")
    if sizes or how not in ("NOTSET", "VALID"):
        raise UnboundedError("computes its padding from the output size")
    axes: list[Axis] = []
    for number, axis in enumerate(tensor.axes[2:]):
        wide, stride, extra = (kernel[number] - 1) * dilations[number] + 1, strides[number], more[number]
        before, behind = (0, 0) if how == "VALID" else (pads[number], pads[rank + number])
        axes.append(_along(axis, lambda one: one.transposed(wide, stride, before, behind, extra)))  # noqa: B023
    return [PictureTensor((tensor.axes[0], channels, *axes))]


def resize(call: Call) -> Result:
    """Return the output of Resize or Upsample, its older name."""
    tensor = call.picture
    old = call.node.kind == "Upsample" or call.opset < SIZES_OPSET
    scales, sizes = _scales(call, old)
    named = [tensor.axis(one) for one in call.node.integers("axes")] or list(range(len(tensor.axes)))
    if call.node.text("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise UnboundedError("keeps the aspect ratio")
    made = tensor
    for place, number in enumerate(named):
        axis = tensor.axes[number]
        size = sizes[place] if sizes else floor(length(axis) * scales[place] + Fraction(1, SUBPIXEL))
        scale = scales[place] if scales else Fraction(size, length(axis))
        if scale == 1 and size == length(axis):
            continue
        if not isinstance(axis, Extent):
            raise UnboundedError("resizes an axis that is not rows or columns of the picture")
        if size != length(axis) * scale:
            raise MisalignedError("resizes to a size that is not whole")
        if scale < 1 and call.node.kind == "Upsample":
            raise UnboundedError("shrinks the picture, which engines do in different ways")
        lowest, highest = _taps(call.node, scale, old)
        if call.node.text("mode", "nearest") == "nearest" and any(
            lowest(at) != highest(at) for at in range(scale.numerator)
        ):
            raise UnboundedError(f"resizes by {scale} with mode nearest, where rounding is ambiguous")
        made = made.with_axis(number, axis.resampled(size, lowest, highest))
    return [made]


def _scales(call: Call, old: bool) -> tuple[list[Fraction], list[int]]:
    """Return scales, or sizes."""
    if old and call.node.attributes.get("scales"):
        return [_ratio(one) for one in call.node.attributes["scales"].floats], []
    for place, is_size in ((3, True), (1 if old else 2, False)):
        given = call.given(place)
        if given is None or 0 in given.shape:
            continue
        if not isinstance(given, ConstantArray) or not given.exact:
            raise UnboundedError("computes its size from the picture's content")
        return ([], given.integers) if is_size else ([_ratio(float(one)) for one in given.array.ravel()], [])
    raise UnboundedError("has no scales and no sizes")


def _ratio(number: float) -> Fraction:
    ratio = Fraction(number).limit_denominator(64) if number > 0 else Fraction(0)
    allowed = 0 if _is_binary(ratio.denominator) else SCALE_ROUNDING
    if ratio <= 0 or abs(float(ratio) / number - 1) > allowed:
        raise UnboundedError(f"resizes by {number:.6g}")
    return ratio


def _taps(node: Node, scale: Fraction, old: bool) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """Return functions from a new position to the first and last old one; for ambiguous files, of both readings."""
    where = node.text("coordinate_transformation_mode", "half_pixel")
    mode = node.text("mode", "nearest")
    ways = ["asymmetric", "half_pixel"] if old and mode != "nearest" else ["asymmetric"] if old else [where]
    for way in ways:
        if way not in ("asymmetric", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
            raise UnboundedError(f"resizes with {way}, which depends on the size")
    shifts = [Fraction(0) if way == "asymmetric" else (1 / scale - 1) / 2 for way in ways]
    shrinking = 1 / scale if node.integer("antialias", 0) and scale < 1 else Fraction(1)
    is_exact = scale.denominator == 1 or (scale.numerator == 1 and _is_binary(scale.denominator))
    slack = Fraction(0) if is_exact else Fraction(1, SUBPIXEL)
    nearest = "floor" if old else node.text("nearest_mode", "round_prefer_floor")

    def lowest(place: int) -> int:
        return min(_lower(place / scale + shift - slack, mode, nearest, shrinking) for shift in shifts)

    def highest(place: int) -> int:
        return max(_upper(place / scale + shift + slack, mode, nearest, shrinking) for shift in shifts)

    return lowest, highest


def _is_binary(number: int) -> bool:
    """Return whether a number is a power of two, so that its inverse is exact."""
    return number & (number - 1) == 0


def _lower(at: Fraction, mode: str, nearest: str, shrinking: Fraction) -> int:
    if mode == "nearest":
        return _nearest(at, nearest)
    if shrinking > 1:
        return floor(at - (2 if mode == "cubic" else 1) * shrinking)
    return floor(at) - (mode == "cubic")


def _upper(at: Fraction, mode: str, nearest: str, shrinking: Fraction) -> int:
    if mode == "nearest":
        return _nearest(at, nearest)
    if shrinking > 1:
        return ceil(at + (2 if mode == "cubic" else 1) * shrinking)
    return ceil(at) if mode != "cubic" else floor(at) + 2


def _nearest(at: Fraction, how: str) -> int:
    half = Fraction(1, 2)
    return {"floor": floor(at), "ceil": ceil(at), "round_prefer_ceil": floor(at + half)}.get(how, ceil(at - half))


def _kernel(call: Call, channels: int) -> tuple[tuple[int, ...], int]:
    """Return the kernel size, and the number of output channels."""
    weights = call.given(1)
    if not isinstance(weights, ConstantArray):
        raise UnboundedError("has weights that depend on the picture")
    made = weights.shape[channels] * (call.node.integer("group", 1) if channels else 1) if len(weights.shape) > 2 else 0
    if call.node.integers("kernel_shape") not in ((), weights.shape[2:]):
        raise UnboundedError("has weights whose shape is not its kernel shape")
    return weights.shape[2:], made


def _require(rank: int, *settings: Sequence[int]) -> None:
    if any(len(one) != rank for one in settings):
        raise UnboundedError("has attributes for another number of axes")
    kernel, strides, dilations, *rest = settings
    if min((*kernel, *strides, *dilations), default=0) < 1 or min((0, *(x for one in rest for x in one))) < 0:
        raise UnboundedError("has an invalid kernel, stride, dilation or padding")


def _automatic(how: str, size: int, kernel: int, stride: int) -> tuple[int, int] | None:
    """Return the padding of auto_pad; None if it is explicit."""
    if how not in ("SAME_UPPER", "SAME_LOWER"):
        return (0, 0) if how == "VALID" else None
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    small, large = total // 2, -(-total // 2)
    return (small, large) if how == "SAME_UPPER" else (large, small)


def _along(axis: Axis, made: Callable[[Extent], Extent]) -> Axis:
    """Return an axis after an operator; a plain axis has a size only."""
    if isinstance(axis, Extent):
        return made(axis)
    if isinstance(axis, int):
        return made(Extent(0, axis, axis, axis)).size
    raise UnboundedError("has a neighborhood along merged axes or an edge strip")


OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(("Conv", "MaxPool", "AveragePool", "LpPool"), convolution),
    "ConvTranspose": transposed,
    **dict.fromkeys(("Resize", "Upsample"), resize),
}
