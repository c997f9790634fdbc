"""The Wiener filters, for blur unknown and known: D02."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from skimage import data

from repix.arithmetic.blur import blur, gaussian_kernel
from repix.errors import WrongUse
from repix.filters import wiener, wiener_deblur
from repix.filters._blur_spec import parse_blur
from tests.filters.test_beltrami import psnr


@settings(max_examples=25)
@given(seed=st.integers(0, 999), size=st.sampled_from([1, 3, 5, 7]), sigma=st.floats(1, 100))
def test_D02_wiener_is_scipys_inside(seed, size, sigma):
    """At its borders SciPy sees black, ours a mirror."""
    picture = np.random.default_rng(seed).random((16, 18))
    inside = (slice(size // 2, -(size // 2) or None),) * 2
    expected = signal.wiener(picture, size, (sigma / 255) ** 2) if size > 1 else picture
    np.testing.assert_allclose(wiener(picture, sigma, size)[inside], expected[inside], atol=1e-9)


@pytest.mark.parametrize("words", ["gaussian 1", "gaussian 3", "motion 9 0", "motion 15 30", "disc 3", "mean 5"])
def test_T05_a_known_blur_is_taken_back(words):
    window = (slice(100, 300), slice(150, 360))
    whole = data.camera() / 255
    clean = whole[window]
    blurred = blur(whole, parse_blur(words))[window] + np.random.default_rng(0).normal(0, 2.55 / 255, clean.shape)
    sharp = wiener_deblur(blurred, words, sigma=2.55)
    assert psnr(sharp, clean) > psnr(blurred, clean) + 1
    border = np.ones(clean.shape, bool)
    border[10:-10, 10:-10] = False
    assert psnr(sharp[border], clean[border]) > psnr(blurred[border], clean[border]) - 0.1  # no ringing


def test_T05_what_a_mild_blur_left_comes_back():
    """Without noise to speak of nothing is lost in the blur."""
    clean = np.random.default_rng(0).random((20, 24, 3))
    mild = gaussian_kernel(0.5)
    wide = np.pad(clean, ((20, 20), (24, 24), (0, 0)), mode="symmetric")
    blurred = blur(wide, mild)[20:-20, 24:-24]
    found = wiener_deblur(blurred, "gaussian 0.5", sigma=0)
    np.testing.assert_allclose(found[3:-3, 3:-3], clean[3:-3, 3:-3], atol=0.02)
    np.testing.assert_allclose(found, clean, atol=0.1)


def test_more_noise_means_less_sharpening():
    blurred = blur(data.camera()[::4, ::4] / 255, gaussian_kernel(1))
    strength = [np.abs(wiener_deblur(blurred, "gaussian 1", sigma=s) - blurred).mean() for s in (0, 1, 5, 25)]
    assert strength == sorted(strength, reverse=True)


def test_constants_stay_whatever_the_blur():
    flat = np.full((9, 5, 3), 0.3, np.float32)
    for words in ("gaussian 4", "motion 30 45", "disc 9", "mean 25"):
        np.testing.assert_allclose(wiener_deblur(flat, words), flat, atol=1e-6)


@pytest.mark.parametrize(
    "words", ["", "gauss 1", "gaussian", "gaussian one", "motion 3", "mean 4", "mean 4.5", "disc -1"]
)
def test_a_blur_that_is_none_is_refused(words):
    with pytest.raises(WrongUse):
        wiener_deblur(np.zeros((4, 4)), words)
