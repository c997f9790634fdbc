"""Pictures that are kept out: some choose the weights, the others measure them."""

import pytest

from repix.training import train
from repix.training.comparison import KEPT_OUT_CHOSE
from repix.training.preparing import look, prepare
from tests.training.making import TASKS, Told, folder_for, recipe


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("count", [4, 5, 9])
def test_no_picture_measures_what_it_has_chosen(task, count, tmp_path):
    made = recipe(folder_for(task, tmp_path, count + 2), task, keep_out=count, network=None, network_settings={})
    findings = look(made)
    prepared = prepare(made, findings)
    measuring, choosing = set(prepared.compared.items), set(prepared.judged.items)
    assert measuring
    assert choosing
    assert not measuring & choosing
    assert measuring | choosing <= set(findings.split.validation)
    assert prepared.chose_nothing


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_do_both(count, photos):
    made = recipe(photos, keep_out=count)
    prepared = prepare(made, look(made))
    assert prepared.compared.items == prepared.judged.items
    assert not prepared.chose_nothing


def test_the_model_says_what_it_was_measured_on(fast, finished, tmp_path):
    assert {metric["on"] for metric in finished.trained.contract.metrics} == {KEPT_OUT_CHOSE}
    assert "On 1 picture kept out (so few that they chose the weights too):" in finished.told.text
    photos, told = folder_for("denoise", tmp_path / "photos", 6), Told()
    trained = train(recipe(photos, keep_out=4), tmp_path / "run", told.telling())
    assert {metric["on"] for metric in trained.contract.metrics} == {"pictures kept out"}
    assert "On 2 pictures kept out:" in told.text
