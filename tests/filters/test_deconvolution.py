"""Richardson-Lucy, the unsharp mask and enlarging, against other implementations and laws."""

import numpy as np
import pytest
from skimage import data
from skimage.filters import unsharp_mask
from skimage.restoration import richardson_lucy as skimages

from repix.arithmetic.blur import blur, disc_kernel
from repix.errors import WrongUse
from repix.filters import richardson_lucy, unsharp
from repix.filters._blur_spec import parse_blur
from tests.filters.test_beltrami import psnr


def test_T05_richardson_lucy_is_scikit_images_away_from_borders():
    clean = data.camera()[100:200, 150:260] / 255
    kernel = disc_kernel(2)
    blurred = blur(clean, kernel)
    expected = skimages(blurred, kernel, num_iter=5, clip=False)
    # scikit-image starts from gray, ours from the picture: compare what both have found after the same start
    started = skimages(blurred, kernel, num_iter=40, clip=False)
    ours = richardson_lucy(blurred, "disc 2", steps=40)
    inside = (slice(30, -30),) * 2
    assert psnr(ours[inside], started[inside]) > 40
    assert psnr(ours[inside], clean[inside]) > psnr(expected[inside], clean[inside])


@pytest.mark.parametrize("words", ["gaussian 1.6", "motion 9 30", "disc 3"])
def test_T05_richardson_lucy_sharpens_up_to_the_border(words):
    clean = data.camera()[100:300, 150:360] / 255
    blurred = blur(clean, parse_blur(words)) + np.random.default_rng(0).normal(0, 2.55 / 255, clean.shape)
    sharp = richardson_lucy(blurred, words)
    border = np.ones(clean.shape, bool)
    border[10:-10, 10:-10] = False
    assert psnr(sharp, clean) > psnr(blurred, clean) + 1
    assert psnr(sharp[border], clean[border]) > psnr(blurred[border], clean[border])


def test_richardson_lucy_makes_no_negative_light_and_keeps_the_sum():
    picture = np.random.default_rng(0).random((30, 32, 3)) ** 4
    sharp = richardson_lucy(picture, "gaussian 1", steps=20)
    assert sharp.min() >= 0
    assert sharp.mean() == pytest.approx(picture.mean(), rel=0.02)


@pytest.mark.parametrize(("sigma", "amount"), [(0.5, 1), (1.5, 2.5), (4, 0)])
def test_unsharp_is_scikit_images(sigma, amount):
    picture = np.random.default_rng(0).random((40, 44))
    expected = unsharp_mask(picture, sigma, amount, preserve_range=True)
    inside = (slice(20, -20),) * 2
    np.testing.assert_allclose(unsharp(picture, sigma, amount)[inside], expected[inside], atol=1e-4)


def test_unsharp_leaves_what_is_below_the_threshold():
    picture = np.array([[0.5, 0.5, 0.5, 0.52, 0.52, 0.52, 1.0, 1.0, 1.0]])
    sharpened = unsharp(picture, sigma=0.5, threshold=5)
    np.testing.assert_array_equal(sharpened[0, :5], picture[0, :5])
    assert sharpened[0, 6] > 1.04


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (richardson_lucy, {"steps": 0}),
        (richardson_lucy, {"blur": "gaussian 0"}),
        (unsharp, {"sigma": -1}),
        (unsharp, {"amount": float("nan")}),
        (unsharp, {"threshold": 256}),
    ],
)
def test_bad_values_are_refused(function, values):
    with pytest.raises(WrongUse):
        function(np.zeros((6, 6)), **values)
