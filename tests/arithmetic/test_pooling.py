import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from repix.arithmetic import max_pool2d, max_unpool2d
from repix.errors import WrongUse

from .drawing import few, pairs, sides

GRID = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 8, 7, 6], [5, 4, 3, 2]], float)


def test_U02_the_decks_maxima_and_indices():
    values, indices = max_pool2d(GRID, 2)
    np.testing.assert_array_equal(values, [[6, 8], [9, 7]])
    np.testing.assert_array_equal(indices, [[5, 7], [8, 10]])


def test_U02_the_trace_finds_both():
    trace = max_pool2d.trace(GRID, 2)
    np.testing.assert_array_equal(trace.replay(), [[6, 8], [9, 7]])
    np.testing.assert_array_equal(trace.stage_arrays()["indices"], [[5, 7], [8, 10]])


def test_U09_maxima_go_back_to_their_places():
    expected = np.zeros((4, 4))
    expected[1, 1], expected[1, 3], expected[2, 0], expected[2, 2] = 6, 8, 9, 7
    np.testing.assert_array_equal(max_unpool2d(*max_pool2d(GRID, 2), 4), expected)


@few
@given(sides, pairs, pairs, st.integers(0, 99), st.data())
def test_U02_agrees_with_torch_ties_included(size, kernel, stride, seed, data):
    size = tuple(n + m for n, m in zip(size, kernel, strict=True))
    padding = tuple(data.draw(st.integers(0, n // 2)) for n in kernel)
    x = np.random.default_rng(seed).integers(-3, 3, (2, 3, *size)).astype(float)
    values, indices = max_pool2d(x, kernel, stride=stride, padding=padding)
    theirs = functional.max_pool2d(torch.tensor(x), kernel, stride, padding, return_indices=True)
    np.testing.assert_array_equal(values, theirs[0].numpy())
    np.testing.assert_array_equal(indices, theirs[1].numpy())


@few
@given(sides, pairs, st.integers(0, 99))
def test_U09_agrees_with_torch(size, kernel, seed):
    size = tuple(n * m for n, m in zip(size, kernel, strict=True))
    x = np.random.default_rng(seed).normal(size=(2, *size))
    pooled = functional.max_pool2d(torch.tensor(x), kernel, return_indices=True)
    theirs = functional.max_unpool2d(*pooled, kernel, output_size=size).numpy()
    np.testing.assert_array_equal(max_unpool2d(*max_pool2d(x, kernel), size), theirs)


def test_dilated_pooling_agrees_with_torch():
    x = np.random.default_rng(0).normal(size=(1, 9, 8))
    theirs = functional.max_pool2d(torch.tensor(x), (3, 2), 1, 1, (2, 3), return_indices=True)
    ours = max_pool2d(x, (3, 2), stride=1, padding=1, dilation=(2, 3))
    np.testing.assert_array_equal(ours[0], theirs[0].numpy())
    np.testing.assert_array_equal(ours[1], theirs[1].numpy())


def test_a_window_of_padding_alone_is_refused():
    with pytest.raises(WrongUse, match="padding only"):
        max_pool2d(np.ones((2, 2)), 2, stride=1, padding=1, dilation=3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_stays(dtype):
    values, indices = max_pool2d(GRID.astype(dtype), 2)
    assert values.dtype == dtype
    assert indices.dtype == np.int64
    assert max_unpool2d(values, indices, 4).dtype == dtype
