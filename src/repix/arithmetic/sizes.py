"""Output sizes of convolution and transposed convolution, and the values that a convolution leaves unread."""

from collections.abc import Sequence

import numpy as np

from repix.arithmetic.kernel_axis import KernelAxis, Padding, conv_axis, transposed_axis
from repix.arithmetic.step_text import plural
from repix.arithmetic.trace import Rule, Stage, Step, Trace, traced_by


def _trace_conv_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> Trace:
    line = conv_axis(size, kernel_size, stride, padding, dilation)
    return _trace("conv-output-size", [*_slides(line), _rest(line), *_places(line)])


@traced_by(_trace_conv_output_size)
def conv_output_size(size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    """Return the size of an axis after a convolution: (D + 2P - d(K-1) - 1) / S, rounded down, + 1.

    Args:
        size: the input size D.
        kernel_size: the kernel size K.
        stride: the stride S.
        padding: the padding P at each end, or "valid" or "same".
        dilation: the dilation d.

    Returns:
        The output size.

    Raises:
        WrongUse: a value is out of range, or the kernel is larger than the padded input.

    >>> conv_output_size(5, 3), conv_output_size(224, 3, stride=2, padding=1)
    (3, 112)
    """
    return conv_axis(size, kernel_size, stride, padding, dilation).output


def _trace_conv_rest(size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> Trace:
    line = conv_axis(size, kernel_size, stride, padding, dilation)
    return _trace("conv-remainder", [*_slides(line), _rest(line)])


@traced_by(_trace_conv_rest)
def conv_remainder(size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    """Return the number of values at the end (padding included) that no window reads: (D + 2P - d(K-1) - 1) mod S.

    Args:
        size: the input size D.
        kernel_size: the kernel size K.
        stride: the stride S.
        padding: the padding P at each end, or "valid" or "same".
        dilation: the dilation d.

    Returns:
        The number of values.

    Raises:
        WrongUse: a value is out of range, or the kernel is larger than the padded input.

    >>> conv_remainder(224, 3, stride=2), conv_remainder(225, 3, stride=2)
    (1, 0)
    """
    return conv_axis(size, kernel_size, stride, padding, dilation).unread


def _trace_conv_transpose_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, output_padding: int = 0, dilation: int = 1
) -> Trace:
    line = transposed_axis(size, kernel_size, stride, padding, output_padding, dilation)
    last = line.stride * (line.size - 1)
    cut, extra = line.before + max(line.after, line.before), max(line.before - line.after, 0)
    steps = [
        *_reach(line),
        _product(
            "last", f"{line.size} kernels start {line.stride} apart", ("stride", line.stride), ("size less 1", size - 1)
        ),
        _sum(
            "full",
            f"The last kernel starts at {last} and covers {line.effective_kernel}",
            "start, covered",
            (last, line.effective_kernel),
        ),
        _sum(
            "output",
            f"Crop {cut or 'nothing'} at the ends, add {extra or 'nothing'} of output padding",
            "size, cut, added",
            (line.full_output, -cut, extra),
        ),
    ]
    return _trace("conv-transpose-output-size", steps)


@traced_by(_trace_conv_transpose_output_size)
def conv_transpose_output_size(
    size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, output_padding: int = 0, dilation: int = 1
) -> int:
    """Return the size of an axis after a transposed convolution: S(D-1) + d(K-1) + 1 - 2P + Po.

    Args:
        size: the input size D.
        kernel_size: the kernel size K.
        stride: the stride S.
        padding: the padding P at each end, or "valid" or "same".
        output_padding: the output padding Po.
        dilation: the dilation d.

    Returns:
        The output size.

    Raises:
        WrongUse: a value is out of range, or nothing would be left of the output.

    >>> conv_transpose_output_size(64, 3, stride=2, padding=1), conv_transpose_output_size(64, 4, stride=2, padding=1)
    (127, 128)
    """
    return transposed_axis(size, kernel_size, stride, padding, output_padding, dilation).transposed_output


TITLES = {
    "gaps": "The kernel without its last value",
    "reach": "Effective kernel size",
    "slides": "Distance that the kernel can move",
    "rest": "Remainder that no window reads",
    "strides": "Whole strides",
    "last": "Start of the last kernel",
    "full": "Size before cropping",
    "output": "Output size",
}


def _reach(line: KernelAxis) -> list[Step]:
    gaps, kernel = line.dilation * (line.kernel - 1), plural(line.kernel - 1, "gap")
    text = f"A kernel of {line.kernel} with dilation {line.dilation} has {kernel} of {line.dilation}"
    return [
        _product("gaps", text, ("dilation", line.dilation), ("kernel size less 1", line.kernel - 1)),
        _sum("reach", "With its last value it covers", "gaps, 1", (gaps, 1)),
    ]


def _slides(line: KernelAxis) -> list[Step]:
    zeros = line.before + line.after
    text = (
        f"The size {line.size} and {plural(zeros, 'zero')} of padding, minus the effective kernel size "
        f"{line.effective_kernel}"
    )
    return [*_reach(line), _sum("slides", text, "size, padding, covered", (line.size, zeros, -line.effective_kernel))]


def _rest(line: KernelAxis) -> Step:
    return _division(
        "rest", "remainder", f"The remainder that no window reads: {line.slide_range} mod {line.stride}", line
    )


def _places(line: KernelAxis) -> list[Step]:
    text = "One window at the start, and one for each stride"
    return [
        _division("strides", "floor-divide", f"Whole strides: {line.slide_range} / {line.stride}, rounded down", line),
        _sum("output", text, "strides, 1", (line.output - 1, 1)),
    ]


def _product(stage: str, text: str, first: tuple[str, int], second: tuple[str, int]) -> Step:
    inputs = {"first": np.array(float(first[1])), "second": np.array(float(second[1]))}
    result = np.array(float(first[1] * second[1]))
    labels = {"first": first[0], "second": second[0]}
    return Step(stage, f"{text}: {first[1]}·{second[1]} = {result:g}", "product", inputs, (), result, labels=labels)


def _sum(stage: str, text: str, label: str, terms: Sequence[int]) -> Step:
    values = np.array(terms, dtype=np.float64)
    first, *others = terms
    written = f"{first}" + "".join(f" {'-' if v < 0 else '+'} {abs(v)}" for v in others)
    return Step(
        stage,
        f"{text}: {written} = {sum(terms)}",
        "sum",
        {"values": values},
        (),
        np.array(float(sum(terms))),
        labels={"values": label},
    )


def _division(stage: str, rule: Rule, text: str, line: KernelAxis) -> Step:
    inputs = {"value": np.array(float(line.slide_range)), "divisor": np.array(float(line.stride))}
    result = line.unread if rule == "remainder" else line.output - 1
    labels = {"value": "slides", "divisor": "stride"}
    return Step(stage, f"{text} = {result}", rule, inputs, (), np.array(float(result)), labels=labels)


def _trace(operation: str, steps: Sequence[Step]) -> Trace:
    stages = tuple(Stage(step.stage, TITLES[step.stage], np.zeros(())) for step in steps)
    return Trace(operation, stages, tuple(steps))
