"""Blur kernels and blurring, against SciPy and against what a kernel must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from repix.arithmetic import blur as room
from repix.arithmetic.blur import blur, disc_kernel, gaussian_kernel, mean_kernel, motion_kernel
from repix.errors import RepixError

KERNELS = {
    "mean 5": mean_kernel(5),
    "mean 21": mean_kernel(21),
    "gaussian 0.1": gaussian_kernel(0.1),
    "gaussian 1.6": gaussian_kernel(1.6),
    "gaussian 6": gaussian_kernel(6),
    "motion 9": motion_kernel(9, 0),
    "motion 12.5 at 30": motion_kernel(12.5, 30),
    "motion 40 at 100": motion_kernel(40, 100),
    "disc 0.4": disc_kernel(0.4),
    "disc 2.3": disc_kernel(2.3),
    "disc 8": disc_kernel(8),
}
BORDERS = {"mirror": "mirror", "replicate": "nearest", "circular": "wrap"}
"""What SciPy calls each border."""


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
def test_a_kernel_is_odd_positive_normalized_and_centerd(kernel):
    assert all(side % 2 == 1 for side in kernel.shape)
    assert kernel.min() >= 0
    assert kernel.sum() == pytest.approx(1, abs=1e-14)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-15)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("border", BORDERS)
def test_blur_is_scipys_convolution(kernel, border):
    picture = np.random.default_rng(0).random((31, 26, 3))
    theirs = ndimage.convolve(picture, kernel[:, :, np.newaxis], mode=BORDERS[border])
    np.testing.assert_allclose(blur(picture, kernel, border), theirs, atol=1e-14)


@settings(max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    sides=st.tuples(st.sampled_from([1, 3, 5, 9]), st.sampled_from([1, 3, 7])),
    border=st.sampled_from(list(BORDERS)),
    seed=st.integers(0, 9),
)
def test_any_kernel_on_any_small_picture_is_scipys_convolution(shape, sides, border, seed):
    rng = np.random.default_rng(seed)
    picture, kernel = rng.random(shape), rng.standard_normal(sides)
    theirs = ndimage.convolve(picture, kernel, mode=BORDERS[border])
    np.testing.assert_allclose(blur(picture, kernel, border), theirs, atol=1e-12)


@pytest.mark.parametrize("most_taps", [0, 10**9])
def test_sums_and_spectra_agree(most_taps, monkeypatch):
    picture = np.random.default_rng(0).random((40, 33, 3))
    usual = {name: blur(picture, kernel) for name, kernel in KERNELS.items()}
    monkeypatch.setattr(room, "MOST_TAPS", most_taps)
    for name, kernel in KERNELS.items():
        np.testing.assert_allclose(blur(picture, kernel), usual[name], atol=1e-14)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("border", BORDERS)
def test_constant_in_constant_out(kernel, border):
    np.testing.assert_allclose(blur(np.full((7, 12, 1), 0.3), kernel, border), 0.3, atol=1e-14)


def test_a_point_becomes_the_kernel_not_its_mirror_image():
    point = np.zeros((5, 5))
    point[2, 2] = 1
    kernel = np.arange(9.0).reshape(3, 3)
    np.testing.assert_allclose(blur(point, kernel)[1:4, 1:4], kernel, atol=1e-14)


def test_float32_is_float64_rounded_once():
    picture = np.random.default_rng(0).random((20, 20, 3)).astype(np.float32)
    for kernel in KERNELS.values():
        result = blur(picture, kernel)
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, blur(picture.astype(np.float64), kernel).astype(np.float32))


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.6, 2.5, 7.0])
def test_gaussian_is_scipys(sigma):
    picture = np.random.default_rng(0).random((60, 70))
    theirs = ndimage.gaussian_filter(picture, sigma, mode="mirror")
    np.testing.assert_allclose(blur(picture, gaussian_kernel(sigma)), theirs, atol=1e-14)


def test_mean_is_scipys():
    picture = np.random.default_rng(0).random((30, 31))
    theirs = ndimage.uniform_filter(picture, 5, mode="nearest")
    np.testing.assert_allclose(blur(picture, mean_kernel(5), "replicate"), theirs, atol=1e-14)


@pytest.mark.parametrize("length", [1, 3, 9, 15])
def test_motion_along_an_axis_is_that_many_equal_pixels(length):
    np.testing.assert_allclose(motion_kernel(length, 0), np.full((1, length), 1 / length), atol=1e-15)
    np.testing.assert_allclose(motion_kernel(length, 90), np.full((length, 1), 1 / length), atol=1e-15)


@settings(max_examples=40)
@given(length=st.floats(5, 40), angle=st.floats(-180, 360))
def test_motion_lies_along_its_angle_and_is_as_long_as_it_says(length, angle):
    kernel = motion_kernel(length, angle)
    reach = [side // 2 for side in kernel.shape]
    y, x = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    spread = np.array([[(kernel * x * x).sum(), -(kernel * x * y).sum()], [0, (kernel * y * y).sum()]])
    spread[1, 0] = spread[0, 1]
    sizes, axes = np.linalg.eigh(spread)
    along = np.degrees(np.arctan2(axes[1, 1], axes[0, 1]))
    turned_by = np.radians((along - angle + 90) % 180 - 90)
    assert abs(length / 2 * np.sin(turned_by)) < 0.15  # pixels that the line's end is off
    assert np.sqrt(12 * sizes[1]) == pytest.approx(length, rel=0.08)


def test_motion_at_45_degrees_goes_up_to_the_right():
    kernel = motion_kernel(9, 45)
    assert kernel[0, -1] > 0.01
    assert kernel[0, 0] == 0


@pytest.mark.parametrize("radius", [0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 3.0, 7.2])
def test_a_disc_weighs_pixels_by_their_area_inside(radius):
    kernel = disc_kernel(radius)
    fine, half = 201, kernel.shape[0] // 2
    steps = (np.arange(fine * kernel.shape[0]) + 0.5) / fine - half - 0.5
    inside = np.hypot(steps[:, np.newaxis], steps) <= radius
    counted = inside.reshape(kernel.shape[0], fine, kernel.shape[0], fine).mean(axis=(1, 3))
    np.testing.assert_allclose(kernel, counted / counted.sum(), atol=2e-3 / max(1, radius))


@pytest.mark.parametrize(
    ("make", "values", "sentence"),
    [
        (mean_kernel, (4,), "size is 4; it must be odd"),
        (mean_kernel, (-1,), "size is -1; it must be odd"),
        (gaussian_kernel, (0.0,), "sigma is 0.0; it must be finite and above 0"),
        (gaussian_kernel, (float("nan"),), "sigma is nan"),
        (motion_kernel, (0.5, 0), "length is 0.5; it must be at least 1"),
        (motion_kernel, (float("nan"), 0), "length is nan"),
        (motion_kernel, (5, float("inf")), "must be finite"),
        (disc_kernel, (-1.0,), "radius is -1.0"),
        (disc_kernel, (float("inf"),), "radius is inf"),
        (blur, (np.zeros((3, 3)), np.ones((2, 3))), r"kernel has shape \(2, 3\); its height and width must be odd"),
        (blur, (np.zeros((3, 3)), np.zeros((3, 3))), "kernel is zero everywhere"),
        (blur, (np.zeros((3, 3)), np.full((1, 1), np.nan)), "kernel holds nan"),
        (blur, (np.zeros((3, 3)), np.ones((3, 3), int)), "kernel is int64"),
        (blur, (np.zeros((3, 3)), np.ones(3)), r"kernel has shape \(3,\)"),
        (blur, (np.zeros((0, 3)), np.ones((1, 1))), r"picture has shape \(0, 3\)"),
        (blur, (np.full((2, 2), np.nan), np.ones((1, 1))), "picture holds nan"),
        (blur, (np.zeros((2, 2)), np.ones((1, 1)), "wrap"), "border 'wrap' is not one of mirror, replicate, circular"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(make, values, sentence):
    with pytest.raises(RepixError, match=sentence):
        make(*values)
