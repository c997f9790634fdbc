import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torch.nn import functional

from repix.arithmetic import conv2d, conv_transpose2d, resize, sliding_window
from repix.errors import WrongUse

from .drawing import few, numbers, pairs, sides

BINARY = np.array([[0, 1, 0, 1, 1], [0, 0, 1, 1, 0], [1, 1, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 1, 1, 0]], float)
LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], float)
FEATURES = np.array([[3, -3, -1], [-2, 3, -3], [-3, 2, 3]], float)


def test_U01_the_decks_laplacian():
    np.testing.assert_array_equal(conv2d(BINARY, LAPLACIAN), FEATURES)


def test_U01_same_keeps_the_size_and_the_middle():
    same = conv2d(BINARY, LAPLACIAN, padding="same")
    assert same.shape == BINARY.shape
    np.testing.assert_array_equal(same[1:-1, 1:-1], FEATURES)


def test_U01_stride_two_takes_every_second():
    np.testing.assert_array_equal(conv2d(BINARY, LAPLACIAN, stride=2), FEATURES[::2, ::2])


@few
@given(sides, pairs, st.integers(0, 99))
def test_U13_valid_is_scipys_correlation(size, kernel, seed):
    x, k = numbers(seed, size[0] + 3, size[1] + 3), numbers(seed + 1, *kernel)
    np.testing.assert_allclose(conv2d(x, k, padding="valid"), signal.correlate2d(x, k, mode="valid"), atol=1e-12)


@few
@given(
    sides, pairs, pairs, st.tuples(st.integers(0, 3), st.integers(0, 3)), pairs, st.integers(1, 2), st.integers(0, 99)
)
def test_U13_agrees_with_torch(size, kernel, stride, padding, dilation, groups, seed):
    x, bias = numbers(seed, 2, 2 * groups, *size), numbers(seed + 1, 3 * groups)
    k = numbers(seed + 2, 3 * groups, 2, *kernel)
    reaches = [d * (n - 1) + 1 for d, n in zip(dilation, kernel, strict=True)]
    ours = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    if any(s + 2 * p < r for s, p, r in zip(size, padding, reaches, strict=True)):
        with pytest.raises(WrongUse, match="use a smaller kernel"):
            conv2d(x, k, bias, **ours)
        return
    theirs = functional.conv2d(
        torch.tensor(x), torch.tensor(k), torch.tensor(bias), stride, padding, dilation, groups
    ).numpy()
    np.testing.assert_allclose(conv2d(x, k, bias, **ours), theirs, atol=1e-11)


@few
@given(sides, pairs, pairs, st.integers(0, 99))
def test_U13_same_follows_keras(size, kernel, stride, seed):
    x, k = numbers(seed, *size), numbers(seed + 1, *kernel)
    out = conv2d(x, k, stride=stride, padding="same")
    assert out.shape == tuple(-(-n // s) for n, s in zip(size, stride, strict=True))
    total = [max((o - 1) * s + n - d, 0) for o, s, n, d in zip(out.shape, stride, kernel, size, strict=True)]
    padded = np.pad(x, [(t // 2, t - t // 2) for t in total])
    np.testing.assert_allclose(out, signal.correlate2d(padded, k, "valid")[:: stride[0], :: stride[1]], atol=1e-12)


def test_U13_same_without_stride_is_torchs_same():
    x, k = numbers(0, 1, 1, 6, 7), numbers(1, 1, 1, 3, 5)
    theirs = functional.conv2d(torch.tensor(x), torch.tensor(k), padding="same").numpy()
    np.testing.assert_allclose(conv2d(x, k, padding="same"), theirs, atol=1e-12)


def test_many_chunks_are_one_whole(monkeypatch):
    x, k = numbers(0, 2, 3, 20, 9), numbers(1, 4, 3, 3, 3)
    whole = conv2d(x, k)
    monkeypatch.setattr(sliding_window, "CHUNK", 1)
    np.testing.assert_allclose(conv2d(x, k), whole, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lead", [(), (2,), (3, 2)])
def test_type_and_axes_stay(dtype, lead):
    x = np.ones((*lead, 4, 5), dtype)
    k = np.ones((3, 3) if not lead else (6, 2, 3, 3), dtype)
    out = conv2d(x, k, 0.5)
    assert out.dtype == dtype
    assert out.shape == (*lead[:-1], *([6] if lead else []), 2, 3)


def test_the_input_stays_as_it_was():
    x = numbers(0, 5, 5)
    before = x.copy()
    conv2d(x, np.ones((1, 1)), 3.0)
    np.testing.assert_array_equal(x, before)


def test_U16_channels_are_mixed_after_bilinear_upsampling():
    photo, first = numbers(0, 1, 224, 224), numbers(1, 64, 1, 3, 3)
    mix = numbers(2, 1, 64, 1, 1)
    wide = resize(conv2d(photo, first, padding="same"), scale_factor=2, mode="bilinear", align_corners=True)
    out = conv2d(wide, mix)
    assert out.shape == (1, 448, 448)
    np.testing.assert_allclose(out[0, 100, 7], mix[0, :, 0, 0] @ wide[:, 100, 7], rtol=1e-12)


def test_U16_bilinear_and_mixing_draw_no_checkerboard():
    flat = np.ones((4, 8, 8))
    out = conv2d(resize(flat, scale_factor=2, mode="bilinear", align_corners=True), numbers(0, 1, 4, 1, 1))
    assert np.ptp(out) < 1e-12


def test_U19_dilation_spreads_the_kernel_and_the_transpose_spreads_the_input():
    k = np.array([[1.0, 2.0], [3.0, 4.0]])
    spread_kernel = np.array([[1.0, 0, 2], [0, 0, 0], [3, 0, 4]])
    x = numbers(0, 6, 6)
    np.testing.assert_allclose(conv2d(x, k, dilation=2), signal.correlate2d(x, spread_kernel, "valid"), atol=1e-12)
    spread_input = np.zeros((11, 11))
    spread_input[::2, ::2] = x
    np.testing.assert_allclose(conv_transpose2d(x, k, stride=2), signal.convolve2d(spread_input, k), atol=1e-12)
    assert conv2d(x, k, dilation=2).shape == (4, 4)
    assert conv_transpose2d(x, k, stride=2).shape == (12, 12)


@pytest.mark.parametrize("bias", [2, 2.0, np.float32(2), np.float64(2), np.int64(2)])
def test_a_single_number_of_any_type_is_the_bias_of_all_filters(bias):
    picture, kernel = np.ones((1, 2, 2), np.float32), np.ones((3, 1, 2, 2), np.float32)
    out = conv2d(picture, kernel, bias)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, np.full((3, 1, 1), 6))
