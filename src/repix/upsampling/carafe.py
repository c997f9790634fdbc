"""CARAFE: every new pixel is a weighted mean of a neighborhood; a small network predicts the weights from the content.

A 1×1 convolution compresses the channels, a second convolution predicts kernel × kernel weights for each new pixel, and
softmax makes their sum 1, so constant areas stay constant. All channels share the weights (Wang et al., "CARAFE:
Content-Aware ReAssembly of FEatures", ICCV 2019). Borders are repeated. The weights start near bilinear interpolation,
where the paper starts with a blur over the whole neighborhood. If the number of channels changes, a 1×1 convolution
without bias changes it first.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import numpy as np

from repix import arithmetic
from repix.arithmetic import conv2d
from repix.arithmetic.arrays import Array
from repix.arithmetic.kernels import linear
from repix.arithmetic.replicate_padding import replicate_pad, replicate_pad_trace
from repix.arithmetic.step_text import (
    cell_index,
    format_number,
    format_numbers,
    format_position,
    format_products,
    require_short_trace,
)
from repix.arithmetic.trace import Region, Stage, Step, Trace, sequential_sum
from repix.arithmetic.trace_chain import chain_traces
from repix.parameters import Bounds
from repix.settings import Settings
from repix.upsampling import LayerSpec, ReferenceInput, Upsampler
from repix.upsampling._reassembly import (
    convolution_weights,
    project_array,
    projection_layer,
    projection_shapes,
    projection_trace,
    reassemble,
    start_positions,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

COMPRESSED = 64
"""The paper's number of compressed channels."""

SPREAD = 0.1
"""The part of the weight that is spread over the whole neighborhood at the start; the rest is bilinear."""

SUMMARY = "CARAFE: the picture predicts a kernel for each new pixel; softmax makes the sum of its values 1."
"""The heading of its explanation."""


BOTH = (slice(None), slice(None))
"""All rows and columns of a kernel."""


@dataclass(frozen=True)
class CarafeSettings(Settings):
    """The settings of CARAFE."""

    kernel: Annotated[int, "side of the neighborhood, in input pixels", Bounds(3, 15, odd=True)] = 5
    encoder: Annotated[int, "kernel size of the convolution that predicts the weights", Bounds(1, 15, odd=True)] = 3
    compressed: Annotated[
        int | None, "channels that the weights are predicted from; default: 64, or all if fewer", Bounds(1, 1024)
    ] = None


