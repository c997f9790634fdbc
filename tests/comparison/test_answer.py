"""The answer in words: what is best, and whether the seeds allow to say so."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.comparison.answer import answer, difference_spread
from repix.comparison.results import SECONDS, STEPS, GridResults, Protocol, Row, Run
from repix.metrics import Metric
from repix.training import Recipe

LABEL = "psnr-rgb"


def row(name, *values, curve=(), choices=True, failure=None):
    runs = [Run(seed, "", {LABEL: value}, 10, 1.0, curve) for seed, value in enumerate(values)]
    failed = [Run(len(values), "", failure=failure)] if failure else []
    return Row(name, {"network": name} if choices else {}, None, [*runs, *failed])


def results(*members, others=(), seeds=3, steps=10, better="higher", independent=True):
    metric = Metric(max, unit="dB" if better == "higher" else "", better=better, best=0.0)
    protocol = Protocol(metric, LABEL, 4, independent)
    budget = {"steps": steps} if steps else {"minutes": 1.0}
    return GridResults(Recipe("denoise", "photos", **budget), seeds, protocol, members, others, {}, "2 cores")


def test_a_difference_larger_than_the_spread_is_a_winner():
    said = answer(results(row("a", 30.0, 30.1, 30.2), row("b", 32.0, 32.1, 32.2)))
    assert said[0] == (
        "b is best: 32.10 ± 0.10 dB (psnr-rgb, higher is better). It is 2.00 dB better than a, which is more than the "
        "spread over the seeds (0.14 dB)."
    )


def test_a_difference_within_the_spread_is_none():
    said = answer(results(row("a", 30.0, 31.0, 32.0), row("b", 30.2, 31.2, 32.2), row("c", 30.1, 31.1, 32.1)))
    assert said[0].startswith("No clear winner: b has 31.20 ± 1.00 dB")
    assert "only 0.10 dB better than c" in said[0]
    assert "Within the spread of the best one too: a." in said
    assert not any("The last one" in one for one in said)


def test_the_last_one_is_named_if_it_is_clearly_behind():
    said = answer(results(row("a", 30.0, 30.1), row("b", 32.0, 32.1), row("c", 31.0, 31.1)))
    assert "The last one is a, 2.00 dB behind." in said


def test_one_seed_leaves_the_spread_unknown():
    said = answer(results(row("a", 30.0), row("b", 31.0), seeds=1))
    assert said[0] == "b is ahead: 31.00 dB (psnr-rgb, higher is better), 1.00 dB better than a."
    assert any("the spread is unknown" in sentence for sentence in said)


def test_lower_may_be_better():
    assert answer(results(row("a", 0.3, 0.31), row("b", 0.1, 0.11), better="lower"))[0].startswith("b is best: 0.1050")


def test_existing_models_that_are_as_good_are_named():
    others = (row("nothing", 20.0, choices=False), row("median", 31.0, choices=False))
    said = answer(results(row("a", 30.0, 30.2), others=others))
    assert "Not trained here, and at least as good as the best one: median (31.00 dB)." in said


@pytest.mark.parametrize(("source", "said_first"), [(31.0, True), (30.1, True), (20.0, False)])
def test_members_that_are_no_better_than_the_source_are_not_praised(source, said_first):
    said = answer(results(row("a", 30.0, 30.2), row("b", 29.0, 29.1), others=(row("nothing", source, choices=False),)))
    sentence = f"No member is better than no training at all (nothing, {source:.2f} dB): train longer to compare them."
    assert (said[0] == sentence) == said_first
    assert any(sentence == one for one in said) == said_first
    assert any(one.startswith("a is best: ") for one in said) != said_first
    assert not any(one.startswith("Not trained here") for one in said)


def test_one_picture_without_noise_does_not_make_the_source_the_better_one():
    """By the mean, nothing and the median are better than the member; by the pooled value, only the median is."""
    made = [
        Row(name, choices, None, [Run(0, "", {f"pooled {LABEL}": pooled, LABEL: mean}, 0.1, 10, 1.0)])
        for name, choices, pooled, mean in (
            ("a", {"network": "a"}, 31.0, 35.75),
            ("nothing", {}, 22.0, 39.24),
            ("median", {}, 31.5, 36.0),
            ("mean", {}, 30.0, math.inf),
        )
    ]
    said = answer(results(made[0], others=made[1:], seeds=1))
    assert said[0].startswith("a: 35.75 dB (psnr-rgb, higher is better)")
    wanted = "Not trained here, and at least as good as the best one: median (31.50 dB by pooled psnr-rgb)."
    assert [one for one in said if "Not trained here" in one] == [wanted]


CURVES = {
    "quick": [{"step": 10, "seconds": 1.0, LABEL: 20.0}, {"step": 100, "seconds": 10.0, LABEL: 30.0}],
    "slow": [{"step": 10, "seconds": 5.0, LABEL: 25.0}, {"step": 100, "seconds": 50.0, LABEL: 35.0}],
}


def test_another_ranking_at_the_other_budget_is_said():
    members = [row(name, curve[-1][LABEL], curve[-1][LABEL], curve=curve) for name, curve in CURVES.items()]
    made = results(*members)
    assert (made.limit(STEPS), made.limit(SECONDS)) == (100, 10.0)
    assert [one.name for one, _ in made.ranked_at(STEPS)] == ["slow", "quick"]
    assert [one.name for one, _ in made.ranked_at(SECONDS)] == ["quick", "slow"]
    said = answer(made)
    assert said[0].startswith("slow is best")
    assert any(
        one.startswith("At equal 10 seconds of training, quick is first: 30.00 dB, slow 26.11 dB") for one in said
    )
    assert any(one == "At equal 100 steps, slow is first, too." for one in answer(results(*members, steps=None)))


def test_a_busy_machine_is_noticed():
    runs = [Run(seed, "", {LABEL: 30.0}, steps, 60.0) for seed, steps in enumerate((10, 100))]
    made = Row("a", {"network": "a"}, None, runs)
    said = answer(results(made, row("b", 29.0, 29.1), steps=None))
    assert any(one.startswith("The runs of a made from 10 to 100 steps in the same time") for one in said)
    assert not any("same time" in one for one in answer(results(made, steps=10)))


def test_failures_and_chosen_pictures_are_said():
    said = answer(results(row("a", 30.0, failure="no memory."), row("b", 29.0, 29.5), independent=False))
    assert any(one.startswith("1 run failed") for one in said)
    assert any("chose the weights too" in one for one in said)
    assert answer(results(row("a", failure="no memory."))) == ["No run of the grid was finished."]
    assert "no other member" in answer(results(row("a", 30.0, 31.0)))[0]


VALUES = st.lists(st.floats(10, 50), min_size=2, max_size=5)


@given(VALUES, VALUES)
def test_a_winner_is_ahead_by_more_than_the_spread(first, second):
    one, other = row("a", *first), row("b", *second)
    said = answer(results(one, other))[0]
    spread = difference_spread(one, other, LABEL)
    ahead = abs(one.mean(LABEL) - other.mean(LABEL))
    assert (" is best: " in said) == (ahead > spread)
    assert ("No clear winner" in said) == (ahead <= spread)


@given(st.floats(0, 200))
def test_a_curve_is_read_between_its_validations(limit):
    run = Run(0, "", curve=CURVES["quick"])
    value = run.at(STEPS, limit, LABEL)
    if limit < 10:
        assert math.isnan(value)
    else:
        assert value == pytest.approx(20 + 10 * (min(limit, 100) - 10) / 90)
