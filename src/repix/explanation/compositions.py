"""Traces of operations that are made of several: 1×1 convolution, hypercolumns, ICNR, phase sums, errors."""

from dataclasses import replace
from typing import Literal

import numpy as np

from repix.arithmetic import conv2d, pixel_shuffle, resize
from repix.arithmetic.arrays import Array, require_same_dtype
from repix.arithmetic.replicate_padding import replicate_pad_trace
from repix.arithmetic.resampling import Mode
from repix.arithmetic.step_text import cell_index, format_number, format_numbers, format_position
from repix.arithmetic.trace import Region, Stage, Step, Trace, sequential_sum
from repix.arithmetic.trace_chain import chain_traces
from repix.errors import WrongShape, WrongUse


def mixing_trace(picture: Array, weights: Array, bias: Array | None = None) -> Trace:
    """Return the trace of a 1×1 convolution: C×H×W with weights (outputs, C) to outputs×H×W.

    >>> mixing_trace(np.ones((2, 1, 1)), np.array([[1.0, 2.0], [0.5, 0.5]])).output.ravel().tolist()
    [3.0, 1.0]
    """
    if weights.ndim != 2 or weights.shape[1] != len(picture):
        raise WrongShape(
            f"The weights are {'×'.join(map(str, weights.shape))}; give one row for each output, with "
            f"{len(picture)} numbers, one for each channel."
        )
    trace = conv2d.trace(picture, weights[:, :, np.newaxis, np.newaxis], bias)
    return replace(trace, operation="conv-1x1")


