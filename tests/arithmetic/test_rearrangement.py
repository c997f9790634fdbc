import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from repix.arithmetic import pixel_shuffle, pixel_unshuffle, reshape_upsample, shuffle_height, shuffle_width

from .drawing import few, numbers

NUMBERS = "1 2 5 1 4 3 4 2 0 7 4 1 2 5 5 9 3 6 0 3 4 9 9 4 7 4 5 5 6 6 2 4 9 5 3 1"
DECK = np.array(NUMBERS.split(), float).reshape(4, 3, 3)


def test_U07_reshape_keeps_the_decks_numbers_in_order():
    out = reshape_upsample(DECK, 2)
    assert out.shape == (1, 6, 6)
    assert " ".join(f"{n:g}" for n in out.flat) == NUMBERS


def test_U08_the_decks_shuffle():
    out = pixel_shuffle(DECK, 2)
    np.testing.assert_array_equal(out[0, :2], [[1, 7, 2, 4, 5, 1], [0, 5, 3, 6, 4, 6]])


def test_U08_the_decks_four_small_channels():
    small = np.array([[[7, 5], [9, 5]], [[6, 4], [0, 4]], [[7, 8], [2, 0]], [[3, 8], [6, 9]]], float)
    np.testing.assert_array_equal(pixel_shuffle(small, 2)[0], [[7, 6, 5, 4], [7, 3, 8, 8], [9, 0, 5, 4], [2, 6, 0, 9]])


def test_U08_the_decks_first_half_step():
    wide = shuffle_width(DECK, 2)
    np.testing.assert_array_equal(wide[0], [[1, 7, 2, 4, 5, 1], [1, 2, 4, 5, 3, 5], [4, 9, 2, 3, 0, 6]])
    np.testing.assert_array_equal(wide[1], [[0, 5, 3, 6, 4, 6], [9, 2, 9, 4, 4, 9], [7, 5, 4, 3, 5, 1]])


shapes = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


@few
@given(shapes)
def test_U08_agrees_with_torch_and_is_undone(shape):
    n, c, h, w, r = shape
    x = numbers(0, n, c * r * r, h, w)
    out = pixel_shuffle(x, r)
    np.testing.assert_array_equal(out, functional.pixel_shuffle(torch.tensor(x), r).numpy())
    np.testing.assert_array_equal(pixel_unshuffle(out, r), x)
    np.testing.assert_array_equal(pixel_unshuffle(out, r), functional.pixel_unshuffle(torch.tensor(out), r).numpy())


@few
@given(shapes)
def test_U08_two_half_steps_are_the_whole(shape):
    n, c, h, w, r = shape
    x = numbers(0, n, c * r * r, h, w)
    np.testing.assert_array_equal(shuffle_height(shuffle_width(x, r), r), pixel_shuffle(x, r))


@few
@given(shapes)
def test_U07_is_torchs_view(shape):
    n, c, h, w, r = shape
    x = numbers(0, n, c * r * r, h, w)
    np.testing.assert_array_equal(reshape_upsample(x, r), torch.tensor(x).view(n, c, h * r, w * r).numpy())


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("operation", [pixel_shuffle, pixel_unshuffle, shuffle_width, shuffle_height, reshape_upsample])
def test_the_result_is_no_window_onto_the_input(operation, scale):
    x = np.ones((4, 2, 2))
    operation(x, scale)[:] = 0
    assert x.all()
