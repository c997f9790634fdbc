"""Beltrami flow keeps the laws of its surface: D04."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data

from repix.errors import WrongUse
from repix.filters import beltrami
from repix.filters.beltrami import STEP, _laplace_beltrami


def psnr(a, b):
    return -10 * np.log10(np.mean((a - b) ** 2))


def variation(picture):
    return np.abs(np.diff(picture, axis=0)).sum() + np.abs(np.diff(picture, axis=1)).sum()


def test_D04_without_edges_it_is_the_heat_equation():
    picture = np.random.default_rng(0).random((60, 50, 3))
    blurred = ndimage.gaussian_filter(picture, np.sqrt(2 * 6), axes=(0, 1), mode="reflect", truncate=6)
    np.testing.assert_allclose(beltrami(picture, sigma=25, beta=0, time=6), blurred, atol=2e-3)


def test_without_edges_nothing_flows_across_the_border():
    picture = np.random.default_rng(0).random((9, 7))
    assert beltrami(picture, sigma=25, beta=0, time=3).mean() == pytest.approx(picture.mean(), abs=1e-12)
    np.testing.assert_allclose(beltrami(picture, sigma=25, beta=0, time=500), picture.mean(), atol=1e-6)


@settings(max_examples=25)
@given(seed=st.integers(0, 999), beta=st.floats(0, 10), height=st.integers(1, 9), width=st.integers(1, 9))
def test_gray_stays_within_without_clipping(seed, beta, height, width):
    """A step by hand, because the filter's result is clipped."""
    picture = np.random.default_rng(seed).integers(0, 2, (height, width, 1)).astype(float)
    flowing = picture + STEP * _laplace_beltrami(picture, beta * 255 / 25)
    assert flowing.min() >= -1e-12
    assert flowing.max() <= 1 + 1e-12


@pytest.mark.parametrize("channels", [(), (3,)])
def test_noise_varies_less_the_longer_it_flows(channels):
    picture = np.random.default_rng(0).normal(0.5, 0.1, (40, 44, *channels))
    variations = [variation(beltrami(picture, sigma=25, time=time)) for time in (0, 0.2, 1, 3, 10, 40)]
    assert variations == sorted(variations, reverse=True)
    assert variations[-1] < variations[0] / 4


@pytest.mark.parametrize("beta", [0.5, 2, 8])
def test_three_equal_channels_flow_as_the_gray_picture(beta):
    gray = np.random.default_rng(1).random((12, 15))
    colored = beltrami(np.stack([gray] * 3, axis=2), sigma=25, beta=beta)
    np.testing.assert_allclose(colored, np.stack([beltrami(gray, sigma=25, beta=beta)] * 3, axis=2), atol=1e-12)


def test_turning_and_mirroring_the_picture_turns_and_mirrors_the_result():
    picture = np.random.default_rng(2).random((11, 14, 3))
    flowing = beltrami(picture, sigma=25)
    np.testing.assert_allclose(beltrami(picture.swapaxes(0, 1), sigma=25), flowing.swapaxes(0, 1), atol=1e-12)
    np.testing.assert_allclose(beltrami(picture[::-1, ::-1], sigma=25), flowing[::-1, ::-1], atol=1e-12)


def test_an_edge_in_one_color_holds_the_others():
    """Beside a strong edge in red, a weak one in green hardly flows; alone it does."""
    alone = np.zeros((8, 16, 3))
    alone[:, 8:, 1] = 0.05
    held = alone.copy()
    held[:, 8:, 0] = 1
    steps = [np.ptp(beltrami(picture, sigma=10)[4, 7:9, 1]) for picture in (alone, held)]
    assert steps[0] < 0.025
    assert steps[1] > 0.045


@pytest.mark.parametrize(("color", "gain"), [(False, 7.5), (True, 8.5)])
def test_D04_noise_goes_down_on_the_astronaut(color, gain):
    clean = data.astronaut()[:256, 100:356] / 255
    clean = clean if color else clean.mean(axis=2)
    noisy = clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape)
    assert psnr(beltrami(noisy, sigma=25), clean) - psnr(noisy, clean) > gain
    assert psnr(beltrami(noisy), clean) == pytest.approx(psnr(beltrami(noisy, sigma=25), clean), abs=0.4)


@pytest.mark.parametrize(("name", "value"), [("beta", -1), ("beta", float("nan")), ("time", -1), ("sigma", -1)])
def test_bad_values_are_refused(name, value):
    with pytest.raises(WrongUse, match=f"{name} is {value}"):
        beltrami(np.zeros((4, 4)), **{"sigma": 10, name: value})
