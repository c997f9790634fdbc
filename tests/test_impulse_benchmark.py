"""The benchmark of impulse noise: F1 and the share of untouched pixels of detectors whose errors are known."""

import numpy as np
import pytest
from benchmarks import impulses
from hypothesis import given
from hypothesis import strategies as st

from repix import Picture, metrics

CLEAN = Picture(np.random.default_rng(0).integers(1, 255, (40, 50, 3), np.uint8))


def noisy(share: float) -> tuple[Picture, np.ndarray]:
    hit = np.random.default_rng(1).random(CLEAN.size) < share
    return Picture(np.where(hit[:, :, None], 0, CLEAN.pixels).astype(np.uint8)), hit


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_f1_of_counted_errors(found, missed, wrong):
    called, true = np.zeros((2, 1500), bool)
    called[: found + wrong] = True
    true[:found] = True
    true[found + wrong : found + wrong + missed] = True
    expected = 1.0 if found == missed == wrong == 0 else found / (found + (missed + wrong) / 2)
    assert impulses.f1(called, true) == pytest.approx(expected)


def test_f1_is_the_dice_of_two_masks():
    rng = np.random.default_rng(3)
    called, true = (rng.random((30, 20)) < share for share in (0.3, 0.4))
    both = metrics.dice(called.astype(np.uint8), true.astype(np.uint8))  # the mean of clean and corrupted pixels
    assert (impulses.f1(called, true) + impulses.f1(~called, ~true)) / 2 == pytest.approx(both)


def test_a_perfect_denoiser_and_one_that_changes_everything():
    given, hit = noisy(0.3)
    perfect = impulses.outcome(lambda _: (CLEAN, hit), CLEAN, given)
    assert (perfect.untouched, perfect.f1, perfect.psnr) == (1.0, 1.0, np.inf)
    changing = impulses.by_changes(lambda one: Picture(one.pixels ^ 1))
    found = impulses.outcome(changing, CLEAN, given)
    assert found.untouched == 0
    assert found.f1 == pytest.approx(2 * hit.mean() / (1 + hit.mean()))


def test_the_table_has_a_row_for_each_noise_density_and_denoiser():
    made = list(impulses.rows({"nothing": impulses.by_changes(lambda one: one)}, [CLEAN]))
    assert len(made) == len(impulses.NOISES) * len(impulses.DENSITIES)
    assert {row["untouched"] for row in made} == {1.0}
    assert impulses.table(made).count("\n") == len(made) + 1
