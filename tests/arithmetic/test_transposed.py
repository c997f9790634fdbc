import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal
from torch.nn import functional

from repix.arithmetic import conv2d, conv_transpose2d, resize, resize_convolution_kernel, transposed
from repix.errors import WrongUse

from .drawing import few, numbers, pairs, sides
from .test_convolution import BINARY, FEATURES, LAPLACIAN

DATA = np.array([[1.0, 2], [3, 4]])
SMALL = np.array([[0.1, -0.2], [0.3, -0.1]])
WIDE = np.array([[3.0, 0, -2], [1, 1, 1], [-3, 0, 2]])
both_views = pytest.mark.parametrize("view", ["scatter", "insert"])


@both_views
def test_U10_stride_one(view):
    expected = [[0.1, 0, -0.4], [0.6, 0.3, -1], [0.9, 0.9, -0.4]]
    np.testing.assert_allclose(conv_transpose2d(DATA, SMALL, view=view), expected, atol=1e-15)


@both_views
def test_U10_stride_two_lays_kernels_side_by_side(view):
    np.testing.assert_allclose(conv_transpose2d(DATA, SMALL, stride=2, view=view), np.kron(DATA, SMALL), atol=1e-15)


def test_U10_is_scipys_convolution_of_the_inserted_and_padded_picture():
    inserted = np.pad([[1.0, 0, 2], [0, 0, 0], [3, 0, 4]], 1)
    np.testing.assert_allclose(
        conv_transpose2d(DATA, SMALL, stride=2, view="insert"), signal.convolve2d(inserted, SMALL, "valid"), atol=1e-15
    )


FIVE = np.array([[3, 0, 4, 0, -4], [1, 1, 3, 2, 2], [6, 0, 2, 0, -4], [3, 3, 7, 4, 4], [-9, 0, -6, 0, 8]], float)


@both_views
def test_U11_the_decks_overlapping_kernels(view):
    np.testing.assert_array_equal(conv_transpose2d(DATA, WIDE, stride=2, view=view), FIVE)


@both_views
def test_U11_padding_cuts_and_output_padding_adds(view):
    cut = conv_transpose2d(DATA, WIDE, 0.1, stride=2, padding=1, view=view)
    np.testing.assert_allclose(cut, FIVE[1:4, 1:4] + 0.1, atol=1e-15)
    longer = conv_transpose2d(DATA, WIDE, 0.1, stride=2, padding=1, output_padding=1, view=view)
    np.testing.assert_allclose(longer, FIVE[1:, 1:] + 0.1, atol=1e-15)


@both_views
def test_U11_a_square_with_itself(view):
    square = np.array([[0.0, 1], [2, 3]])
    np.testing.assert_array_equal(conv_transpose2d(square, square, view=view), [[0, 0, 1], [0, 4, 6], [4, 12, 9]])


@st.composite
def arguments(draw):
    groups = draw(st.integers(1, 2))
    stride, dilation, kernel = draw(pairs), draw(pairs), draw(pairs)
    extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    return draw(sides), kernel, stride, padding, extra, dilation, groups, draw(st.integers(0, 99))


@few
@given(arguments())
def test_U13_both_views_agree_with_torch(drawn):
    size, kernel, stride, padding, extra, dilation, groups, seed = drawn
    x, bias = numbers(seed, 2, 2 * groups, *size), numbers(seed + 1, 3 * groups)
    k = numbers(seed + 2, 2 * groups, 3, *kernel)
    ours = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation, "groups": groups}
    full = [s * (n - 1) + d * (m - 1) + 1 for s, n, d, m in zip(stride, size, dilation, kernel, strict=True)]
    if any(f - 2 * p + e < 1 for f, p, e in zip(full, padding, extra, strict=True)):
        with pytest.raises(WrongUse, match="nothing is left"):
            conv_transpose2d(x, k, bias, **ours)
        return
    theirs = functional.conv_transpose2d(
        torch.tensor(x), torch.tensor(k), torch.tensor(bias), stride, padding, extra, groups, dilation
    ).numpy()
    for view in ("scatter", "insert"):
        np.testing.assert_allclose(conv_transpose2d(x, k, bias, view=view, **ours), theirs, atol=1e-11)


@few
@given(sides, pairs, pairs, pairs, st.integers(0, 99))
def test_U14_it_is_the_transpose_of_the_convolution(places, kernel, stride, dilation, seed):
    """<conv(x), y> = <x, conv_transpose(y)>, where the convolution reads x to its end."""
    k, y = numbers(seed, 3, 2, *kernel), numbers(seed + 1, 3, *places)
    size = [s * (n - 1) + d * (m - 1) + 1 for s, n, d, m in zip(stride, places, dilation, kernel, strict=True)]
    x = numbers(seed + 2, 2, *size)
    there = conv2d(x, k, stride=stride, dilation=dilation)
    back = conv_transpose2d(y, k, stride=stride, dilation=dilation)
    np.testing.assert_allclose(np.sum(there * y), np.sum(x * back), atol=1e-10)


