"""The verdict of a comparison: no easy picture decides it."""

from math import inf, isinf, log10, nan
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import Picture, registry, write
from repix.conversion import Contract
from repix.data import Item
from repix.evaluation import Examples, Measurement, Outcome, filtered, measure, nothing
from repix.tasks import Baseline
from repix.training import comparison
from repix.training.comparison import Comparison, Row
from tests.data.drawing import photo, put
from tests.training.making import Told, built, folder_for, recipe

SIGMAS = (0.0001, 7, 15, 22, 30, 38, 45, 52)
"""Noise levels of eight pictures; the first one drew nearly none."""
TASK = registry.get("tasks", "denoise")({"color": False})
PSNR = registry.get("metrics", "psnr-gray")
DB = st.floats(0, 120)


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """Eight pictures with these levels of noise."""
    root = tmp_path_factory.mktemp("noisy")
    for number, sigma in enumerate(SIGMAS):
        put(root / f"{number}.png", photo(number, (96, 80), channels=1))
        noise = np.random.default_rng(number).normal(0, sigma / 255, (96, 80))
        write(Picture((photo(number, (96, 80), channels=1) / 255 + noise).astype(np.float32)), root / f"{number}.tiff")
    return Examples(root, [Item(f"{number}.tiff", f"{number}.png") for number in range(len(SIGMAS))], TASK)


def compared(examples, *converters):
    rows = tuple(Row.of(one.name, measure(one.convert, examples, TASK.metrics)) for one in converters)
    return Comparison(rows, PSNR, len(examples))


def denoiser():
    """It improves every picture with noise by many dB, and a clean one becomes a little worse."""
    return Baseline("the model", filtered("gaussian sigma=0.8", TASK).convert)


def test_a_good_denoiser_is_better_than_nothing_though_one_picture_needs_none(noisy):
    found = compared(noisy, denoiser(), nothing(TASK))
    own, source = found.rows
    assert own.totals["psnr-gray"] < source.totals["psnr-gray"]  # by the mean, the model would be useless
    assert sum(own.scores[name] > source.scores[name] + 3 for name in own.scores) == 7
    assert found.protocol == "pooled psnr-gray"
    assert not found.useless
    assert found.lost_to == ()
    said = found.sentences()
    assert said[2].endswith("s for a megapixel; the model is better on 7 of 8 pictures")
    assert said[-1].startswith("The model is better than all of these by ")
    assert said[-1].endswith(" (pooled psnr-gray).")


def test_the_contract_has_the_verdict_first_and_the_mean_under_its_old_name(noisy):
    found = compared(noisy, denoiser(), nothing(TASK))
    metrics = Contract("denoise", metrics=found.metrics()).metrics
    assert [one["metric"] for one in metrics] == ["pooled psnr-gray", "psnr-gray", "ssim-wang (border 0)"]
    assert metrics[0]["value"] > metrics[0]["others"]["nothing"]
    mean = np.mean([found.rows[0].scores[one.picture] for one in noisy.items])
    assert metrics[1]["value"] == pytest.approx(mean)


def test_a_model_that_returns_the_source_is_not_better(noisy):
    """Also where all of its pictures are equal to their truth."""
    for examples in (noisy, noisy[:1], noisy[3:5]):
        found = compared(examples, Baseline("the model", lambda picture: picture), nothing(TASK))
        assert found.useless
        assert "is better on 0 of" in found.sentences()[2]


def test_a_model_that_makes_all_worse_is_useless(noisy):
    worse = Baseline("the model", lambda picture: picture.with_colors(1 - picture.colors()))
    assert compared(noisy, worse, nothing(TASK)).useless


def test_the_value_is_that_of_all_pixels_together(noisy):
    """The pictures have one size, so it is the PSNR of one picture made of all of them."""
    row = compared(noisy, nothing(TASK)).rows[0]
    source, target = (np.concatenate([getattr(one, kind).colors() for one in noisy]) for kind in ("source", "target"))
    whole = 10 * log10(1 / np.mean(np.square(source.astype(np.float64) - target)))
    assert row.totals["pooled psnr-gray"] == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("name", [one for one in registry.available("metrics") if registry.get("metrics", one).pool])
@given(values=st.lists(DB, min_size=1, max_size=20), shift=st.floats(-20, 20), rng=st.randoms())
def test_the_laws_of_pooling(name, values, shift, rng):
    pool = registry.get("metrics", name).pool
    pooled = pool(values)
    assert min(values) - 1e-9 <= pooled <= np.mean(values) + 1e-9
    assert pool([one + shift for one in values]) == pytest.approx(pooled + shift)  # every error times the same
    assert pool(rng.sample(values, len(values))) == pooled
    assert pool(values * 3) == pytest.approx(pooled)
    assert pooled <= pool([*values[1:], values[0] + 1])  # a better picture does not make it worse
    most = 10 * log10(len(values) / max(len(values) - 1, 0.1))
    assert pool([*values[1:], inf]) - pool([*values[1:], max(values)]) <= most + 1e-9 or len(values) == 1


def test_pooling_without_errors_or_without_numbers():
    pool = PSNR.pool
    assert isinf(pool([inf, inf]))
    assert pool([inf, 20.0]) == pytest.approx(20 + 10 * log10(2))
    assert np.isnan(pool([nan, 20.0]))


def test_a_metric_that_is_already_together_or_has_a_bound_has_no_pooled_value():
    for name in registry.available("metrics"):
        metric = registry.get("metrics", name)
        assert (metric.pool is None) == (not isinf(metric.best))
        assert Measurement(name, metric, {}).pooled is None  # of no picture


@given(st.lists(st.tuples(DB, DB), min_size=1, max_size=12), st.randoms())
def test_neither_the_order_of_the_pictures_nor_a_common_factor_of_the_errors_changes_the_verdict(pairs, rng):
    def verdict(pairs, shift=0.0):
        names = [str(number) for number in range(len(pairs))]
        rows = []
        for index, name in enumerate(("the model", "nothing")):
            found = Measurement("psnr-gray", PSNR, {})
            for key, pair in zip(names, pairs, strict=True):
                found.include(key, pair[index] + shift)
            rows.append(Row.of(name, Outcome((found,), {}, ())))
        return Comparison(tuple(rows), PSNR, len(pairs))

    usual = verdict(pairs)
    for other in (verdict(rng.sample(pairs, len(pairs))), verdict([(a + 8, b + 8) for a, b in pairs])):
        assert other._leads["nothing"] == pytest.approx(usual._leads["nothing"], abs=1e-6)
    assert verdict([(a, a) for a, _ in pairs]).useless
    assert verdict([(max(pair), min(pair)) for pair in pairs])._leads["nothing"] >= 0


def test_held_out_pictures_cover_the_range_of_the_noise(tmp_path):
    """Those that choose the weights, those that measure the model, and those left by a deadline."""
    made = recipe(folder_for("denoise", tmp_path, 18), holdout=16, settings={"color": False, "sigma": [0, 55]})
    training = built(made)
    left = comparison.to_compare(training, SimpleNamespace(compared=lambda: (4, True)), Told().append)[0]
    for examples, count in ((training.holdout.comparison, 8), (training.holdout.validation, 8), (left, 4)):
        assert len(examples) == count
        sigmas = sorted(255 * np.std(one.source.colors() - one.target.colors()) for one in examples)
        for number, sigma in enumerate(sigmas):
            width = 55 / count
            assert number * width * 0.85 <= sigma <= (number + 1) * width * 1.15  # 780 pixels