def _compute(given: ReferenceInput[CarafeSettings]) -> Array:
    """Return x, reassembled with predicted weights."""
    kernel, encoder, scale = given.settings.kernel, given.settings.encoder, int(given.scale)
    small = conv2d(given.x, given.weights["compress.weight"], given.weights["compress.bias"])
    scores = conv2d(small, given.weights["encode.weight"], given.weights["encode.bias"], padding=encoder // 2)
    weights = arithmetic.softmax(arithmetic.pixel_shuffle(scores, scale))  # N, K·K, S·H, S·W
    padded = replicate_pad(project_array(given.x, given.weights), kernel // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (2, 3))
    around = windows.repeat(scale, 2).repeat(scale, 3).reshape(*windows.shape[:2], *weights.shape[2:], -1)
    made: Array = np.einsum("nchwk,nkhw->nchw", around, weights)
    return made


def _trace(given: ReferenceInput[CarafeSettings]) -> Trace:
    small = conv2d.trace(given.x, given.weights["compress.weight"], given.weights["compress.bias"])
    scores = _score_trace(small.output, given)
    weights = _softmax_trace(scores.output)
    projected = projection_trace(given.x, given.weights)
    padded = replicate_pad_trace(given.x if projected is None else projected.output, given.settings.kernel // 2)
    made = _reassembly_trace(padded.output, weights.output, int(given.scale))
    first = [] if projected is None else [(projected, {"kernel": "projection-kernel", "output": "projected"})]
    trace = chain_traces(
        "carafe",
        (small, {"kernel": "compress-kernel", "output": "compressed"}),
        (scores, {"output": "scores"}),
        (weights, {"output": "weights"}),
        *first,
        (padded, {"picture": "picture" if projected is None else "projected"}),
        (made, {}),
        titles={"compressed": "Compressed channels", "projected": "Projected channels"},
    )
    return replace(trace, summary=SUMMARY)


def _score_trace(small: Array, given: ReferenceInput[CarafeSettings]) -> Trace:
    """Return the trace of the scores, a kernel for each new pixel: the bias, and each value in reach times a kernel."""
    kernel, encoder, scale = given.settings.kernel, given.settings.encoder, int(given.scale)
    n, channels, height, width = small.shape
    order = (kernel, kernel, scale, scale)
    bias = given.weights["encode.bias"].reshape(order).transpose(2, 3, 0, 1)[None, None]
    weights = given.weights["encode.weight"].reshape(*order, channels, -1).transpose(4, 5, 2, 3, 0, 1)
    scores = np.zeros((n, 1, scale * height, scale * width, kernel, kernel), small.dtype)
    require_short_trace(scores[..., 0, 0].size * (1 + weights[:, :, 0, 0, 0, 0].size))
    steps = []
    for i, _, y, x in np.ndindex(scores.shape[:4]):
        at, new = (*cell_index(i, 0, y, x), *BOTH), cell_index(y % scale, x % scale)
        block = (slice(0, 1), slice(0, 1), *new, *BOTH)
        values = bias[block]
        where = format_position(y, x)
        text = f"{where}: start with the bias, {format_numbers(values)}"
        steps.append(
            Step("output", text, "copy", {"values": values}, at, values, reads={"values": Region("bias", block)})
        )
        for channel, tap in np.ndindex(channels, encoder**2):
            row, column = y // scale + tap // encoder - encoder // 2, x // scale + tap % encoder - encoder // 2
            if not (0 <= row < height and 0 <= column < width):
                continue  # zeros are around the picture
            source, kernel_at = cell_index(i, channel, row, column), (*cell_index(channel, tap), *new, *BOTH)
            value, one = small[source].reshape(1, 1), weights[kernel_at]
            text = f"{where}: add {format_number(value.item())} times {format_numbers(one)}"
            reads = {"first": Region("compressed", source), "second": Region("score-weights", kernel_at)}
            steps.append(Step("output", text, "product", {"first": value, "second": one}, at, value * one, True, reads))
    stage = Stage("output", "Scores of the neighbors of each new pixel", scores)
    return Trace("carafe", (stage,), tuple(steps), {"compressed": small, "bias": bias, "score-weights": weights})


def _softmax_trace(scores: Array) -> Trace:
    """Return the trace of the softmax of the scores of each new pixel."""
    pixels, side = scores.shape[:4], scores.shape[-1]
    flat = arithmetic.softmax.trace(scores.reshape(-1, side**2))
    titles = {"totals": "Their sums", "output": "Weights of the neighbors of each new pixel"}
    stages = tuple(
        Stage(one.name, titles.get(one.name, one.title), one.start.reshape(*pixels, *_sides(one.start, side)))
        for one in flat.stages
    )
    return Trace("carafe", stages, tuple(_of_kernel(step, pixels, side) for step in flat.steps), {"scores": scores})


def _sides(row: Array, side: int) -> tuple[int, int]:
    """Return the sides of the kernel of a row of its values; those of a sum are 1."""
    return (side, side) if row.shape[-1] == side**2 else (1, 1)


def _of_kernel(step: Step, pixels: tuple[int, ...], side: int) -> Step:
    """Return a step on a row of scores as a step on the kernel of a new pixel."""
    place = np.unravel_index(step.index[0].start or 0, pixels)
    index = (*cell_index(*map(int, place)), *BOTH)

    def shaped(values: Array) -> Array:
        return values.reshape(1, 1, 1, 1, side, side) if np.size(values) == side**2 else values

    return replace(
        step,
        text=f"{format_position(*map(int, place[2:]))}: {step.text.partition(': ')[2]}",
        inputs={name: shaped(values) for name, values in step.inputs.items()},
        index=index,
        result=shaped(step.result),
        reads={name: replace(region, index=index) for name, region in step.reads.items()},
    )


def _reassembly_trace(padded: Array, weights: Array, scale: int) -> Trace:
    """Return the trace of the weighted sums: one step for each new value."""
    shape = (*padded.shape[:2], *weights.shape[2:4])
    require_short_trace(int(np.prod(shape)))
    steps = [_sum_step(padded, weights, scale, at) for at in np.ndindex(shape)]
    inputs = {"edges": padded, "weights": weights}
    return Trace("carafe", (Stage("output", "Output", np.zeros(shape, padded.dtype)),), tuple(steps), inputs)


def _sum_step(padded: Array, weights: Array, scale: int, at: tuple[int, ...]) -> Step:
    """Return the step that sums the neighborhood of one new pixel times its weights."""
    n, channel, y, x = at
    side = weights.shape[-1]
    window = (slice(y // scale, y // scale + side), slice(x // scale, x // scale + side))
    source, kernel_at = (*cell_index(n, channel), *window), (*cell_index(n, 0, y, x), *BOTH)
    values = padded[source]
    kernel = weights[kernel_at].reshape(1, 1, side, side)
    total = sequential_sum(values * kernel)
    where = format_position(channel, y, x) if padded.shape[1] > 1 else format_position(y, x)
    return Step(
        "output",
        f"{where}, in the block of old {format_position(y // scale, x // scale)}: {format_products(values, kernel)} = "
        f"{format_number(total)}",
        "dot",
        {"values": values, "weights": kernel},
        cell_index(*at),
        total,
        reads={"values": Region("edges", source), "weights": Region("weights", kernel_at)},
    )


def _halo(_: float, settings: CarafeSettings) -> int:
    return max(settings.kernel, settings.encoder) // 2


def _compressed(place: LayerSpec[CarafeSettings]) -> int:
    return place.settings.compressed or min(COMPRESSED, place.in_channels)


def _shapes(place: LayerSpec[CarafeSettings]) -> dict[str, tuple[int, ...]]:
    middle, scores = _compressed(place), (int(place.scale) * place.settings.kernel) ** 2
    return {
        **convolution_weights("compress", (place.in_channels, middle)),
        **convolution_weights("encode", (middle, scores), place.settings.encoder),
        **projection_shapes(place),
    }


def _layer(place: LayerSpec[CarafeSettings]) -> "nn.Module":
    from torch import nn

    scale, kernel, encoder = int(place.scale), place.settings.kernel, place.settings.encoder
    middle = _compressed(place)

    class Carafe(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.compress = nn.Conv2d(place.in_channels, middle, 1)
            self.encode = nn.Conv2d(middle, (scale * kernel) ** 2, encoder, padding=encoder // 2)
            self.projection = projection_layer(place)
            _start_bilinear(self.encode, scale, kernel)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            scores = self.encode(self.compress(x)).unflatten(1, (kernel**2, scale**2))
            weights = scores.softmax(1)  # N, K·K, S, H, W
            return reassemble(self.projection(x), weights[:, :, None, None].unbind(1), scale)

    return Carafe()


def _start_bilinear(encode: "nn.Conv2d", scale: int, kernel: int) -> None:
    """Give the convolution small weights, and a bias that makes the softmax nearly bilinear."""
    import torch

    offsets = np.arange(kernel) - kernel // 2
    one = linear(offsets[:, np.newaxis] - start_positions(scale))  # K, scale
    both = np.einsum("yi,xj->yxij", one, one) + SPREAD / kernel**2
    with torch.no_grad():
        torch.nn.init.normal_(encode.weight, std=0.001)
        encode.bias.copy_(torch.from_numpy(np.log(both)).reshape(-1))  # type: ignore[union-attr] # it has a bias


UPSAMPLER = Upsampler(
    "carafe",
    CarafeSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    channels="any",
    shapes=_shapes,
    use="semantic segmentation; kernels follow the content and give no checkerboards",
)
