import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from repix.arithmetic import conv_output_size, conv_remainder, conv_transpose_output_size

from .drawing import few, sides


@pytest.mark.parametrize(
    ("size", "kernel", "padding", "expected"), [(64, 3, 1, 127), (64, 4, 1, 128), (224, 3, 1, 447)]
)
def test_U12_the_decks_sizes(size, kernel, padding, expected):
    assert conv_transpose_output_size(size, kernel, stride=2, padding=padding) == expected
    assert conv_transpose_output_size.trace(size, kernel, stride=2, padding=padding).replay() == expected


@few
@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.integers(1, 3))
def test_U12_convolution_as_torch_counts(size, kernel, stride, padding, dilation):
    size += dilation * (kernel - 1)
    line = functional.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding, dilation)
    found = conv_output_size(size, kernel, stride, padding, dilation)
    assert found == line.shape[-1]
    assert conv_output_size.trace(size, kernel, stride, padding, dilation).replay() == found


@few
@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.data())
def test_U12_transposed_as_torch_counts(size, kernel, stride, dilation, data):
    size += 4
    extra = data.draw(st.integers(0, max(stride, dilation) - 1))
    padding = data.draw(st.integers(0, 2))
    line = functional.conv_transpose1d(
        torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding, extra, 1, dilation
    )
    found = conv_transpose_output_size(size, kernel, stride, padding, extra, dilation)
    assert found == line.shape[-1]
    assert conv_transpose_output_size.trace(size, kernel, stride, padding, extra, dilation).replay() == found


@few
@given(st.integers(5, 30), st.integers(1, 5), st.integers(1, 4))
def test_U12_the_rest_is_what_the_way_back_lacks(size, kernel, stride):
    rest = conv_remainder(size, kernel, stride)
    assert rest == (size - kernel) % stride
    assert conv_transpose_output_size(conv_output_size(size, kernel, stride), kernel, stride) == size - rest
    assert conv_remainder.trace(size, kernel, stride).replay() == rest


@few
@given(sides, sides, st.sampled_from([0, "same", "valid"]), st.integers(0, 2))
def test_every_line_of_a_size_is_a_sentence_that_ends_in_its_number(numbers, strides, padding, extra):
    (size, kernel), (stride, dilation) = numbers, strides
    wide = size + dilation * kernel
    extra = 0 if padding else min(extra, stride - 1)
    for trace in (
        conv_output_size.trace(wide, kernel, stride, padding, dilation),
        conv_remainder.trace(wide, kernel, stride, padding, dilation),
        conv_transpose_output_size.trace(size, kernel, stride, padding, extra, dilation),
    ):
        for step in trace.steps:
            assert step.text.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789"))
            assert re.search(r"[a-z]{3}", step.text)
            assert not re.search(r"\b[01] (are|added)\b", step.text)
            assert step.text.endswith(f" = {step.result:g}")
