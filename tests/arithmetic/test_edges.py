"""Canny's lines and pencil strokes, against scikit-image and OpenCV."""

import cv2
import numpy as np
import pytest
from scipy import ndimage
from skimage import data, feature

from repix.arithmetic.edges import SAME, canny, gradient, pencil
from repix.errors import RepixError

PHOTOS = {"camera": data.camera()[:256, 100:356], "coins": data.coins()[:200, :256], "page": data.page()}


def agreement(ours: np.ndarray, theirs: np.ndarray, reach: int) -> float:
    """F1 of two edge maps, where a line may lie up to `reach` pixels from the other's."""
    window = np.ones((2 * reach + 1,) * 2)
    found = [np.mean(ndimage.binary_dilation(b, window)[a]) for a, b in ((ours, theirs), (theirs, ours))]
    return float(2 * found[0] * found[1] / (found[0] + found[1]))


@pytest.mark.parametrize("photo", PHOTOS.values(), ids=PHOTOS)
@pytest.mark.parametrize("sigma", [1.0, 1.4, 3.0])
def test_canny_is_scikit_images(photo, sigma):
    # Their Sobel is not divided by 8, and their pictures go from 0 to 1.
    theirs = feature.canny(photo / 255, sigma, low_threshold=8 * 3 / 255, high_threshold=8 * 8 / 255, mode="nearest")
    ours = canny(photo / 255, sigma, low=3, high=8)
    assert theirs.sum() > 1000
    assert agreement(ours, theirs, reach=0) > 0.999


@pytest.mark.parametrize("photo", PHOTOS.values(), ids=PHOTOS)
def test_canny_agrees_with_opencv_within_a_pixel(photo):
    smooth = cv2.GaussianBlur(photo, (0, 0), 1.4, borderType=cv2.BORDER_REPLICATE)
    theirs = cv2.Canny(smooth, 8 * 3, 8 * 8, L2gradient=True) > 0
    assert agreement(canny(photo / 255, 1.4, low=3, high=8), theirs, reach=1) > 0.95


def test_the_agreement_can_fail():
    lines = np.zeros((20, 20), np.bool_)
    lines[5] = True
    assert agreement(lines, lines, reach=0) == 1
    assert agreement(lines, np.roll(lines, 1, axis=0) | np.eye(20, dtype=np.bool_), reach=0) < 0.5


def test_a_line_is_one_pixel_wide_and_lies_at_the_step():
    step = np.zeros((20, 21))
    step[:, 10:] = 1
    found = canny(step)
    assert set(np.flatnonzero(found.any(axis=0))) <= {9, 10}
    np.testing.assert_array_equal(found[1:-1].sum(axis=1), 1)


def test_of_two_equal_ridges_one_is_kept_whatever_the_rounding():
    step = np.zeros((20, 20))
    step[:, 10:] = 1
    trembling = step + np.random.default_rng(0).uniform(-1, 1, step.shape) * SAME / 1e5
    np.testing.assert_array_equal(canny(step), canny(trembling))


def test_weak_lines_stay_only_where_they_touch_strong_ones():
    ramp = np.linspace(0, 1, 60)[:, np.newaxis] * (np.arange(40) >= 20)  # a step that grows from nothing to full
    peak = max(np.abs(gradient(ramp, 1.4)[1]).max(axis=1))
    weak_and_strong = canny(ramp, low=0.3 * peak, high=0.6 * peak)
    strong_only = canny(ramp, low=0.6 * peak, high=0.6 * peak)
    none_strong = canny(ramp[:30], low=0.3 * peak, high=0.6 * peak)
    assert weak_and_strong.sum() > strong_only.sum() + 10
    assert not none_strong.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 3), (2, 50)])
def test_tiny_and_flat_pictures_have_no_edges(shape):
    assert not canny(np.full(shape, 0.7)).any()
    np.testing.assert_allclose(pencil(np.full(shape, 0.7)), 1, atol=1e-12)


def test_the_gradient_of_a_ramp_is_its_slope():
    ramp = np.add.outer(2 * np.arange(15.0), 5 * np.arange(15.0)) / 255
    down, right = gradient(ramp, 0.8)
    np.testing.assert_allclose(down[5:-5, 5:-5], 2, atol=1e-9)
    np.testing.assert_allclose(right[5:-5, 5:-5], 5, atol=1e-9)


def test_pencil_draws_the_difference_of_two_gaussians():
    photo = PHOTOS["camera"] / 255
    near, around = (ndimage.gaussian_filter(255 * photo, s, mode="nearest") for s in (1.4, 1.6 * 1.4))
    expected = 1 / (1 + (np.maximum(around - near, 0) / 8) ** 2)
    np.testing.assert_allclose(pencil(photo, 1.4, 8), expected, atol=1e-10)
    assert pencil(photo.astype(np.float32)).dtype == np.float32


def test_pencil_is_white_paper_with_dark_strokes_where_it_is_darker():
    line = np.ones((21, 21))
    line[10] = 0
    drawn = pencil(line)
    assert drawn[10, 10] < 0.2
    assert drawn[7, 10] == 1
    assert 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: canny(np.zeros((4, 4)), low=9, high=3), "low is 9 and high is 3"),
        (lambda: canny(np.zeros((4, 4)), low=float("nan")), "low is nan"),
        (lambda: canny(np.zeros((4, 4)), sigma=-1), "sigma is -1"),
        (lambda: canny(np.zeros((4, 4, 3))), r"lightness has shape \(4, 4, 3\)"),
        (lambda: canny(np.zeros((4, 4), np.uint8)), "lightness is uint8"),
        (lambda: canny(np.full((4, 4), np.nan)), "nan"),
        (lambda: pencil(np.zeros((4, 4)), contrast=0), "contrast is 0"),
        (lambda: pencil(np.zeros((4, 4)), contrast=float("inf")), "contrast is inf"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(call, sentence):
    with pytest.raises(RepixError, match=sentence):
        call()
