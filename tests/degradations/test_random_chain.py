"""Random chains: each draw is in its range, and the truth is what a restorer should return."""

import numpy as np
import pytest

from repix.degradations import camera, chain, degrade_pair, develop, jpeg, read_step, read_steps
from repix.errors import WrongUse
from tests.given import sample

PHOTO = sample((40, 48, 3))


def draws(text: str, name: str, count: int = 400) -> list:
    step = read_step(text)
    rng = np.random.default_rng(1)
    return [drawn.settings[name] for drawn in (step.draw(rng) for _ in range(count)) if drawn is not None]


def test_ranges_are_uniform_or_uniform_in_the_logarithm():
    linear = draws("gaussian sigma=10..50", "sigma")
    assert min(linear) >= 10
    assert max(linear) <= 50
    assert np.mean(linear) == pytest.approx(30, abs=2)
    log = draws("gaussian sigma=log(0.5..50)", "sigma")
    assert np.mean(np.log10(log)) == pytest.approx(np.log10(5), abs=0.1)


def test_whole_numbers_and_choices_are_all_drawn():
    assert set(draws("jpeg quality=40..44", "quality")) == {40, 41, 42, 43, 44}
    assert set(draws("jpeg subsampling=4:2:0|4:4:4", "subsampling")) == {"4:2:0", "4:4:4"}
    assert set(draws("jpeg quality=30", "quality")) == {30}


def test_chance_is_the_share_of_pictures():
    assert len(draws("gaussian sigma=5 chance=0.25", "sigma")) == pytest.approx(100, abs=30)


def test_truth_is_the_camera_without_noise_and_the_picture_before_jpeg():
    steps = [read_step("camera shot=0.01 light=tungsten"), read_step("jpeg quality=20")]
    degraded, truth = degrade_pair(PHOTO, np.random.default_rng(0), steps)
    clean = camera(PHOTO, np.random.default_rng(0), 0.0, 0.0, "tungsten")
    np.testing.assert_array_equal(truth, clean)
    noisy = camera(PHOTO, np.random.default_rng(0), 0.01, light="tungsten")
    np.testing.assert_array_equal(degraded, jpeg(noisy, 20))


def test_development_is_of_the_truth_too():
    steps = read_steps(["camera noise-reduction=1", "develop contrast=0.5", "jpeg quality=20"])
    _, truth = degrade_pair(PHOTO, np.random.default_rng(0), steps)
    clean = camera(PHOTO, np.random.default_rng(0), 0.0, 0.0)
    np.testing.assert_array_equal(truth, develop(clean, 0.5))


def test_a_seed_repeats_and_a_random_order_changes_it():
    steps = [read_step(text) for text in ("gaussian sigma=5..20", "jpeg quality=10..40")]
    results = [degrade_pair(PHOTO, np.random.default_rng(seed), steps, "random")[0] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()
    off_grid = [
        np.abs(255 * one - np.rint(255 * one)).max() > 0.01
        for one in (degrade_pair(PHOTO, np.random.default_rng(seed), steps, "random")[0] for seed in range(20))
    ]
    assert 0 < sum(off_grid) < 20  # noise is last in some, JPEG in the others


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("gaussian sigma=50..5", "sigma goes from 50 to 5; write the smaller number first."),
        ("gaussian sigma=log(0..5)", "sigma is 'log(0..5)'; a logarithmic range begins above 0."),
        ("gaussian sigma=1..2..3", "sigma is '1..2..3'; a range is two numbers, such as 0.5..2."),
        ("jpeg subsampling=4:2:0..4:4:4", "subsampling is '4:2:0..4:4:4'; a range is two numbers, such as 0.5..2."),
        ("jpeg quality=40..101", "quality is 101; it must be from 1 to 100."),
        ("gaussian chance=2", "chance is '2'; it must be a number from 0 to 1."),
        ("gaussian sigma", "write name=value"),
        ("gausian sigma=1..2", "nknown"),
    ],
)
def test_wrong_steps_are_one_sentence(text, sentence):
    with pytest.raises(WrongUse) as caught:
        read_step(text)
    assert "\n" not in str(caught.value)
    assert sentence in str(caught.value) or sentence == "nknown"


def test_a_plain_chain_draws_too():
    levels = {float(chain(PHOTO, np.random.default_rng(seed), ["defocus radius=1..9"]).std()) for seed in range(5)}
    assert len(levels) == 5
    np.testing.assert_array_equal(chain(PHOTO, np.random.default_rng(0), ["jpeg quality=5 chance=0"]), PHOTO)
