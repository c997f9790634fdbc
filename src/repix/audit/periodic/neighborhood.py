"""Operators on neighborhoods of periodic tensors: convolution, transposed convolution, pooling, resizing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd

import numpy as np

from repix.audit.errors import UnpredictableError
from repix.audit.periodic.tensor import Call, Numbers, Operator, Periodic, Result, Spacing, spaced
from repix.conversion.onnx_reader import Node

SIZES_OPSET = 11
"""The first opset whose Resize has a region of interest and sizes."""
MOST_DENOMINATOR = 64
"""The largest denominator of a scale."""
CUBIC = -0.75


@dataclass(frozen=True)
class Windows:
    """Kernel size, strides, dilations and padding of a sliding window, one for each axis after the channels."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    behind: tuple[int, ...]

    def wide(self, number: int) -> int:
        """Return the size of a kernel with its gaps."""
        return (self.kernel[number] - 1) * self.dilations[number] + 1


def windows(node: Node, kernel: Sequence[int], sizes: Sequence[int]) -> Windows:
    """Return the windows of Conv or of a pooling, with the padding of auto_pad."""
    rank = len(sizes)
    strides, dilations = (node.integers(name) or (1,) * rank for name in ("strides", "dilations"))
    pads = node.integers("pads") or (0,) * (2 * rank)
    if any(len(one) != rank for one in (kernel, strides, dilations)) or len(pads) != 2 * rank:
        raise UnpredictableError("has attributes for another number of axes")
    if min(*kernel, *strides, *dilations) < 1:
        raise UnpredictableError("has an invalid kernel, stride or dilation")
    made = Windows(tuple(kernel), strides, dilations, pads[:rank], pads[rank:])
    how = node.text("auto_pad", "NOTSET")
    if how == "NOTSET":
        return made
    totals = [
        0 if how == "VALID" else max((-(-size // stride) - 1) * stride + made.wide(at) - size, 0)
        for at, (size, stride) in enumerate(zip(sizes, strides, strict=True))
    ]
    small, large = tuple(one // 2 for one in totals), tuple(-(-one // 2) for one in totals)
    first, last = (small, large) if how != "SAME_LOWER" else (large, small)
    return Windows(made.kernel, strides, dilations, first, last)


def gathered(x: Periodic, how: Windows, upwards: bool = False) -> tuple[Periodic, Numbers]:
    """Return an empty result and the values under each window: N, C, places of the period ..., kernel ..."""
    tile, shape, pixels = x.tile, list(x.shape), list(x.pixels)
    rank = len(how.kernel)
    for number in range(rank):
        axis, period, stride = number + 2, tile.shape[number + 2], how.strides[number]
        room = x.shape[axis] + how.before[number] + how.behind[number] - how.wide(number)
        shape[axis] = max(1, (-(-room // stride) if upwards else room // stride) + 1)
        pixels[axis] = spaced(pixels[axis], stride)
        places = stride * np.arange(period // gcd(period, stride)) - how.before[number]
        taken = (places[:, None] + how.dilations[number] * np.arange(how.kernel[number])) % period
        tile = np.moveaxis(np.take(tile, taken, axis), axis + 1, -1)
    empty = Periodic(np.empty(tile.shape[: rank + 2]), tuple(shape), tuple(pixels))
    return empty, tile


def convolution(call: Call) -> Result:
    """Return the output of Conv."""
    x, weights = call.picture.whole(1), call.weights(1).astype(np.float64)
    how = windows(call.node, weights.shape[2:], x.shape[2:])
    empty, under = gathered(x, how)
    tile = _weighted(under, weights, call.node.integer("group", 1)) + _bias(call, weights.shape[0], weights.ndim)
    return [Periodic(tile, (x.shape[0], weights.shape[0], *empty.shape[2:]), empty.pixels)]


def _weighted(under: Numbers, weights: Numbers, groups: int) -> Numbers:
    """Return the sums of values under windows times weights, for each group of channels."""
    rank = weights.ndim - 2
    each = under.shape[1] // groups
    if under.shape[1] != groups * weights.shape[1]:
        raise UnpredictableError("has weights for another number of channels")
    inner = [1, *range(rank + 2, 2 * rank + 2)]
    made = [
        np.tensordot(under[:, at * each : (at + 1) * each], part, (inner, list(range(1, rank + 2))))
        for at, part in enumerate(np.split(weights, groups))
    ]  # N, places ..., O
    return np.moveaxis(np.concatenate(made, -1), -1, 1)


def _bias(call: Call, channels: int, rank: int) -> Numbers:
    bias = call.constant(2)
    if bias is None:
        return np.zeros(1)
    return bias.astype(np.float64).reshape(1, channels, *[1] * (rank - 2))


def scattered(call: Call) -> Result:
    """Return the output of ConvTranspose: zeros between the values, then a convolution with the flipped kernel."""
    x, weights = call.picture.whole(1), call.weights(1).astype(np.float64)
    rank, groups = weights.ndim - 2, call.node.integer("group", 1)
    how, sizes = _transposed_windows(call.node, weights.shape[2:], x.shape[2:])
    tile = x.tile
    for number in range(rank):
        axis, stride = number + 2, how.strides[number]
        sparse = np.zeros((*tile.shape[:axis], tile.shape[axis] * stride, *tile.shape[axis + 1 :]))
        sparse[(slice(None),) * axis + (slice(None, None, stride),)] = tile
        tile = sparse
    for number in range(rank):
        axis, period = number + 2, tile.shape[number + 2]
        places = (np.arange(period) + how.before[number])[:, None]
        taken = (places - how.dilations[number] * np.arange(how.kernel[number])) % period
        tile = np.moveaxis(np.take(tile, taken, axis), axis + 1, -1)
    own = np.concatenate([one.swapaxes(0, 1) for one in np.split(weights, groups)])
    made = _weighted(tile, own, groups) + _bias(call, len(own), weights.ndim)
    pixels = [spaced(pixel, Fraction(1, stride)) for pixel, stride in zip(x.pixels[2:], how.strides, strict=True)]
    return [Periodic(made, (x.shape[0], len(own), *sizes), (*x.pixels[:2], *pixels))]


def _transposed_windows(node: Node, kernel: Sequence[int], sizes: Sequence[int]) -> tuple[Windows, list[int]]:
    """Return the windows of ConvTranspose, and the sizes of its result."""
    rank = len(sizes)
    strides, dilations = (node.integers(name) or (1,) * rank for name in ("strides", "dilations"))
    more, asked = node.integers("output_padding") or (0,) * rank, node.integers("output_shape")
    pads, how = node.integers("pads") or (0,) * (2 * rank), node.text("auto_pad", "NOTSET")
    plain = Windows(tuple(kernel), strides, dilations, pads[:rank], pads[rank:])
    full = [
        stride * (size - 1) + extra + plain.wide(at)
        for at, (size, stride, extra) in enumerate(zip(sizes, strides, more, strict=True))
    ]
    if asked or how.startswith("SAME"):
        wanted = asked or [size * stride for size, stride in zip(sizes, strides, strict=True)]
        totals = [max(0, one - target) for one, target in zip(full, wanted, strict=True)]
        small, large = tuple(one // 2 for one in totals), tuple(-(-one // 2) for one in totals)
        first, last = (large, small) if how == "SAME_LOWER" else (small, large)
        return Windows(plain.kernel, strides, dilations, first, last), list(wanted)
    cut = [one - before - behind for one, before, behind in zip(full, plain.before, plain.behind, strict=True)]
    return plain, cut


def pooling(call: Call) -> Result:
    """Return the output of MaxPool or AveragePool."""
    x = call.picture
    how = windows(call.node, call.node.integers("kernel_shape"), x.shape[2:])
    empty, under = gathered(x, how, upwards=bool(call.node.integer("ceil_mode", 0)))
    inner = tuple(range(len(x.shape), under.ndim))
    tile = under.max(axis=inner) if call.node.kind == "MaxPool" else under.mean(axis=inner)
    return [Periodic(tile, empty.shape, empty.pixels)]


def resize(call: Call) -> Result:
    """Return the output of Resize or Upsample, its older name."""
    x, node = call.tensor, call.node
    old = node.kind == "Upsample" or call.opset < SIZES_OPSET
    scales, sizes = _resize_scales(call, old)
    named = [x.axis(one) for one in node.integers("axes")] or list(range(len(x.shape)))
    for place, number in enumerate(named):
        size = sizes[place] if sizes else floor(x.shape[number] * scales[place] + 1e-6)
        scale = Fraction(scales[place]).limit_denominator(MOST_DENOMINATOR) if scales else None
        if size != x.shape[number]:
            x = _resized(x, number, size, scale or Fraction(size, x.shape[number]), (node, old))
    return [x]


def _resize_scales(call: Call, old: bool) -> tuple[list[float], list[int]]:
    """Return the scales, or the sizes."""
    attribute = call.node.attributes.get("scales")
    if old and attribute is not None and attribute.floats:
        return list(attribute.floats), []
    for place, is_size in ((3, True), (1 if old else 2, False)):
        given = call.constant(place)
        if given is not None and given.size:
            return ([], [int(one) for one in given]) if is_size else ([float(one) for one in given], [])
    raise UnpredictableError("has no scales and no sizes")


def _resized(x: Periodic, number: int, size: int, scale: Fraction, how: tuple[Node, bool]) -> Periodic:
    """Return a tensor, resized along one axis."""
    node, old = how
    pixel = spaced(x.pixels[number], 1 / scale)
    if x.is_constant(number):
        return x.taken(number, np.zeros(1, np.intp), size, pixel)
    where = "asymmetric" if old else node.text("coordinate_transformation_mode", "half_pixel")
    shrinks = scale < 1 and (node.integer("antialias", 0) or node.text("mode", "nearest") == "cubic")
    if shrinks or where not in ("asymmetric", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
        raise UnpredictableError("resizes a pattern by positions that depend on the picture's size")
    if scale.denominator > MOST_DENOMINATOR:
        raise UnpredictableError(f"resizes a pattern by {float(scale):.4g}")
    period, count = x.tile.shape[number], scale.numerator * x.tile.shape[number]
    shift = Fraction(0) if where == "asymmetric" else (1 / scale - 1) / 2
    tile = np.zeros((*x.tile.shape[:number], count, *x.tile.shape[number + 1 :]))
    for place in range(count):
        at = place / scale + shift
        for index, weight in TAPS[node.text("mode", "nearest")](at, "floor" if old else _rounding(node)):
            tile[(slice(None),) * number + (place,)] += weight * np.take(x.tile, index % period, number)
    return Periodic(tile, (*x.shape[:number], size, *x.shape[number + 1 :]), _with(x.pixels, number, pixel))


def _with(pixels: tuple[Spacing, ...], number: int, pixel: Spacing) -> tuple[Spacing, ...]:
    return (*pixels[:number], pixel, *pixels[number + 1 :])


def _rounding(node: Node) -> str:
    return node.text("nearest_mode", "round_prefer_floor")


def _nearest_taps(at: Fraction, rounding: str) -> list[tuple[int, float]]:
    half = Fraction(1, 2)
    rounded = {"floor": floor(at), "ceil": ceil(at), "round_prefer_ceil": floor(at + half)}
    return [(rounded.get(rounding, ceil(at - half)), 1.0)]


def _linear_taps(at: Fraction, _: str) -> list[tuple[int, float]]:
    first = floor(at)
    share = float(at - first)
    return [(first, 1 - share), (first + 1, share)]


def _cubic_taps(at: Fraction, _: str) -> list[tuple[int, float]]:
    first = floor(at)
    return [(first + step, _cubic(abs(float(at - first - step)))) for step in (-1, 0, 1, 2)]


def _cubic(far: float) -> float:
    if far < 1:
        return (CUBIC + 2) * far**3 - (CUBIC + 3) * far**2 + 1
    return CUBIC * far**3 - 5 * CUBIC * far**2 + 8 * CUBIC * far - 4 * CUBIC


TAPS: dict[str, Callable[[Fraction, str], list[tuple[int, float]]]] = {
    "nearest": _nearest_taps, "linear": _linear_taps, "bilinear": _linear_taps, "cubic": _cubic_taps,
}  # fmt: skip
OPERATORS: dict[str, Operator] = {
    "Conv": convolution, "ConvTranspose": scattered, "MaxPool": pooling, "AveragePool": pooling, "Resize": resize,
    "Upsample": resize,
}  # fmt: skip
