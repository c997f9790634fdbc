"""The statistics of noise: what a seed's numbers must look like as a whole."""

import numpy as np
import pytest
from scipy import stats

from repix.degradations import gaussian, poisson, random_valued, salt_and_pepper, speckle
from repix.errors import WrongUse

SIDE = 300
FLAT = np.full((SIDE, SIDE), 0.4)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.mark.parametrize("sigma", [5.0, 25.0, 50.0])
def test_D01_gaussian_noise_is_normal_white_and_of_its_sigma(sigma):
    noise = 255 * (gaussian(FLAT, rng(), sigma) - FLAT)
    assert noise.std() == pytest.approx(sigma, rel=0.01)
    assert abs(noise.mean()) < 4 * sigma / SIDE
    assert stats.kstest(noise.ravel() / sigma, "norm").pvalue > 0.01
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.02


def test_gaussian_noise_is_not_clipped_and_differs_between_channels():
    noisy = gaussian(np.zeros((50, 50, 3)), rng(), 25)
    assert noisy.min() < -0.2
    assert abs(np.corrcoef(noisy[:, :, 0].ravel(), noisy[:, :, 1].ravel())[0, 1]) < 0.1


def test_no_noise_changes_nothing():
    np.testing.assert_array_equal(gaussian(FLAT, rng(), 0), FLAT)
    np.testing.assert_array_equal(speckle(FLAT, rng(), 0), FLAT)
    np.testing.assert_array_equal(salt_and_pepper(FLAT, rng(), 0), FLAT)
    np.testing.assert_array_equal(random_valued(FLAT, rng(), 0), FLAT)


@pytest.mark.parametrize(("rate", "salt"), [(0.05, 0.5), (0.3, 0.2), (0.3, 1.0), (0.3, 0.0), (1.0, 0.5)])
def test_D01_salt_and_pepper_hit_their_shares(rate, salt):
    spoiled = salt_and_pepper(FLAT, rng(), rate, salt)
    assert set(np.unique(spoiled)) <= {0.0, 0.4, 1.0}
    assert np.mean(spoiled == 1) == pytest.approx(rate * salt, abs=0.005)
    assert np.mean(spoiled == 0) == pytest.approx(rate * (1 - salt), abs=0.005)


def test_salt_and_pepper_hit_whole_pixels():
    spoiled = salt_and_pepper(np.full((50, 50, 3), 0.4), rng(), 0.5)
    assert (spoiled == spoiled[:, :, :1]).all()


@pytest.mark.parametrize("density", [0.05, 0.3, 1.0])
def test_D06_random_valued_impulses_hit_their_share_and_are_uniform(density):
    noisy = random_valued(np.repeat(FLAT[:, :, None], 3, axis=2), rng(), density)
    hit = (noisy != 0.4).any(axis=2)
    assert hit.mean() == pytest.approx(density, abs=0.005)
    assert (noisy != 0.4)[hit].all(), "whole pixels are hit"
    values = noisy[hit]
    assert stats.kstest(values.ravel(), "uniform").pvalue > 0.01
    assert abs(np.corrcoef(values[:, 0], values[:, 1])[0, 1]) < 0.06


@pytest.mark.parametrize("level", [0.2, 0.4, 1.0])
def test_D01_speckle_grows_with_the_value(level):
    noise = speckle(np.full((SIDE, SIDE), level), rng(), 0.2) - level
    assert noise.var() == pytest.approx((0.2 * level) ** 2, rel=0.02)
    assert abs(noise.mean()) < 4 * 0.2 * level / SIDE
    np.testing.assert_array_equal(speckle(np.zeros((5, 5)), rng()), 0)


@pytest.mark.parametrize("photons", [5.0, 100.0, 1e6])
def test_D01_poisson_counts_have_their_mean_as_variance(photons):
    counts = poisson(FLAT, rng(), photons) * photons
    expected = 0.4 * photons
    np.testing.assert_allclose(counts, np.rint(counts), rtol=1e-12)
    assert counts.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected) / SIDE)
    assert counts.var() == pytest.approx(expected, rel=0.02)


def test_poisson_counts_are_poisson_distributed():
    counts = np.rint(poisson(FLAT, rng(), 5) * 5).astype(int).ravel()
    seen = np.bincount(counts, minlength=9)
    expected = stats.poisson.pmf(np.arange(9), 2) * counts.size
    expected[8] = counts.size - expected[:8].sum()
    seen = np.append(seen[:8], seen[8:].sum())
    assert stats.chisquare(seen, expected).pvalue > 0.01


def test_poisson_takes_negative_values_for_black():
    np.testing.assert_array_equal(poisson(np.full((3, 3), -0.5), rng()), 0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: gaussian(FLAT, rng(), -1), "sigma is -1; it must be from 0 to 10000."),
        (lambda: salt_and_pepper(FLAT, rng(), 1.5), "density is 1.5; it must be from 0 to 1."),
        (lambda: salt_and_pepper(FLAT, rng(), 0.1, -0.1), "salt is -0.1; it must be from 0 to 1."),
        (lambda: speckle(FLAT, rng(), float("inf")), "sigma is inf; it must be a finite number."),
        (lambda: poisson(FLAT, rng(), 0), "photons is 0; it must be more than 0 and at most 1000000000."),
        (
            lambda: poisson(1e12 * FLAT, rng(), 1e9),
            "picture × photons is 4e+20; it must be at most 1e+18.",
        ),
    ],
)
def test_wrong_values_are_one_sentence(call, sentence):
    with pytest.raises(WrongUse) as caught:
        call()
    assert str(caught.value) == sentence
