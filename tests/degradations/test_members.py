"""Blurs, shrinking, JPEG, gray and edges, each against somebody else's."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage import data, filters

from repix.degradations import (
    defocus,
    develop,
    edges,
    gaussian_blur,
    gray,
    jpeg,
    mean_blur,
    motion_blur,
    motion_path,
    resize_chain,
    shrink,
)
from repix.degradations.motion_path import path_kernel
from repix.errors import WrongShape, WrongUse

PHOTO = data.astronaut()[:128, 100:260]
UNIT = PHOTO / 255


def test_the_blurs_are_scipys():
    sides = (5, 5, 1)
    np.testing.assert_allclose(mean_blur(UNIT, 5), ndimage.uniform_filter(UNIT, sides, mode="mirror"), atol=1e-12)
    theirs = ndimage.gaussian_filter(UNIT, (1.6, 1.6, 0), mode="wrap")
    np.testing.assert_allclose(gaussian_blur(UNIT, 1.6, "circular"), theirs, atol=1e-12)


def test_motion_blur_smears_along_its_line_only():
    point = np.zeros((21, 21))
    point[10, 10] = 1
    smeared = motion_blur(point, 9, 90)
    assert np.count_nonzero(smeared > 1e-9) == 9
    np.testing.assert_allclose(smeared[6:15, 10], 1 / 9)


def test_a_path_blurs_with_its_kernel():
    kernel = path_kernel(np.random.default_rng(5), 15, 120)
    theirs = np.stack([ndimage.convolve(UNIT[..., color], kernel, mode="mirror") for color in range(3)], axis=2)
    np.testing.assert_allclose(motion_path(UNIT, np.random.default_rng(5), 15, 120), theirs, atol=1e-12)


def moments(kernel: np.ndarray) -> np.ndarray:
    """Mean, then variance and covariance of y and x."""
    y, x = (axis - side // 2 for axis, side in zip(np.indices(kernel.shape), kernel.shape, strict=True))
    return np.array([(kernel * term).sum() for term in (y, x, y * y, x * x, x * y)])


@pytest.mark.parametrize("length", [1, 6.5, 40])
def test_a_path_without_bend_is_a_straight_line_of_its_length_around_the_middle(length):
    for seed in range(20):
        mean_y, mean_x, yy, xx, xy = moments(path_kernel(np.random.default_rng(seed), length, 0))
        assert abs(mean_y) < 1e-9
        assert abs(mean_x) < 1e-9
        across, along = np.linalg.eigvalsh([[yy, xy], [xy, xx]])
        assert along == pytest.approx(length**2 / 12, abs=0.3)  # the nearest pixels add up to a quarter
        assert 0 <= across + 1e-9 < 0.3


@pytest.mark.parametrize("bend", [60, 180, 500])
def test_a_path_is_as_wide_as_a_chain_with_random_bends(bend):
    """Kratky and Porod's mean radius of gyration, from how fast the direction is forgotten."""
    length, rng = 60.0, np.random.default_rng(1)
    rate = np.deg2rad(bend) ** 2 / (2 * length)
    expected = length / (3 * rate) - 1 / rate**2 + 2 / (rate**3 * length)
    expected -= 2 / (rate**4 * length**2) * (1 - np.exp(-rate * length))
    widths = [moments(path_kernel(rng, length, bend))[2:4].sum() for _ in range(400)]
    assert np.mean(widths) == pytest.approx(expected + 1 / 3, rel=0.08)


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "lanczos"])
def test_resizing_there_and_back_is_pillows(method):
    gray_unit = UNIT[..., 1].astype(np.float32)
    filter_ = Image.Resampling[method.upper()]
    small = Image.fromarray(gray_unit).resize((60, 48), filter_)
    theirs = np.asarray(small.resize((160, 128), filter_))
    ours = resize_chain(gray_unit, 0.375, method, method)
    np.testing.assert_allclose(ours[20:-20, 20:-20], theirs[20:-20, 20:-20], atol=2e-6)


