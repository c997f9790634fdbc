"""The camera: statistics of its noise, SciPy's demosaicing, and what it leaves alone."""

import numpy as np
import pytest
from scipy import ndimage

from repix.arithmetic.srgb import to_linear, to_srgb
from repix.degradations import camera, jpeg
from repix.degradations._mosaic import demosaic, mosaic
from tests.given import seeds

OFF = {"shot": 0.0, "read": 0.0}
SIDE = 160
GREEN = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]]) / 4
RED_BLUE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 4


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("level", [0.3, 0.5, 0.7])
@pytest.mark.parametrize(("shot", "read"), [(0.002, 0.0), (0.0, 0.01), (0.004, 0.008)])
def test_noise_has_the_stated_variance_in_linear_light(level, shot, read):
    flat = np.full((SIDE, SIDE, 3), level)
    photo = to_linear(camera(flat, rng(), shot, read, "daylight", demosaicing="none"))
    light = to_linear(np.array(level))
    for channel, gain in enumerate([2.0, 1, 1.6]):
        expected = gain**2 * (shot * light / gain + read**2)
        assert photo[..., channel].var() == pytest.approx(expected, rel=0.06)
        assert photo[..., channel].mean() == pytest.approx(light, abs=4 * np.sqrt(expected) / SIDE)


@pytest.mark.drawn
@seeds(6, 200)
def test_bilinear_demosaicing_is_scipys_convolution(seed):
    draw = rng(seed)
    height, width = 2 * draw.integers(4, 20, 2)
    picture = draw.random((height, width, 3))
    raw = mosaic(picture)
    masks = np.zeros((3, height, width))
    masks[0, ::2, ::2] = masks[2, 1::2, 1::2] = 1
    masks[1] = 1 - masks[0] - masks[2]
    theirs = [ndimage.convolve(raw * mask, GREEN if c == 1 else RED_BLUE) for c, mask in enumerate(masks)]
    np.testing.assert_allclose(demosaic(raw, "bilinear"), np.stack(theirs, 2)[2:-2, 2:-2], atol=1e-12)


@pytest.mark.parametrize("method", ["bilinear", "malvar"])
def test_demosaicing_reproduces_gray_ramps(method):
    y, x = np.mgrid[:24, :30]
    ramp = 0.2 + 0.01 * x + 0.02 * y
    result = demosaic(mosaic(np.repeat(ramp[:, :, np.newaxis], 3, axis=2)), method)
    np.testing.assert_allclose(result, np.repeat(ramp[2:-2, 2:-2, np.newaxis], 3, axis=2), atol=1e-12)


def test_malvar_keeps_more_of_gray_texture_than_bilinear():
    texture = ndimage.gaussian_filter(rng(4).random((64, 64)), 1.0)
    picture = np.repeat(texture[:, :, np.newaxis], 3, axis=2)
    errors = {m: np.square(demosaic(mosaic(picture), m) - picture[2:-2, 2:-2]).mean() for m in ("malvar", "bilinear")}
    assert errors["malvar"] < 0.5 * errors["bilinear"]


def test_demosaicing_correlates_neighbors_and_a_full_sensor_does_not():
    flat = np.full((SIDE, SIDE, 3), 0.5)
    for method, correlated in (("bilinear", True), ("malvar", True), ("none", False)):
        noise = camera(flat, rng(), 0.002, 0.0, demosaicing=method)[..., 0] - 0.5
        correlation = np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]
        assert bool(correlation > 0.2) is correlated


def test_noise_reduction_takes_the_fine_noise_and_leaves_the_coarse():
    flat = np.full((256, 256, 3), 0.5)

    def spectrum(noise_reduction: float) -> np.ndarray:
        noise = camera(flat, rng(), 0.001, 0.0, demosaicing="none", noise_reduction=noise_reduction).mean(axis=2) - 0.5
        return np.abs(np.fft.fft2(noise)) ** 2

    frequency = np.hypot(np.fft.fftfreq(256)[:, np.newaxis], np.fft.fftfreq(256))
    left = spectrum(1.5) / spectrum(0)
    assert np.median(left[frequency < 0.02]) == pytest.approx(1, abs=0.1)
    assert np.median(left[frequency > 0.35]) == pytest.approx((1 - 0.8) ** 2, abs=0.03)


def test_the_noise_of_color_is_coarser_than_that_of_brightness():
    """White noise after a Gaussian of σ has the correlation exp(−d²/4σ²) at a distance d."""
    noise = jpeg(camera(np.full((256, 256, 3), 0.5), rng(), 0.001, 0.0, noise_reduction=0.8), 98) - 0.5
    luma = noise @ np.array([0.299, 0.587, 0.114], np.float32)
    red = noise[:, :, 0] - luma

    def correlation(values: np.ndarray, lag: int) -> float:
        return float((values[:, :-lag] * values[:, lag:]).mean() / (values**2).mean())

    def spread(values: np.ndarray, lag: int) -> float:
        return lag / np.sqrt(-4 * np.log(correlation(values, lag)))

    assert spread(luma, 1) == pytest.approx(0.8, abs=0.1)
    assert spread(red, 3) == pytest.approx(2.1, abs=0.25)


def test_without_noise_a_full_sensor_returns_the_picture():
    picture = rng(3).random((33, 20, 3))
    np.testing.assert_allclose(camera(picture, rng(), **OFF, demosaicing="none"), picture, atol=2e-6)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (8, 8), (15, 16, 1), (17, 13, 3)], ids=str)
def test_flat_gray_stays_flat_without_noise(shape):
    for method in ("bilinear", "malvar", "none"):
        result = camera(np.full(shape, 0.4), rng(), **OFF, demosaicing=method, noise_reduction=1.0)
        np.testing.assert_allclose(result, 0.4, atol=1e-4)


def test_more_noise_reduction_leaves_less_noise():
    y, x = np.mgrid[:96, :96] / 96
    picture = np.stack([x, y, (x + y) / 2], axis=2)
    truth = camera(picture, rng(), **OFF)
    by_reduction = [np.abs(camera(picture, rng(), noise_reduction=scale) - truth).mean() for scale in (0, 0.7, 2)]
    assert by_reduction == sorted(by_reduction, reverse=True)


def test_the_curves_of_srgb_are_inverses():
    values = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(to_srgb(to_linear(values)), values, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_curves_of_srgb_are_those_of_the_standard(dtype):
    values = np.linspace(0, 1, 4001, dtype=dtype)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    encoded = np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(to_linear(values), linear, atol=1e-6)
    np.testing.assert_allclose(to_srgb(values), encoded, atol=1e-6)
