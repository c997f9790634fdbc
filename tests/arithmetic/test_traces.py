"""Every operation of `repix.arithmetic` has a trace that computes the same result."""

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import arithmetic
from repix.arithmetic import Operation, max_pool2d, softmax
from repix.arithmetic.resampling import _plan, torch_lines
from repix.arithmetic.trace import RULES
from repix.errors import WrongUse

from .drawing import few, numbers

OPERATIONS = sorted(name for name in arithmetic.__all__ if isinstance(getattr(arithmetic, name), Operation))


def planes(draw, least=1):
    """A picture of every allowed kind."""
    lead = draw(st.sampled_from([(), (2,), (2, 3)]))
    return numbers(draw(st.integers(0, 99)), *lead, *(draw(st.integers(least, 4)) for _ in range(2)))


def channels(draw, multiple):
    lead = draw(st.sampled_from([(), (2,)]))
    return numbers(draw(st.integers(0, 99)), *lead, multiple * draw(st.integers(1, 2)), 2, 3)


def kernel_for(draw, picture, groups, transposed):
    sides = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    if picture.ndim == 2:
        return numbers(7, *sides)
    count = picture.shape[-3]
    return numbers(7, *((count, 2) if transposed else (2 * groups, count // groups)), *sides)


def convolving(draw, transposed=False):
    picture = planes(draw)
    groups = draw(st.sampled_from([1, picture.shape[-3]])) if picture.ndim > 2 else 1
    kernel = kernel_for(draw, picture, groups, transposed)
    filters = kernel.shape[1] * groups if transposed and picture.ndim > 2 else len(kernel) if picture.ndim > 2 else 1
    bias = draw(st.sampled_from([None, 0.5, numbers(8, filters)]))
    options = {"stride": (draw(st.integers(1, 2)), 2), "dilation": draw(st.integers(1, 2)), "groups": groups}
    options["padding"] = draw(st.sampled_from(["same", 0] if transposed else ["same", 4, (4, 5)]))
    if transposed:
        options["view"] = draw(st.sampled_from(["scatter", "insert"]))
        options["output_padding"] = 0 if options["padding"] == "same" else (0, draw(st.integers(0, 1)))
    return (picture, kernel, bias), options


def resizing(draw):
    method = draw(st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos"]))
    antialias = method != "nearest" and draw(st.booleans())
    options = {"mode": method, "align_corners": draw(st.booleans()), "antialias": antialias}
    return (planes(draw), (draw(st.integers(1, 6)), draw(st.integers(1, 6)))), options


def sampling(draw):
    picture = planes(draw)
    points = numbers(3, *draw(st.sampled_from([(), (2,), (2, 3)])), 2) * 3
    return (picture, points), {"x": draw(st.sampled_from(["right", "down"]))}


def pooling(draw):
    return (planes(draw, 3), draw(st.integers(2, 3))), {"stride": draw(st.integers(1, 3)), "padding": 1}


def losing(draw):
    probabilities = softmax(numbers(1, *draw(st.sampled_from([(3,), (2, 3), (3, 2, 2), (2, 3, 2, 2)]))))
    axis = 0 if probabilities.ndim % 2 else 1
    return (probabilities, np.argmax(probabilities, axis)), {}


def line(draw, limit):
    return (draw(st.integers(8, 30)), draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(0, limit))), {}


def interpolating(draw):
    count = draw(st.integers(1, 4))
    method = draw(st.sampled_from(["linear", "nearest"]))
    return (numbers(0, 5), np.random.default_rng(1).permutation(count) * 0.7, numbers(2, count), method), {}


def unpooling(draw):
    picture = planes(draw, 3)
    return (*max_pool2d(picture, 2), picture.shape[-2:]), {}


ARGUMENTS = {
    "conv2d": convolving,
    "conv_output_size": lambda draw: line(draw, 3),
    "conv_remainder": lambda draw: line(draw, 3),
    "conv_transpose2d": lambda draw: convolving(draw, transposed=True),
    "conv_transpose_output_size": lambda draw: line(draw, 2),
    "cross_entropy": losing,
    "interpolate_1d": interpolating,
    "max_pool2d": pooling,
    "max_unpool2d": unpooling,
    "pixel_shuffle": lambda draw: ((channels(draw, 4), 2), {}),
    "pixel_unshuffle": lambda draw: ((numbers(0, draw(st.integers(1, 3)), 4, 6), 2), {}),
    "reshape_upsample": lambda draw: ((channels(draw, 9), 3), {}),
    "resize": resizing,
    "sample_bilinear": sampling,
    "shuffle_height": lambda draw: ((channels(draw, 3), 3), {}),
    "shuffle_width": lambda draw: ((channels(draw, 3), 3), {}),
    "softmax": lambda draw: ((numbers(1, *draw(st.sampled_from([(3,), (2, 3), (3, 2, 2), (2, 3, 2, 2)]))),), {}),
}


def same(found, expected):
    """To the bit, the sign of a zero too, in the same type."""
    np.testing.assert_array_equal(found, expected, strict=True)
    assert np.asarray(found).tobytes() == np.asarray(expected).tobytes()


def check(trace):
    """Replayed steps give the answer; regions hold, to the bit, what steps use; sentences are there."""
    same(trace.replay(), trace.output)
    arrays = trace.inputs | {stage.name: np.array(stage.start) for stage in trace.stages}
    for step in trace.steps:
        assert step.text
        assert step.text[-1] != "."
        result = RULES[step.rule](**step.inputs)
        same(np.asarray(step.result).reshape(-1), np.asarray(result).reshape(-1))
        for name, region in step.reads.items():
            there = arrays[region.array][region.index].reshape(-1)
            used = np.asarray(step.inputs[name]).reshape(-1)
            assert np.isin(used, there).all()
            assert step.rule == "copy" or there.size != used.size or np.array_equal(used, there)
        written = arrays[step.stage]
        written[step.index] = written[step.index] + result if step.adds else result
        assert np.isfinite(written).all()
    same(arrays[trace.stages[-1].name], trace.output)


def signed_zeros(draw, name, drawn):
    """The arguments as they were drawn, or, where it makes sense, with zeros of both signs in the first of them."""
    first, *others = drawn
    if name == "cross_entropy" or not isinstance(first, np.ndarray) or draw(st.booleans()):
        return drawn
    return np.where(np.abs(first) < 1, np.copysign(0.0, first), first), *others


def typed(value, dtype):
    """Arrays of floats, also a bias, in another type."""
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


def within(name, arguments, options):
    """Return how far an operation with matrix products may be from its trace: n · ε · Σ |products|, and rounding."""
    picture = arguments[0]
    epsilon = np.finfo(picture.dtype).eps
    if name == "resize":
        lines = torch_lines(picture, arguments[1], None, options["align_corners"])
        rows, columns = (made_of.weights for made_of in _plan(lines, options["mode"], options["antialias"], -0.5))
        n = rows.shape[1] + columns.shape[1] + 6
        return n * epsilon * np.abs(picture).max() * np.abs(rows).sum(1).max() * np.abs(columns).sum(1).max()
    _, kernel, bias = arguments
    size = [np.abs(value) if isinstance(value, np.ndarray) else value for value in (picture, kernel, bias)]
    n = picture.size + kernel.size  # more than what meets in one number
    return n * epsilon * getattr(arithmetic, name)(*size, **options)


BY_MATRICES = ("conv2d", "conv_transpose2d", "resize")
"""Their sums are computed by matrix products, whose order of addition is not defined."""


@pytest.mark.parametrize("name", OPERATIONS)
@few
@given(st.data(), st.sampled_from([np.float32, np.float64]))
def test_U18_the_trace_replays_to_the_answer(name, data, dtype):
    operation = getattr(arithmetic, name)
    drawn, options = ARGUMENTS[name](data.draw)
    arguments = tuple(typed(value, dtype) for value in (signed_zeros(data.draw, name, drawn)))
    answer = operation(*arguments, **options)
    answer = answer[0] if isinstance(answer, tuple) else answer
    trace = operation.trace(*arguments, **options)
    check(trace)
    if name in BY_MATRICES and options.get("mode") != "nearest":
        assert trace.output.dtype == answer.dtype
        assert trace.output.shape == answer.shape
        assert np.all(np.abs(trace.output.astype(np.float64) - answer) <= within(name, arguments, options))
    else:
        same(trace.output, np.asarray(answer, trace.output.dtype))


def test_U18_every_operation_is_among_them():
    assert set(OPERATIONS) == set(ARGUMENTS)
    assert len(OPERATIONS) >= 15


def damaged(trace, change):
    """The trace with its last step changed."""
    return dataclasses.replace(trace, steps=(*trace.steps[:-1], dataclasses.replace(trace.steps[-1], **change)))


def test_the_check_can_fail():
    trace = arithmetic.conv2d.trace(numbers(0, 4, 4), numbers(1, 2, 2))
    check(trace)
    values = trace.steps[-1].inputs["values"] + 1
    with pytest.raises(AssertionError):
        check(damaged(trace, {"inputs": trace.steps[-1].inputs | {"values": values}}))
    with pytest.raises(AssertionError):
        check(damaged(trace, {"reads": trace.steps[-2].reads}))


def test_U18_a_trace_too_long_to_read_is_refused():
    with pytest.raises(WrongUse, match="the limit is 10,000"):
        softmax.trace(np.zeros((3, 200, 200)))


TOO_LARGE = {
    "scale": lambda: arithmetic.resize.trace(np.eye(2), scale_factor=1e9),
    "size": lambda: arithmetic.max_unpool2d.trace(np.eye(2), np.array([[0, 1], [2, 3]]), 10**6),
    "stride": lambda: arithmetic.conv_transpose2d.trace(np.eye(2), np.eye(2), stride=10**6),
    "dilation": lambda: arithmetic.conv_transpose2d.trace(np.eye(2), np.eye(2), dilation=10**6, view="insert"),
    "padding": lambda: arithmetic.conv2d.trace(np.eye(2), np.eye(2), padding=10**6),
    "photo": lambda: max_pool2d.trace(np.zeros((500, 500)), 2),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_U18_an_output_too_large_is_refused_before_it_is_made(name):
    with pytest.raises(WrongUse, match="the limit is"):
        TOO_LARGE[name]()


def test_U18_steps_of_the_scattering_view_are_sentences():
    trace = arithmetic.conv_transpose2d.trace(np.array([[1.0, 2], [3, 4]]), np.ones((3, 3)), stride=2)
    assert trace.steps[1].text == "row 0, column 1: 2 x kernel added at rows 0-2, columns 2-4"
    assert [stage.name for stage in trace.stages] == ["output"]


def test_U18_steps_of_the_inserting_view_are_four_pictures():
    trace = arithmetic.conv_transpose2d.trace(np.eye(2), np.ones((2, 2)), stride=2, view="insert")
    assert [stage.name for stage in trace.stages] == ["inserted", "padded", "flipped-kernel", "output"]
    assert trace.stage_arrays()["padded"].shape == (5, 5)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_trace_has_the_signature_of_its_operation(name):
    """The same parameters with the same defaults."""
    operation = getattr(arithmetic, name)
    asked, traced = (inspect.signature(one).parameters for one in (operation, operation._trace))
    assert list(asked.values()) == list(traced.values())
