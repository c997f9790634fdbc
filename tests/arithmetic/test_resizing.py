import math

import cv2
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image
from torch.nn import functional

from repix.arithmetic import hypercolumns, resize, resize_picture, shrink_matlab
from repix.errors import WrongUse

from .drawing import few, numbers, photo, sides

QUAD = np.array([[1.0, 5], [4, 8]])
METHODS = ["nearest", "bilinear", "bicubic", "lanczos"]


def test_U03_nearest_makes_blocks():
    np.testing.assert_array_equal(resize(QUAD, scale_factor=2), np.kron(QUAD, np.ones((2, 2))))


def test_U04_bilinear_with_half_pixel_centers():
    expected = [[1, 2, 4, 5], [1.75, 2.75, 4.75, 5.75], [3.25, 4.25, 6.25, 7.25], [4, 5, 7, 8]]
    np.testing.assert_array_equal(resize(QUAD, scale_factor=2, mode="bilinear"), expected)


def test_U04_bilinear_with_corners_aligned():
    expected = np.linspace(10, 20, 4) + np.linspace(0, 20, 4)[:, np.newaxis]
    np.testing.assert_allclose(
        resize(np.array([[10.0, 20], [30, 40]]), 4, mode="bilinear", align_corners=True), expected, rtol=1e-15
    )
    assert expected[0, 1] - expected[0, 0] == pytest.approx(10 / 3)


sizes = st.tuples(st.integers(1, 14), st.integers(1, 14))


@few
@given(sides, sizes, st.sampled_from(["nearest", "bilinear", "bicubic"]), st.integers(0, 99))
def test_U06_agrees_with_torch(size, new_size, method, seed):
    x = numbers(seed, 1, 2, *size)
    mode = "nearest-exact" if method == "nearest" else method
    corners = None if method == "nearest" else False
    theirs = functional.interpolate(torch.tensor(x), new_size, mode=mode, align_corners=corners).numpy()
    a = -0.75 if method == "bicubic" else -0.5
    np.testing.assert_allclose(resize(x, new_size, mode=method, a=a), theirs, atol=1e-12)


@few
@given(sides, sizes, st.sampled_from(["bilinear", "bicubic"]), st.integers(0, 99))
def test_U04_U06_aligned_corners_agree_with_torch(size, new_size, method, seed):
    x = numbers(seed, 1, 2, *size)
    theirs = functional.interpolate(torch.tensor(x), new_size, mode=method, align_corners=True).numpy()
    a = -0.75 if method == "bicubic" else -0.5
    np.testing.assert_allclose(resize(x, new_size, mode=method, a=a, align_corners=True), theirs, atol=1e-11)


@pytest.mark.parametrize("method", ["bilinear", "bicubic"])
@pytest.mark.parametrize("new_size", [(20, 13), (11, 40), (7, 9)])
def test_U06_antialiasing_agrees_with_torch_inside(method, new_size):
    """At the border torch leaves pixels out where we repeat the last one."""
    x = numbers(0, 1, 1, 60, 61)
    theirs = functional.interpolate(torch.tensor(x), new_size, mode=method, antialias=True).numpy()[0, 0]
    ours = resize(x[0, 0], new_size, mode=method, antialias=True)
    np.testing.assert_allclose(ours[2:-2, 2:-2], theirs[2:-2, 2:-2], atol=1e-12)


def test_U06_lanczos_agrees_with_pillow_inside():
    x = photo(40, 44).astype(np.float32)
    theirs = np.asarray(Image.fromarray(x).resize((100, 70), Image.Resampling.LANCZOS))
    ours = resize(x, (70, 100), mode="lanczos")
    np.testing.assert_allclose(ours[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=1e-3)
    smaller = np.asarray(Image.fromarray(x).resize((14, 13), Image.Resampling.LANCZOS))
    ours = resize(x, (13, 14), mode="lanczos", antialias=True)
    np.testing.assert_allclose(ours[3:-3, 3:-3], smaller[3:-3, 3:-3], atol=1e-3)


def test_U06_bicubic_agrees_with_opencv_to_the_border():
    x = photo(30, 33, 3).astype(np.float32)
    theirs = cv2.resize(x, (66, 60), interpolation=cv2.INTER_CUBIC)
    np.testing.assert_allclose(resize_picture(x, (60, 66), method="bicubic", a=-0.75), theirs, atol=1e-3)


def shrunk_slowly(picture, scale):
    """MATLAB's antialiased bicubic from its definition: a loop over pixels and taps, one axis, rounded to 8 bits."""
    size = len(picture)
    out = np.zeros((math.ceil(size / scale), picture.shape[1]))
    for i in range(len(out)):
        center = (i + 0.5) * scale - 0.5
        total, weights = 0.0, 0.0
        for j in range(math.floor(center - 2 * scale), math.ceil(center + 2 * scale) + 1):
            d = abs(j - center) / scale
            near, far = 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
            weight = near if d <= 1 else far if d < 2 else 0.0
            total, weights = total + weight * picture[min(max(j, 0), size - 1)], weights + weight
        out[i] = np.clip(np.floor(np.round(total / weights, 9) + 0.5), 0, 255)
    return out


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(24, 36), (25, 31), (1, 7), (2, 3)])
def test_U06_matlabs_shrinking_from_its_definition(size, scale):
    picture = photo(*size, 3)
    ours = shrink_matlab(picture, scale)
    for channel in range(3):
        rows = shrunk_slowly(picture[:, :, channel].astype(float), scale)
        np.testing.assert_array_equal(ours[:, :, channel], shrunk_slowly(rows.T, scale).T)
    np.testing.assert_array_equal(shrink_matlab(picture[:, :, 1], scale), ours[:, :, 1])