def test_developing_is_a_curve_then_scikit_images_sharpening():
    gray_unit = UNIT[..., 1]
    theirs = filters.unsharp_mask(gray_unit, radius=1.5, amount=0.7)
    np.testing.assert_allclose(develop(gray_unit, 0, 0.7, 1.5)[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=1e-9)
    assert develop(np.array([[0.0, 0.25, 0.5, 0.75, 1.0]]), 1, 0).tolist() == [[0, 0.15625, 0.5, 0.84375, 1]]
    difference = develop(UNIT, 0, 0.5) - UNIT
    inside = (develop(UNIT, 0, 0.5) > 0).all(axis=2) & (develop(UNIT, 0, 0.5) < 1).all(axis=2)
    np.testing.assert_allclose(difference[inside].min(axis=1), difference[inside].max(axis=1), atol=1e-12)


def test_defocus_turns_a_point_into_a_disc_of_its_radius():
    point = np.zeros((31, 31))
    point[15, 15] = 1
    disc = defocus(point, 6.5)
    y, x = np.mgrid[-15:16, -15:16]
    assert (disc * (x**2 + y**2)).sum() == pytest.approx(6.5**2 / 2 + 1 / 6, rel=0.005)  # a disc's, and a pixel's


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_U06_shrinking_levels_of_8_bits_equals_matlab_on_set5(shared, scale, dtype):
    pairs = sorted((shared / "set5").glob(f"*_x{scale}_HR.png"))
    assert len(pairs) == 5
    for high in pairs:
        low = np.asarray(Image.open(str(high).replace("_HR", "_LR")).convert("RGB"))
        shrunk = shrink(np.asarray(Image.open(high).convert("RGB")).astype(dtype) / dtype(255), scale, eight_bit=True)
        assert shrunk.dtype == dtype
        np.testing.assert_array_equal(np.rint(shrunk * 255), low)


def test_shrinking_floats_is_the_same_but_for_its_rounding():
    levels = np.random.default_rng(0).integers(40, 215, (24, 36, 3)) / 255
    rounded, exact = shrink(levels, 3, eight_bit=True), shrink(levels, 3)
    assert np.abs(255 * (rounded - exact)).max() < 1.2
    assert (np.abs(255 * exact - np.rint(255 * exact)) > 0.1).any()


def test_shrinking_by_four_is_pillows_bicubic_of_floats():
    plane = UNIT[:, :, 0].astype(np.float32)
    theirs = np.asarray(Image.fromarray(plane).resize((40, 32), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(shrink(plane, 4)[2:-2, 2:-2], theirs[2:-2, 2:-2], atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "scale", "expected"), [((5, 7), 2, (3, 4)), ((9, 10), 3, (3, 4)), ((3, 3), 8, (1, 1))]
)
def test_a_size_that_is_no_multiple_is_rounded_up(shape, scale, expected):
    assert shrink(np.zeros(shape), scale).shape == expected
    assert shrink(np.zeros(shape), scale, eight_bit=True).shape == expected


def test_shrinking_by_one_changes_nothing():
    np.testing.assert_allclose(shrink(UNIT, 1), UNIT, atol=1e-15)


@pytest.mark.parametrize(
    ("subsampling", "code"),
    [
        ("4:2:0", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
        ("4:2:2", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422),
        ("4:4:4", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    ],
)
@pytest.mark.parametrize("quality", [5, 30, 75, 95])
def test_jpeg_is_opencvs_but_for_a_few_levels(quality, subsampling, code):
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, code]
    encoded = cv2.imencode(".jpg", PHOTO[:, :, ::-1], options)[1]
    theirs = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[:, :, ::-1].astype(float)
    difference = np.abs(255 * jpeg(UNIT, quality, subsampling) - theirs)
    assert difference.mean() < 0.3
    assert difference.max() <= 12


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:2:2", "4:4:4"])
@pytest.mark.parametrize(("x", "y"), [(0, 0), (3, 0), (8, 5), (15, 14)])
def test_jpeg_with_an_offset_is_a_crop_of_a_larger_jpeg(x, y, subsampling):
    whole = jpeg(UNIT, 30, subsampling)[y:, x:]
    cropped = jpeg(UNIT[y:, x:], 30, subsampling, offset_x=x, offset_y=y)
    np.testing.assert_array_equal(cropped[32:, 32:], whole[32:, 32:])


def test_jpeg_of_gray_is_pillows():
    buffer = io.BytesIO()
    Image.fromarray(PHOTO[:, :, 0]).save(buffer, "JPEG", quality=30)
    difference = np.abs(255 * jpeg(UNIT[:, :, 0], 30) - np.asarray(Image.open(buffer), dtype=float))
    assert difference.max() <= 1


def test_jpeg_loses_more_at_lower_quality_and_repeats():
    losses = [np.abs(jpeg(UNIT, quality) - UNIT).mean() for quality in (90, 50, 10, 1)]
    assert losses == sorted(losses)
    np.testing.assert_array_equal(jpeg(UNIT, 10), jpeg(UNIT, 10))


def test_jpeg_has_one_or_three_channels():
    with pytest.raises(WrongShape, match=r"The pixels have shape \(8, 8, 2\); JPEG needs"):
        jpeg(np.zeros((8, 8, 2)))


def test_gray_is_opencvs_and_has_one_channel():
    result = gray(UNIT)
    assert result.shape == (128, 160, 1)
    theirs = cv2.cvtColor(PHOTO, cv2.COLOR_RGB2GRAY)
    np.testing.assert_allclose(255 * result[:, :, 0], theirs, atol=0.51)


def test_canny_draws_white_on_black_and_pencil_dark_on_white():
    canny, pencil = edges(UNIT), edges(UNIT, "pencil")
    assert canny.shape == pencil.shape == (128, 160, 1)
    assert set(np.unique(canny)) == {0.0, 1.0}
    assert canny.mean() < 0.3
    assert pencil.mean() > 0.7
    assert pencil[canny == 1].mean() < pencil.mean()


def test_more_contrast_asked_for_is_fewer_edges():
    drawn = [edges(UNIT, contrast=contrast).sum() for contrast in (2, 8, 20)]
    assert drawn == sorted(drawn, reverse=True)
    assert drawn[0] > drawn[2] > 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: mean_blur(UNIT, 4), "size is 4; it must be odd, from 1 to 999."),
        (lambda: gaussian_blur(UNIT, 0), "sigma is 0; it must be more than 0 and at most 200."),
        (lambda: motion_blur(UNIT, 0.5), "length is 0.5; it must be from 1 to 999."),
        (lambda: motion_blur(UNIT, 5, float("nan")), "angle is nan; it must be a finite number."),
        (lambda: defocus(UNIT, -2), "radius is -2; it must be more than 0 and at most 500."),
        (lambda: mean_blur(UNIT, 3, "wrap"), "border is 'wrap'; choose from mirror, replicate, circular."),
        (lambda: shrink(UNIT, 0), "scale is 0; it must be from 1 to 1000."),
        (lambda: shrink(UNIT, 1.5), "scale is 1.5; it must be a whole number."),
        (lambda: jpeg(UNIT, 101), "quality is 101; it must be from 1 to 100."),
        (lambda: jpeg(UNIT, 50, "4:1:1"), "subsampling is '4:1:1'; choose from 4:2:0, 4:2:2, 4:4:4."),
        (lambda: edges(UNIT, "crayon"), "style is 'crayon'; choose from canny, pencil."),
        (lambda: edges(UNIT, contrast=0), "contrast is 0; it must be from 0.01 to 255."),
    ],
)
def test_wrong_values_are_one_sentence(call, sentence):
    with pytest.raises(WrongUse) as caught:
        call()
    assert str(caught.value) == sentence


def test_a_window_larger_than_the_picture_is_fine():
    for border in ("mirror", "replicate", "circular"):
        assert mean_blur(UNIT[:3, :4], 31, border).shape == (3, 4, 3)
