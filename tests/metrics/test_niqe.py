"""NIQE: each piece against SciPy, MATLAB's formulas and plain loops; its laws; and its order on photos."""

import math

import numpy as np
import pytest
from scipy import linalg, special, stats
from scipy.ndimage import correlate
from skimage import data

from repix import metrics
from repix.degradations import gaussian, gaussian_blur, jpeg
from repix.errors import WrongShape, WrongUse
from repix.metrics._scene_statistics import BLOCK, block_statistics, generalized_gaussian, normalized
from repix.metrics.niqe import _pristine
from tests.given import seeds
from tests.metrics.scenes import noisy, scene

PHOTOS = {name: getattr(data, name)()[:384, :384] / 255 for name in ("astronaut", "coffee", "chelsea")}
COLUMNS = {"horizontal": range(2, 6), "vertical": range(6, 10), "diagonal": range(10, 14), "other": range(14, 18)}
"""Features of the products of neighbors, at the first scale."""


@seeds(3, 200)
def test_normalized_luma_is_that_of_a_plain_window(seed):
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, 256, rng.integers(10, 40, 2)).astype(float)
    taps = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
    window = np.outer(taps, taps) / np.outer(taps, taps).sum()
    mean = correlate(plane, window, mode="nearest")
    deviation = np.sqrt(np.abs(correlate(plane**2, window, mode="nearest") - mean**2))
    coefficients, found = normalized(np.pad(plane, 3, mode="edge"))
    assert found == pytest.approx(deviation, abs=1e-6)
    assert coefficients == pytest.approx((plane - mean) / (deviation + 1), abs=1e-6)


@pytest.mark.parametrize("shape", [0.5, 0.8, 1.0, 2.0, 4.0])
@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (0.5, 2.0), (3.0, 1.0)])
def test_the_fit_finds_the_parameters_of_drawn_samples(shape, left, right):
    rng, count = np.random.default_rng(3), 200_000
    magnitudes = np.abs(stats.gennorm.rvs(shape, size=count, random_state=rng))
    below = rng.random(count) < left / (left + right)
    samples = np.where(below, -left * magnitudes, right * magnitudes)
    found = [value.item() for value in generalized_gaussian(samples[None])]
    assert found == pytest.approx([shape, left, right], rel=0.04)


def test_the_fit_is_matlabs_search_for_the_nearest_shape():
    """As `estimateaggdparam`: the shape on a grid of 0.001 whose ratio of moments is nearest."""
    samples = np.random.default_rng(0).laplace(0.1, 1, (5, 4000))
    shapes = np.arange(0.2, 10.0005, 0.001)
    ratios = special.gamma(2 / shapes) ** 2 / (special.gamma(1 / shapes) * special.gamma(3 / shapes))
    for row, *found in zip(samples, *generalized_gaussian(samples), strict=True):
        left, right = (math.sqrt(np.mean(row[side] ** 2)) for side in (row < 0, row > 0))
        ratio = left / right
        wanted = np.mean(np.abs(row)) ** 2 / np.mean(row**2) * (ratio**3 + 1) * (ratio + 1) / (ratio**2 + 1) ** 2
        shape = shapes[np.argmin((ratios - wanted) ** 2)]
        scale = math.sqrt(special.gamma(1 / shape) / special.gamma(3 / shape))
        assert found == pytest.approx([shape, left * scale, right * scale], abs=1e-3)


def test_scales_follow_the_samples_and_shapes_do_not():
    samples = np.random.default_rng(1).standard_normal((4, 1000)) ** 3
    shape, left, right = generalized_gaussian(samples)
    for factor in (0.01, 700.0):
        assert np.stack(generalized_gaussian(factor * samples)) == pytest.approx(
            np.stack([shape, factor * left, factor * right])
        )
    assert np.stack(generalized_gaussian(-samples)) == pytest.approx(np.stack([shape, right, left]))