NAMES = [f"{name}_x{scale}" for name in ("baby", "bird", "butterfly", "head", "woman") for scale in (2, 3, 4)]


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("name", NAMES)
def test_U06_matlabs_own_pictures_with_difference_0(shared, name):
    large, small = (opened(shared / "set5" / f"{name}_{kind}.png") for kind in ("HR", "LR"))
    np.testing.assert_array_equal(shrink_matlab(large, int(name[-1])), small)


@pytest.mark.parametrize(("scale", "published"), [(2, 33.66), (3, 30.39), (4, 28.42)])
def test_R01_the_published_bicubic_row(shared, scale, published):
    """Y is rounded, shrunk without rounding, enlarged, and rounded again."""
    decibels = []
    for path in sorted((shared / "set5").glob(f"*_x{scale}_HR.png")):
        y = np.rint(16 + opened(path) @ np.array([65.481, 128.553, 24.966]) / 255)
        small = resize(y, scale_factor=1 / scale, mode="bicubic", antialias=True)
        back = np.clip(np.rint(resize(small, y.shape, mode="bicubic")), 0, 255)
        inside = (slice(scale, -scale), slice(scale, -scale))
        decibels.append(10 * np.log10(255**2 / np.mean((back - y)[inside] ** 2)))
    assert len(decibels) == 5
    assert np.mean(decibels) == pytest.approx(published, abs=0.01)


@few
@given(sides, sizes, st.sampled_from(METHODS), st.booleans())
def test_a_flat_picture_stays_flat(size, new_size, method, antialias):
    out = resize(np.full(size, 0.3), new_size, mode=method, antialias=antialias and method != "nearest")
    np.testing.assert_allclose(out, np.full(new_size, 0.3), rtol=1e-14)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("corners", [False, True])
def test_the_same_size_is_the_same_picture(method, corners):
    x = numbers(0, 70, 9)
    np.testing.assert_array_equal(resize(x, x.shape, mode=method, align_corners=corners), x)


@few
@given(sides, sizes, st.sampled_from(METHODS), st.booleans())
def test_a_picture_as_it_lies_in_files_is_its_planes(size, new_size, method, antialias):
    x = numbers(0, 3, *size)
    antialias = antialias and method != "nearest"
    planes = resize(x, new_size, mode=method, antialias=antialias)
    lying = resize_picture(np.moveaxis(x, 0, 2), new_size, method=method, antialias=antialias)
    np.testing.assert_allclose(np.moveaxis(lying, 2, 0), planes, atol=1e-13)
    np.testing.assert_allclose(
        resize_picture(x[0], new_size, method=method, antialias=antialias), planes[0], atol=1e-13
    )


def test_a_scale_that_leaves_a_fraction_rounds_up_in_a_picture_and_keeps_its_spacing():
    line = np.arange(10.0)[np.newaxis]
    np.testing.assert_allclose(resize_picture(line, scale=(1, 1 / 3)), [[1, 4, 7, 9]])


eighths = st.integers(2, 24).map(lambda n: n / 8)


@few
@given(sides, st.tuples(eighths, eighths), st.sampled_from(METHODS[:3]), st.integers(0, 99))
def test_a_scale_factor_rounds_as_torch_does(size, factors, mode, seed):
    """Down, and the new pixels lie 1/factor of an old one apart."""
    x = numbers(seed, 1, 2, *size)
    if any(n * factor < 1 for n, factor in zip(size, factors, strict=True)):
        with pytest.raises(WrongUse, match="leaves none"):
            resize(x, scale_factor=factors, mode=mode)
        return
    kept = [factor != 1 and int(n * factor) == n for n, factor in zip(size, factors, strict=True)]
    assume(not any(kept))  # a line that keeps its size is copied by torch's bilinear, but not by its bicubic
    torchs = "nearest-exact" if mode == "nearest" else mode
    theirs = functional.interpolate(torch.tensor(x), scale_factor=factors, mode=torchs).numpy()
    a = -0.75 if mode == "bicubic" else -0.5
    np.testing.assert_allclose(resize(x, scale_factor=factors, mode=mode, a=a), theirs, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
def test_type_and_axes_stay(dtype, method):
    for lead in ((), (2,), (3, 2)):
        out = resize(np.ones((*lead, 4, 5), dtype), (3, 7), mode=method)
        assert out.dtype == dtype
        assert out.shape == (*lead, 3, 7)


def test_U17_hypercolumns_stack_every_depth():
    shallow, deep = numbers(0, 2, 8, 8), numbers(1, 3, 2, 2)
    stack = hypercolumns([shallow, deep], 8)
    np.testing.assert_array_equal(stack[:2], shallow)
    np.testing.assert_allclose(stack[2:], resize(deep, 8, mode="bilinear"))
    corner = hypercolumns([shallow, deep], 8, align_corners=True)[:, -1, -1]
    np.testing.assert_allclose(corner, [*shallow[:, -1, -1], *deep[:, -1, -1]])
