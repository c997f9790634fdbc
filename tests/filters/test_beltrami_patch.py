"""Beltrami flow in patch space: D04."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import data
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

from repix.errors import WrongUse
from repix.filters import beltrami_patch
from tests.filters.test_beltrami import psnr


def test_D04_one_step_against_the_definition():
    """Pixel by pixel, patch by patch, as the docstring says, twice."""
    picture = np.random.default_rng(0).random((13, 14, 3))
    noise, beta, time, reach = 30 / 255, 1.5, 0.5, 2
    expected = picture
    for left in (1.0, 0.2):
        expected = by_definition(expected, left * noise, beta, time, reach)
    inside = (slice(8, -8), slice(8, -8))
    big = np.random.default_rng(0).random((30, 31, 3))
    expected = big
    for left in (1.0, 0.2):
        expected = by_definition(expected, left * noise, beta, time, reach)
    np.testing.assert_allclose(beltrami_patch(big, 30, beta, 3, time)[inside], expected[inside], atol=1e-10)


def by_definition(picture, noise, beta, time, reach):
    result = picture.copy()
    for y in range(reach + 1, picture.shape[0] - reach - 1):
        for x in range(reach + 1, picture.shape[1] - reach - 1):
            total, weights = 0.0, 0.0
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    if dy * dy + dx * dx > reach * (reach + 1):
                        continue
                    here = picture[y - 1 : y + 2, x - 1 : x + 2]
                    there = picture[y + dy - 1 : y + dy + 2, x + dx - 1 : x + dx + 2]
                    unlike = max(np.mean((here - there) ** 2) - 2 * noise**2, 0)
                    weight = np.exp(-(dy * dy + dx * dx + (beta / noise) ** 2 * unlike) / (4 * time))
                    total, weights = total + weight * picture[y + dy, x + dx], weights + weight
            result[y, x] = total / weights
    return result


def test_without_edges_it_is_nearly_the_heat_equation():
    """Two steps of a Gaussian that ends at three times the root of the time."""
    picture = np.random.default_rng(0).random((60, 50, 3))
    blurred = ndimage.gaussian_filter(picture, np.sqrt(2 * 2 * 2), axes=(0, 1), mode="reflect")
    np.testing.assert_allclose(beltrami_patch(picture, sigma=25, beta=0), blurred, atol=0.03)


def test_turning_mirroring_and_range():
    picture = np.random.default_rng(2).random((11, 14, 3))
    flowing = beltrami_patch(picture, sigma=25)
    np.testing.assert_allclose(beltrami_patch(picture.swapaxes(0, 1), sigma=25), flowing.swapaxes(0, 1), atol=1e-12)
    np.testing.assert_allclose(beltrami_patch(picture[::-1, ::-1], sigma=25), flowing[::-1, ::-1], atol=1e-12)
    assert picture.min() <= flowing.min() <= flowing.max() <= picture.max()


def test_three_equal_channels_flow_as_the_gray_picture():
    gray = np.random.default_rng(1).random((12, 15))
    colored = beltrami_patch(np.stack([gray] * 3, axis=2), sigma=25)
    np.testing.assert_allclose(colored, np.stack([beltrami_patch(gray, sigma=25)] * 3, axis=2), atol=1e-12)


def test_D04_it_keeps_up_with_non_local_means_and_beats_total_variation():
    clean = data.camera()[100:300, 150:350] / 255
    noise = 25 / 255
    noisy = clean + np.random.default_rng(0).normal(0, noise, clean.shape)
    ours = psnr(beltrami_patch(noisy, sigma=25), clean)
    assert ours > psnr(denoise_nl_means(noisy, 5, 8, h=0.6 * noise, sigma=noise), clean) - 0.1
    assert ours > psnr(denoise_tv_chambolle(noisy, 0.7 * noise), clean)


@pytest.mark.parametrize(("name", "value"), [("beta", -1), ("patch", 4), ("time", 0), ("sigma", 256)])
def test_bad_values_are_refused(name, value):
    with pytest.raises(WrongUse, match=f"{name} is {value}"):
        beltrami_patch(np.zeros((4, 4)), **{"sigma": 10, name: value})
