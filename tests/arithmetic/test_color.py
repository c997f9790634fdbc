"""Luma and YCbCr, compared with scikit-image, OpenCV and Pillow."""

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import color

from repix.arithmetic.color import luma, rgb_to_ycbcr, ycbcr_to_rgb
from repix.errors import WrongDtype, WrongShape, WrongUse


@pytest.fixture
def colors() -> np.ndarray:
    return np.random.default_rng(1).random((9, 7, 3))


def test_full_luma_is_opencvs(colors):
    ours = luma(colors)
    assert ours.shape == (9, 7, 1)
    np.testing.assert_allclose(ours[:, :, 0], cv2.cvtColor(colors.astype(np.float32), cv2.COLOR_RGB2GRAY), atol=1e-6)


def test_studio_is_scikit_images_to_the_three_decimals_of_its_table(colors):
    np.testing.assert_allclose(255 * rgb_to_ycbcr(colors, "studio"), color.rgb2ycbcr(colors), atol=2e-3)
    np.testing.assert_allclose(255 * luma(colors, "studio")[:, :, 0], color.rgb2ycbcr(colors)[:, :, 0], atol=1e-10)


def test_full_ycbcr_is_jpegs(colors):
    levels = np.rint(255 * colors).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(levels).convert("YCbCr"), dtype=float)
    np.testing.assert_allclose(255 * rgb_to_ycbcr(levels / 255), theirs, atol=1.01)


@pytest.mark.parametrize("span", ["full", "studio"])
def test_there_and_back(colors, span):
    np.testing.assert_allclose(ycbcr_to_rgb(rgb_to_ycbcr(colors, span), span), colors, atol=1e-12)


@pytest.mark.parametrize("span", ["full", "studio"])
def test_float32_is_float64_rounded_once(colors, span):
    single = colors.astype(np.float32)
    for function in (luma, rgb_to_ycbcr, ycbcr_to_rgb):
        result = function(single, span)
        assert result.dtype == np.float32
        np.testing.assert_array_equal(result, function(single.astype(np.float64), span).astype(np.float32))


def test_luma_of_a_color_channel_alone_is_its_weight():
    assert [round(float(luma(np.eye(3)[np.newaxis])[0, i, 0]), 6) for i in range(3)] == [0.299, 0.587, 0.114]


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1)])
def test_gray_stays_gray(shape):
    gray = np.random.default_rng(2).random(shape)
    np.testing.assert_array_equal(luma(gray), gray)
    np.testing.assert_allclose(255 * luma(gray, "studio"), 16 + 219 * gray, atol=1e-10)


def test_what_is_no_picture_is_refused():
    with pytest.raises(WrongDtype, match="uint8"):
        luma(np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(WrongShape, match=r"\(2, 2, 4\)"):
        luma(np.zeros((2, 2, 4)))
    with pytest.raises(WrongShape, match=r"\(2, 2\)"):
        rgb_to_ycbcr(np.zeros((2, 2)))
    with pytest.raises(WrongUse, match="span 'tv' is not one of full, studio"):
        luma(np.zeros((2, 2)), "tv")