def test_a_block_is_features_of_its_own_pixels_with_products_that_wrap():
    luma = np.rint(255 * data.camera()[:192, :192] / 255)
    coefficients, deviation = normalized(np.pad(luma, 3, mode="edge"))
    block = coefficients[96:, 96:]
    found = block_statistics(luma[:, :, None] / 255)
    assert found.sharpness[3] == pytest.approx(deviation[96:, 96:].mean())
    products = np.array([[block[y, x] * block[y - 1, x - 1] for x in range(96)] for y in range(96)])
    shape, left, right = (value.item() for value in generalized_gaussian(products.reshape(1, -1)))
    mean = (right - left) * special.gamma(2 / shape) / special.gamma(1 / shape)
    assert found.features[3, list(COLUMNS["diagonal"])] == pytest.approx([shape, mean, left, right])


def test_mirrors_and_turns_exchange_directions():
    picture = PHOTOS["astronaut"][:192, :288]
    count = picture.shape[1] // BLOCK
    found = block_statistics(picture).features[:, :18].reshape(-1, count, 18)
    mirrored = block_statistics(picture[:, ::-1]).features[:, :18].reshape(-1, count, 18)[:, ::-1]
    turned = block_statistics(picture.swapaxes(0, 1)).features[:, :18].reshape(count, -1, 18).swapaxes(0, 1)
    swaps = {"horizontal": "vertical", "vertical": "horizontal", "diagonal": "diagonal", "other": "other"}
    for name, columns in COLUMNS.items():
        other = {"diagonal": "other", "other": "diagonal"}.get(name, name)
        assert mirrored[..., list(COLUMNS[other])] == pytest.approx(found[..., list(columns)], abs=1e-9)
        assert turned[..., list(COLUMNS[swaps[name]])] == pytest.approx(found[..., list(columns)], abs=1e-9)


def test_gray_is_color_with_equal_channels_and_cut_rows_do_not_count():
    gray = data.camera()[:200, :300, None] / 255
    assert metrics.niqe(np.repeat(gray, 3, axis=2)) == pytest.approx(metrics.niqe(gray), rel=1e-9)
    assert metrics.niqe(gray[:192, :288]) == metrics.niqe(gray)
    assert metrics.niqe(gray[:, :, 0].astype(np.float32)) == pytest.approx(metrics.niqe(gray), rel=1e-6)


def test_the_distance_is_that_of_the_paper():
    features = block_statistics(PHOTOS["coffee"]).features
    mean, covariance = _pristine()
    difference = features.mean(0) - mean
    inverse = linalg.pinv((np.cov(features.T) + covariance) / 2)
    assert metrics.niqe(PHOTOS["coffee"]) == pytest.approx(math.sqrt(difference @ inverse @ difference), rel=1e-6)


def test_the_pristine_model_is_a_distribution():
    mean, covariance = _pristine()
    assert (mean.shape, covariance.shape) == ((36,), (36, 36))
    assert np.array_equal(covariance, covariance.T)
    assert linalg.eigvalsh(covariance).min() > 0
    assert np.all((mean[[0, 18]] > 1) & (mean[[0, 18]] < 4))  # shapes of normalized luma: near a Gaussian's 2


@pytest.mark.parametrize("name", PHOTOS)
def test_more_degradation_gets_a_larger_value(name):
    photo = PHOTOS[name]
    noises = [gaussian(photo, np.random.default_rng(0), sigma) for sigma in (15, 30, 60)]
    blurs = [gaussian_blur(photo, sigma) for sigma in (1, 2, 4)]
    compressed = [jpeg(photo, quality) for quality in (40, 20, 8)]
    for degraded in (noises, blurs, compressed):
        values = [metrics.niqe(one) for one in (photo, *degraded)]
        assert values == sorted(values)


@pytest.mark.parametrize("size", [(191, 192), (95, 4000), (1, 1), (96, 383)])
def test_pictures_of_fewer_than_four_blocks_are_refused(size):
    with pytest.raises(WrongShape, match=rf"{size[0]}×{size[1]} .*at least 4 blocks of 96×96 pixels, such as 192×192"):
        metrics.niqe(np.zeros(size))


def test_constant_blocks_do_not_count():
    textured = noisy(scene(192, 192), 5.0)
    value = metrics.niqe(textured)
    assert metrics.niqe(np.vstack([textured, np.ones((192, 192, 3))])) == pytest.approx(value, rel=0.2)
    with pytest.raises(WrongUse, match="0 blocks of 96×96 pixels that are not constant"):
        metrics.niqe(np.full((192, 192), 0.3))