def test_U14_a_transposed_convolution_is_no_inverse():
    back = conv_transpose2d(FEATURES, LAPLACIAN)
    truth = [[0, 3, -3, -1, 0], [3, -17, 17, -2, -1], [-2, 11, -18, 17, -3], [-3, 12, -5, -13, 3], [0, -3, 2, 3, 0]]
    assert back.shape == BINARY.shape
    np.testing.assert_array_equal(back, signal.convolve2d(FEATURES, LAPLACIAN))
    np.testing.assert_array_equal(back, truth)


@few
@given(sides, st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_U13_keras_same_gives_size_times_stride(places, side, stride, seed):
    """Keras defines it as the gradient of its own "same" convolution, so the adjoint law must hold."""
    k, y = numbers(seed, 2, 1, side, side), numbers(seed + 1, 2, *places)
    back = conv_transpose2d(y, k, stride=stride, padding="same")
    assert back.shape == (1, places[0] * stride, places[1] * stride)
    x = numbers(seed + 2, *back.shape)
    there = conv2d(x, k, stride=stride, padding="same")
    np.testing.assert_allclose(np.sum(there * y), np.sum(x * back), atol=1e-10)


@few
@given(sides, st.integers(1, 5), st.integers(1, 4), st.integers(0, 99))
def test_U13_keras_valid_never_gives_less_than_size_times_stride(places, side, stride, seed):
    k, y = numbers(seed, side, side), numbers(seed + 1, *places)
    out = conv_transpose2d(y, k, stride=stride, padding="valid")
    assert out.shape == tuple(n * stride + max(side - stride, 0) for n in places)
    plain = conv_transpose2d(y, k, stride=stride)
    np.testing.assert_allclose(out[: plain.shape[0], : plain.shape[1]], plain, atol=1e-12)
    assert np.sum(np.abs(out)) == pytest.approx(np.sum(np.abs(plain)))


@few
@given(sides, st.integers(1, 4), st.integers(0, 1), st.integers(0, 99))
def test_U15_nearest_then_convolution_is_one_transposed_convolution(size, scale, half, seed):
    side = 2 * half + 1
    x, k = numbers(seed, 2, *size), numbers(seed + 1, 3, 2, side, side)
    composed = resize_convolution_kernel(k, scale)
    two_steps = conv2d(resize(x, scale_factor=scale, mode="nearest"), k, padding=half)
    one_step = conv_transpose2d(x, composed, stride=scale, padding=(composed.shape[-1] - scale) // 2)
    np.testing.assert_allclose(one_step, two_steps, atol=1e-12)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_U15_bilinear_then_convolution_is_one_too_inside(scale):
    x, k = numbers(0, 8, 9), numbers(1, 3, 3)
    composed = resize_convolution_kernel(k, scale, "bilinear")
    two_steps = conv2d(resize(x, scale_factor=scale, mode="bilinear"), k, padding=1)
    one_step = conv_transpose2d(x, composed, stride=scale, padding=(composed.shape[0] - scale) // 2)
    inside = slice(scale + 1, -scale - 1)
    np.testing.assert_allclose(one_step[inside, inside], two_steps[inside, inside], atol=1e-12)


def test_U15_the_composed_kernel_draws_no_checkerboard_and_a_plain_one_does():
    flat, k = np.ones((12, 12)), numbers(0, 3, 3)
    composed = resize_convolution_kernel(k, 2)
    smooth = conv_transpose2d(flat, composed, stride=2)[6:-6, 6:-6]
    rough = conv_transpose2d(flat, k, stride=2)[6:-6, 6:-6]
    assert np.ptp(smooth) < 1e-12
    assert np.ptp(rough) > 0.1


def test_many_chunks_are_one_whole(monkeypatch):
    x, k = numbers(0, 2, 3, 10, 9), numbers(1, 3, 4, 4, 4)
    whole = conv_transpose2d(x, k, stride=2)
    monkeypatch.setattr(transposed, "CHUNK", 1)
    np.testing.assert_allclose(conv_transpose2d(x, k, stride=2), whole, atol=1e-13)


@both_views
def test_type_stays(view):
    out = conv_transpose2d(DATA.astype(np.float32), SMALL.astype(np.float32), 0.5, view=view)
    assert out.dtype == np.float32
