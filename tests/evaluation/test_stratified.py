"""Stratified draws: a few pictures cover each range evenly, every picture by itself is as random as before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from repix import registry
from repix.data import Item
from repix.evaluation import Examples
from repix.evaluation.stratified import StratifiedGenerator, Stratum
from tests.data.drawing import pictures

TASKS = [name for name in registry.own_names("tasks") if registry.get("tasks", name).mask_settings is None]
COUNT = 9
SETTINGS = {"denoise": {"color": False, "sigma": [0, 55]}}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return pictures(tmp_path_factory.mktemp("pictures"), COUNT)


def items():
    return [Item(f"{number:02}.png") for number in range(COUNT)]


def examples(root, task="denoise", chosen=None, **more):
    made = registry.get("tasks", task)(SETTINGS.get(task, {}))
    return Examples(root, items() if chosen is None else chosen, made, **{"stratified": True, **more})


def sources(made):
    return {example.name: example.source.pixels for example in made}


def generators(count, seed=0, begin=0):
    return [StratifiedGenerator(np.random.PCG64(begin + n), Stratum(n, count, seed)) for n in range(count)]


@given(st.integers(1, 40), st.integers(0, 2**31), st.integers(0, 2**31))
def test_each_parameter_has_one_number_in_each_stratum(count, seed, begin):
    rngs = generators(count, seed, begin)
    draws = [[rng.random(), rng.uniform(5, 7), rng.uniform(-np.pi, 0), rng.integers(count)] for rng in rngs]
    for values, (low, high) in zip(np.transpose(draws), [(0, 1), (5, 7), (-np.pi, 0), (0, count)], strict=True):
        strata = np.floor((values - low) / (high - low) * count * (1 + 1e-12))
        np.testing.assert_array_equal(np.sort(strata), np.arange(count))


def test_one_picture_s_numbers_are_uniform():
    """By the test of Kolmogorov and Smirnov."""
    rngs = generators(7)
    draws = np.array([[rng.uniform(2, 5) for _ in range(400)] for rng in rngs])
    assert all(kstest(own, "uniform", (2, 3)).pvalue > 0.001 for own in draws)


def test_a_single_picture_draws_as_without_strata():
    """There is one stratum: the whole range."""
    (rng,), usual = generators(1, begin=6), np.random.Generator(np.random.PCG64(6))
    assert [rng.random(), rng.uniform(3, 9)] == [usual.random(), usual.uniform(3, 9)]


def test_whole_numbers_are_in_their_range_and_all_drawn():
    rng = generators(5)[3]
    for words, numbers in (((4,), range(4)), ((2, 5), range(2, 5)), ((1,), range(1))):
        drawn = {rng.integers(*words) for _ in range(200)}
        assert drawn == set(numbers)
        assert {type(one) for one in drawn} == {int}
        assert {rng.integers(*words, endpoint=True) for _ in range(300)} == drawn | {max(drawn) + 1}


def test_arrays_are_drawn_as_without_strata():
    rng, usual = generators(5)[3], np.random.Generator(np.random.PCG64(3))
    for draw in (
        lambda one: one.random((2, 3)),
        lambda one: one.uniform(-1, 1, 4),
        lambda one: one.uniform(np.zeros(3), 2),
        lambda one: one.integers(9, size=5),
        lambda one: one.integers(2, 9, 5),
        lambda one: one.integers(2, 9, 5, np.uint8, endpoint=True),
        lambda one: one.random(3, dtype=np.float32),
        lambda one: one.random(out=np.empty(4)),
        lambda one: one.standard_normal(6),
        lambda one: one.permutation(8),
    ):
        np.testing.assert_array_equal(draw(rng), draw(usual))


def test_noise_levels_cover_their_range(root):
    sigmas = [255 * np.std(one.source.colors() - one.target.colors()) for one in examples(root)]
    width = 55 / COUNT
    for number, sigma in enumerate(sorted(sigmas)):
        assert number * width * 0.95 <= sigma <= (number + 1) * width * 1.05  # the spread of a picture is not exact


def test_a_chain_s_ranges_are_covered_too(root):
    made = examples(root, degrade=["gaussian sigma=9..27"])
    sigmas = [255 * np.std(one.source.colors() - one.target.colors()) for one in made]
    for number, sigma in enumerate(sorted(sigmas)):
        assert (9 + 2 * number) * 0.95 <= sigma <= (11 + 2 * number) * 1.05


@pytest.mark.parametrize("task", TASKS)
def test_they_repeat_and_depend_on_the_set_but_not_on_its_order(root, task):
    once = sources(examples(root, task))
    for again in (examples(root, task), examples(root, task, items()[::-1]), examples(root, task)[2:5]):
        for name, pixels in sources(again).items():
            np.testing.assert_array_equal(pixels, once[name])
    if registry.get("tasks", task)(SETTINGS.get(task, {})).random:
        other = sources(examples(root, task, seed=1))
        assert any((other[name] != once[name]).any() for name in once)
