"""Held-out pictures: some choose the weights, the others measure them."""

import pytest

from repix.training import train
from repix.training.comparison import HELD_OUT_CHOSE
from tests.training.making import TASKS, Told, built, folder_for, recipe


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("count", [4, 5, 9])
def test_no_picture_measures_what_it_has_chosen(task, count, tmp_path):
    made = recipe(folder_for(task, tmp_path, count + 2), task, holdout=count, network=None, network_settings={})
    training = built(made)
    measuring, choosing = set(training.holdout.comparison.items), set(training.holdout.validation.items)
    assert measuring
    assert choosing
    assert not measuring & choosing
    assert measuring | choosing <= set(training.findings.split.validation)
    assert training.holdout.independent


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_do_both(count, photos):
    made = recipe(photos, holdout=count)
    holdout = built(made).holdout
    assert holdout.comparison.items == holdout.validation.items
    assert not holdout.independent


def test_the_model_says_what_it_was_measured_on(fast, finished, tmp_path):
    assert {metric["on"] for metric in finished.trained.contract.metrics} == {HELD_OUT_CHOSE}
    assert "On 1 held-out picture (which chose the weights too, because they are few):" in finished.told.text
    photos, told = folder_for("denoise", tmp_path / "photos", 6), Told()
    trained = train(recipe(photos, holdout=4), tmp_path / "run", told.reporter())
    assert {metric["on"] for metric in trained.contract.metrics} == {"held-out pictures"}
    assert "On 2 held-out pictures:" in told.text
