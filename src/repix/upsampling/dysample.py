"""DySample: every new pixel is a bilinear sample of the picture, at a point that the picture itself shifts.

A 1×1 convolution predicts a shift of each point; groups of channels have their own shifts. The picture is sampled, not
filtered, so the layer is light (Liu et al., "Learning to Upsample by Learning to Sample", ICCV 2023, style "lp").
Shifts are limited: tanh keeps the predicted number between -1 and 1, and the scope multiplies it by 1/4 (static) or by
up to 1/2 (dynamic, predicted by a second 1×1 convolution). In the paper the scope alone limits them softly. With the
limit each point stays within one pixel of its old pixel, so tiles are exact. Without shifts this is bilinear
interpolation. If the number of channels changes, a 1×1 convolution without bias changes it first.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np

from repix.arithmetic import conv2d, sample_bilinear
from repix.arithmetic.arrays import Array
from repix.arithmetic.step_text import cell_index, format_number, format_numbers, format_position, require_short_trace
from repix.arithmetic.trace import RULES, Index, Region, Stage, Step, Trace, sigmoid
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

STATIC, DYNAMIC = 0.25, 0.5
"""The largest shift with a static scope, and with a dynamic one, in input pixels."""

SUMMARY = "DySample: the picture predicts how far each sampling point is shifted; then it is sampled bilinearly."
"""The heading of its explanation."""


@dataclass(frozen=True)
class DySampleSettings(Settings):
    """The settings of DySample."""

    scope: Annotated[Literal["static", "dynamic"], "limit of a shift: 1/4 pixel, or predicted, up to 1/2"] = "static"
    groups: Annotated[
        int, "most groups of channels with their own shifts; the largest divisor of the channels is used", Bounds(1, 64)
    ] = 4


def _groups(place: LayerSpec[DySampleSettings]) -> int:
    """Return the number of groups: the largest number up to the setting that divides the output channels."""
    return max(n for n in range(1, place.settings.groups + 1) if place.out_channels % n == 0)


def _compute(given: ReferenceInput[DySampleSettings]) -> Array:
    """Return x, sampled at the shifted points."""
    values, points = project_array(given.x, given.weights), _points(given)
    groups = points.shape[1]
    split = values.reshape(len(values), groups, -1, *values.shape[2:])
    made = [
        np.stack([sample_bilinear(split[n, g], points[n, g]) for g in range(groups)]) for n in range(len(values))
    ]  # groups, channels of a group, S·H, S·W each
    return np.stack(made).reshape(*values.shape[:2], *points.shape[2:4])


def _points(given: ReferenceInput[DySampleSettings]) -> Array:
    """Return the sampling points, (N, groups, S·H, S·W, 2), as (x, y) in input pixels."""
    scale = int(given.scale)
    shifts = np.tanh(conv2d(given.x, given.weights["offset.weight"], given.weights["offset.bias"]))
    if given.settings.scope == "dynamic":
        shifts *= np.asarray(DYNAMIC, shifts.dtype) * sigmoid(conv2d(given.x, given.weights["scope.weight"]))
    else:
        shifts *= STATIC
    n, channels, height, width = shifts.shape
    blocks = shifts.reshape(n, 2, channels // (2 * scale**2), scale, scale, height, width)
    large = np.moveaxis(blocks, (1, 2, 5, 3, 6, 4), (-1, 1, 2, 3, 4, 5)).reshape(
        n, -1, scale * height, scale * width, 2
    )
    return np.asarray(_start(height, width, scale) + large, given.x.dtype)


def _start(height: int, width: int, scale: int) -> Array:
    """Return the points without shifts, (S·H, S·W, 2)."""
    rows, columns = ((np.arange(n)[:, np.newaxis] + start_positions(scale)).reshape(-1) for n in (height, width))
    return np.stack(np.meshgrid(columns, rows), -1)


def _trace(given: ReferenceInput[DySampleSettings]) -> Trace:
    shifts = _shift_trace(given)
    points = _point_trace(shifts.output, given)
    projected = projection_trace(given.x, given.weights)
    values = given.x if projected is None else projected.output
    sampled = _sample_trace(values, points.output)
    first = [] if projected is None else [(projected, {"kernel": "projection-kernel", "output": "projected"})]
    trace = chain_traces(
        "dysample",
        (shifts, {"output": "shifts"}),
        (points, {"output": "points"}),
        *first,
        (sampled, {"picture": "picture" if projected is None else "projected"}),
        titles={"projected": "Projected channels"},
    )
    return replace(trace, summary=SUMMARY)


def _shift_trace(given: ReferenceInput[DySampleSettings]) -> Trace:
    """Return the trace of the shifts: x and then y of each group, one channel for each pixel of a block."""
    offsets = conv2d.trace(given.x, given.weights["offset.weight"], given.weights["offset.bias"])
    limited = _by_channel("tanh", {"offsets": offsets.output}, "Limited to -1 to 1")
    parts = [(offsets, {"kernel": "offset-kernel", "output": "offsets"}), (limited, {"output": "limited"})]
    reach = {"scope": np.full_like(limited.output, STATIC)}
    if given.settings.scope == "dynamic":
        scopes = conv2d.trace(given.x, given.weights["scope.weight"])
        shares = _by_channel("sigmoid", {"scopes": scopes.output}, "Parts of the largest shift")
        half = {"scope-parts": shares.output, "scope": np.full_like(shares.output, DYNAMIC)}
        reaches = _by_channel("product", half, "The largest shift of each point")
        parts += [(scopes, {"kernel": "scope-kernel", "output": "scopes"}), (shares, {"output": "scope-parts"})]
        parts.append((reaches, {"output": "reaches"}))
        reach = {"reaches": reaches.output}
    shifts = _by_channel("product", {"limited": limited.output} | reach, "Shifts, in pixels")
    titles = {"offsets": "Predicted offsets", "scopes": "Predicted scopes"}
    return chain_traces("dysample", *parts, (shifts, {}), titles=titles)


def _by_channel(rule: Literal["tanh", "sigmoid", "product"], given: dict[str, Array], title: str) -> Trace:
    """Return the trace of a rule on one or two arrays, with one step for each channel."""
    first = next(iter(given.values()))
    steps = []
    for place in np.ndindex(first.shape[:2]):
        index = (*cell_index(*place), slice(None), slice(None))
        parts = {name: values[index] for name, values in given.items()}
        one, *other = parts.values()
        inputs = {"first": one, "second": other[0]} if other else {"values": one}
        result = np.asarray(RULES[rule](**inputs))
        text = {
            "tanh": f"the hyperbolic tangent of {format_numbers(one)}",
            "sigmoid": f"the sigmoid of {format_numbers(one)}",
            "product": f"{format_numbers(one)} times {format_numbers(other[0]) if other else ''}",
        }[rule]
        reads = {key: Region(name, index) for key, name in zip(inputs, parts, strict=True)}
        steps.append(
            Step(
                "output", f"channel {place[1]}: {text} is {format_numbers(result)}", rule, inputs, index, result,
                reads=reads,
            )
        )  # fmt: skip
    return Trace("dysample", (Stage("output", title, np.zeros_like(first)),), tuple(steps), dict(given))


def _point_trace(shifts: Array, given: ReferenceInput[DySampleSettings]) -> Trace:
    """Return the trace that adds the shifts to the points of bilinear interpolation."""
    n, channels, height, width = shifts.shape
    scale = int(given.scale)
    groups = channels // (2 * scale**2)
    points = np.zeros((n, groups, scale * height, scale * width, 2), shifts.dtype)
    points += _start(height, width, scale)
    require_short_trace(points.size)
    stage = Stage("output", "Sampling points: x and y of each new pixel", points)
    steps = []
    for at in np.ndindex(points.shape[:-1]):
        i, g, y, x = at
        channel = g * scale**2 + y % scale * scale + x % scale
        both = slice(channel, None, groups * scale**2)
        source = (*cell_index(i), both, *cell_index(y // scale, x // scale))
        values = shifts[source].reshape(1, 1, 1, 1, 2)
        text = (
            f"{format_position(y, x)}: the point {_pair(points[at])} is shifted by {_pair(values.reshape(-1))}, to "
            f"{_pair(points[at] + values.reshape(-1))}"
        )
        index = (*cell_index(*at), slice(None))
        steps.append(
            Step("output", text, "copy", {"values": values}, index, values, True, {"values": Region("shifts", source)})
        )
    return Trace("dysample", (stage,), tuple(steps), {"shifts": shifts})


def _pair(point: Array) -> str:
    return f"({format_number(point[0])}, {format_number(point[1])})"


def _sample_trace(values: Array, points: Array) -> Trace:
    """Return the trace of the bilinear samples of each group of channels at its points."""
    n, groups = points.shape[:2]
    each = values.shape[1] // groups
    steps: list[Step] = []
    for i, g in np.ndindex(n, groups):
        sampled = sample_bilinear.trace(values[i, g * each : (g + 1) * each], points[i, g])
        steps += [_placed(step, i, g, each) for step in sampled.steps]
    stages = (
        Stage("weights", "Weights of the four pixels around each point", np.zeros((*points.shape, 2), values.dtype)),
        Stage("output", "Output", np.zeros((*values.shape[:2], *points.shape[2:4]), values.dtype)),
    )
    return Trace("dysample", stages, tuple(steps), {"picture": values, "points": points})


def _placed(step: Step, sample: int, group: int, each: int) -> Step:
    """Return a step of one sample and one group with its place among all of them."""

    def place(array: str, index: Index) -> Index:
        if array == "weights":
            return (*cell_index(sample, group), *index)
        channel = group * each + (index[0].start or 0)
        return (*cell_index(sample, channel), *index[1:])

    reads = {key: Region(region.array, place(region.array, region.index)) for key, region in step.reads.items()}
    return replace(step, index=place(step.stage, step.index), reads=reads)


def _halo(_: float, __: DySampleSettings) -> int:
    return 1


def _shapes(place: LayerSpec[DySampleSettings]) -> dict[str, tuple[int, ...]]:
    shifts = 2 * _groups(place) * int(place.scale) ** 2
    scope = {"scope.weight": (shifts, place.in_channels, 1, 1)} if place.settings.scope == "dynamic" else {}
    return convolution_weights("offset", (place.in_channels, shifts)) | scope | projection_shapes(place)


def _layer(place: LayerSpec[DySampleSettings]) -> "nn.Module":
    import torch
    from torch import nn

    scale, groups = int(place.scale), _groups(place)
    shifts = 2 * groups * scale**2
    dynamic = place.settings.scope == "dynamic"
    across, down = np.meshgrid(start_positions(scale), start_positions(scale))
    start = torch.from_numpy(np.stack([across, down])).reshape(1, 2, 1, scale**2, 1, 1)

    class DySample(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.offset = nn.Conv2d(place.in_channels, shifts, 1)
            nn.init.normal_(self.offset.weight, std=0.001)
            nn.init.zeros_(self.offset.bias)  # type: ignore[arg-type] # it has a bias
            if dynamic:
                self.scope = nn.Conv2d(place.in_channels, shifts, 1, bias=False)
                nn.init.zeros_(self.scope.weight)
            self.projection = projection_layer(place)

        def forward(self, x: "Tensor", indices: "Tensor | None" = None) -> "Tensor":  # noqa: ARG002 every layer's call
            reach = DYNAMIC * self.scope(x).sigmoid() if dynamic else STATIC
            shift = (self.offset(x).tanh() * reach).unflatten(1, (2, groups, scale**2))
            across, down = (shift + start.to(shift)).unsqueeze(3).unbind(1)  # N, groups, 1, S, H, W
            rows, columns = ([(1 - (one - i).abs()).clamp_min(0) for i in (-1, 0, 1)] for one in (down, across))
            weights = [row * column for row in rows for column in columns]
            return reassemble(self.projection(x), weights, scale)

    return DySample()


UPSAMPLER = Upsampler(
    "dysample",
    DySampleSettings,
    compute=_compute,
    trace=_trace,
    build=_layer,
    halo_of=_halo,
    preserves_constants=True,
    channels="any",
    shapes=_shapes,
    use="dense prediction; sampling follows the edges, with hardly any weights",
)