def resize_conv_trace(
    picture: Array, kernel: Array, scale_factor: int = 2, mode: Literal["nearest", "bilinear"] = "nearest"
) -> Trace:
    """Return the trace of a resize-convolution: H×W enlarged, then convolved with repeated borders.

    >>> resize_conv_trace(np.ones((2, 2)), np.ones((3, 3))).output[0, 0, 0].tolist()
    [9.0, 9.0, 9.0, 9.0]
    """
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or kernel.shape[0] % 2 == 0:
        raise WrongShape(f"The kernel is {'×'.join(map(str, kernel.shape))}; it must be square, with an odd side.")
    larger = resize.trace(picture[np.newaxis, np.newaxis], scale_factor=scale_factor, mode=mode)
    padded = replicate_pad_trace(larger.output, len(kernel) // 2)
    convolved = conv2d.trace(padded.output, kernel[np.newaxis, np.newaxis])
    return chain_traces(
        "resize-conv",
        (larger, {"output": "larger"}),
        (padded, {"picture": "larger"}),
        (convolved, {"picture": "edges"}),
        titles={"larger": "The picture, enlarged"},
    )


def hypercolumns_trace(picture: Array, deeper: Array, mode: Mode = "bilinear") -> Trace:
    """Return the trace of `hypercolumns` of two maps C×H×W: the deeper one is resized, the channels are stacked.

    >>> hypercolumns_trace(np.ones((1, 2, 2)), np.zeros((2, 1, 1))).output[:, 0, 0].tolist()
    [1.0, 0.0, 0.0]
    """
    maps = (picture, deeper)
    parts = [resize.trace(one, (picture.shape[1], picture.shape[2]), mode=mode) for one in maps]
    total = np.concatenate([part.output for part in parts])
    firsts = np.cumsum([0, *(len(one) for one in maps)])
    whole = (slice(None),) * 3
    steps = []
    for number, part in enumerate(parts):
        first, last = int(firsts[number]), int(firsts[number + 1])
        what = f"channel {first}" if last == first + 1 else f"channels {first}-{last - 1}"
        text = f"map {number}, now as large as the others, becomes {what} of the columns"
        target, read = (slice(first, last), *whole[1:]), {"values": Region(f"map-{number}-larger", whole)}
        steps.append(Step("output", text, "copy", {"values": part.output}, target, part.output, reads=read))
    inputs = {f"map-{number}-larger": part.output for number, part in enumerate(parts)}
    stacked = Trace("hypercolumns", (Stage("output", "Columns", np.zeros_like(total)),), tuple(steps), inputs)
    chained = [(part, _of_map(part, number)) for number, part in enumerate(parts)]
    titles = {
        f"map-{number}-{stage.name}": f"{stage.title}, of map {number}"
        for number, part in enumerate(parts)
        for stage in part.stages
    }
    titles |= {f"map-{number}-larger": f"Map {number}, enlarged" for number in range(len(parts))}
    return chain_traces("hypercolumns", *chained, (stacked, {}), titles=titles)


def _of_map(trace: Trace, number: int) -> dict[str, str]:
    """Return the new names of the input and the stages of one map's resize."""
    own = {stage.name: f"map-{number}-{stage.name}" for stage in trace.stages}
    return own | {"picture": f"map {number}", "output": f"map-{number}-larger"}


def icnr_trace(picture: Array, kernel: Array, upscale_factor: int = 2) -> Trace:
    """Return the trace of a pixel shuffle right after ICNR initialization: one filter for every pixel of a block.

    >>> icnr_trace(np.array([[1.0, 2.0]]), np.array([[3.0]]), 2).output.tolist()
    [[[3.0, 3.0, 6.0, 6.0], [3.0, 3.0, 6.0, 6.0]]]
    """
    if kernel.ndim != 2 or picture.ndim != 2:
        raise WrongUse("ICNR is shown for one channel; give data and kernel without `|`.")
    if kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:
        raise WrongShape(f"The kernel is {'×'.join(map(str, kernel.shape))}; its sides must be odd.")
    block = upscale_factor**2
    whole = (slice(None),) * 4
    values = kernel[np.newaxis, np.newaxis]
    steps = [
        Step(
            "output", f"filter {i} of {block} is the kernel", "copy", {"values": values}, (*cell_index(i), *whole[1:]),
            values, reads={"values": Region("kernel", (slice(None),) * 2)},
        )
        for i in range(block)
    ]  # fmt: skip
    stage = Stage("output", "Filters of one block", np.zeros((block, 1, *kernel.shape)))
    filters = Trace("icnr", (stage,), tuple(steps), {"kernel": kernel})
    sides = kernel.shape[0] // 2, kernel.shape[1] // 2
    convolved = conv2d.trace(picture[np.newaxis], filters.output, padding=sides)
    shuffled = pixel_shuffle.trace(convolved.output, upscale_factor)
    return chain_traces(
        "icnr",
        (filters, {"output": "filters-kernel"}),
        (convolved, {"kernel": "filters-kernel", "output": "blocks"}),
        (shuffled, {"picture": "blocks"}),
        titles={"blocks": "Convolved: equal channels"},
    )


def phase_trace(kernel: Array, stride: int = 2) -> Trace:
    """Return the trace of the sums of the phases of a kernel K×L.

    >>> phase_trace(np.ones((3, 3)), 2).output.tolist()
    [[4.0, 2.0], [2.0, 1.0]]
    """
    if kernel.ndim != 2:
        raise WrongUse("Phase sums are shown for one channel; give the kernel without `|`.")
    if not 1 <= stride <= min(kernel.shape):
        raise WrongUse(f"The stride is {stride}; it must be from 1 to the kernel's smaller side, {min(kernel.shape)}.")
    sums = np.zeros((stride, stride), kernel.dtype)
    steps = []
    for i, j in np.ndindex(stride, stride):
        entries = (slice(i, None, stride), slice(j, None, stride))
        values = kernel[entries]
        total = sequential_sum(values)
        text = f"the phase at row {i}, column {j}: the sum of {format_numbers(values)} is {format_number(total)}"
        read = {"values": Region("kernel", entries)}
        steps.append(Step("output", text, "sum", {"values": values}, cell_index(i, j), total, reads=read))
    stage = Stage("output", "The sum of each phase of the kernel", sums)
    return Trace("phase-sums", (stage,), tuple(steps), {"kernel": kernel})


def error_trace(prediction: Array, target: Array, kind: Literal["mae", "mse"]) -> Trace:
    """Return the trace of the mean absolute error or of the mean squared error.

    >>> error_trace(np.array([1.0, 4.0]), np.array([2.0, 2.0]), "mse").output.item()
    2.5
    """
    if prediction.shape != target.shape:
        shapes = ["×".join(map(str, one.shape)) for one in (prediction, target)]
        raise WrongShape(f"The prediction has the shape {shapes[0]}, the target {shapes[1]}; they must be equal.")
    require_same_dtype(target, "target", prediction, "prediction")
    whole = (slice(None),) * prediction.ndim
    gaps = prediction - target
    sizes = np.abs(gaps) if kind == "mae" else gaps * gaps
    steps = [_difference(prediction, target, at) for at in np.ndindex(prediction.shape)]
    steps += [_size(gaps, at, kind) for at in np.ndindex(prediction.shape)]
    mean = np.asarray(np.mean(sizes))
    text = f"the mean of {format_numbers(sizes)} is {format_number(mean)}"
    steps.append(Step("output", text, "mean", {"values": sizes}, (), mean, reads={"values": Region("sizes", whole)}))
    stages = (
        Stage("differences", "Prediction minus target", np.zeros_like(gaps)),
        Stage("sizes", "Absolute differences" if kind == "mae" else "Squared differences", np.zeros_like(gaps)),
        Stage("output", "Mean", np.zeros((), gaps.dtype)),
    )
    return Trace(kind, stages, tuple(steps), {"prediction": prediction, "target": target})


def _where(at: tuple[int, ...]) -> str:
    return format_position(*at) if len(at) > 1 else f"value {at[0]}"


def _difference(prediction: Array, target: Array, at: tuple[int, ...]) -> Step:
    """Return the step that subtracts one value of the target."""
    index = cell_index(*at)
    gap = prediction[index] - target[index]
    numbers = [format_number(one.item()) for one in (prediction[index], target[index], gap)]
    text = f"{_where(at)}: {numbers[0]} minus {numbers[1]} is {numbers[2]}"
    reads = {"first": Region("prediction", index), "second": Region("target", index)}
    inputs = {"first": prediction[index], "second": target[index]}
    return Step("differences", text, "difference", inputs, index, gap, reads=reads)


def _size(gaps: Array, at: tuple[int, ...], kind: str) -> Step:
    """Return the step of the absolute or squared value of one difference."""
    index = cell_index(*at)
    gap, source = gaps[index], Region("differences", index)
    if kind == "mae":
        text = f"{_where(at)}: the absolute value of {format_number(gap.item())} is {format_number(abs(gap).item())}"
        return Step("sizes", text, "absolute", {"values": gap}, index, np.abs(gap), reads={"values": source})
    text = f"{_where(at)}: {format_number(gap.item())} squared is {format_number((gap * gap).item())}"
    inputs, reads = {"first": gap, "second": gap}, {"first": source, "second": source}
    return Step("sizes", text, "product", inputs, index, gap * gap, reads=reads)
