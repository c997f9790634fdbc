"""Weights are selected by every held-out picture, also beside one that the network returns exactly."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from repix import registry
from repix.evaluation import Measurement, Score
from repix.training.validation import selection_score

FINITE = st.floats(10, 55)


@given(st.lists(st.one_of(FINITE, st.just(math.inf)), min_size=1, max_size=6), FINITE, st.floats(0.1, 4))
def test_a_better_picture_is_always_seen(scores: list[float], old: float, gain: float) -> None:
    assert _selected([*scores, old + gain]) > _selected([*scores, old])


@given(st.lists(FINITE, min_size=1, max_size=6))
def test_finite_scores_are_selected_by_their_mean(scores: list[float]) -> None:
    assert _selected(scores) == pytest.approx(sum(scores) / len(scores))


def _selected(scores: list[float]) -> float:
    metric = registry.get("metrics", "psnr-gray")
    return selection_score(Measurement("psnr-gray", metric, {}, {i: Score(v, {}) for i, v in enumerate(scores)}))
