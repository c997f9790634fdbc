"""Audits in a training: they warn, they are logged, and they change nothing that is learned."""

import csv
import random

import numpy as np
import pytest
import torch

from repix import audit_model
from repix.training import checkerboard_check, train
from repix.training.checkerboard_check import COLUMN, CheckerboardCheck
from repix.training.recipe import read_recipe
from repix.training.run_folder import RunFolder
from tests.training.making import Told, built, learning_only, quick, recipe

UNEVEN = {
    "network": "super-resolution",
    "network_settings": {"width": 3, "depth": 1, "upsampler": "transposed kernel=3"},
}


def made(photos, **more):
    settings = {"task": "upscale", "steps": 4, "validations": 1, **UNEVEN, **more}
    return recipe(photos, **settings)


@pytest.fixture(scope="module")
def audited(photos, tmp_path_factory):
    """A run that is audited, and its messages."""
    run, told = tmp_path_factory.mktemp("audited") / "run", Told()
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        train(made(photos, audit_above=0.0), run, told.reporter())
    return run, told


def test_the_weights_are_those_of_a_training_without_audits(audited, photos, tmp_path, lean):
    train(made(photos), tmp_path / "run", Told().reporter())
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == (audited[0] / "model.safetensors").read_bytes()


def test_an_audit_changes_neither_the_network_nor_the_random_state(photos):
    training = built(made(photos, audit_above=0.0))
    network = training.random_network()
    weights = {name: one.clone() for name, one in network.state_dict().items()}
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert COLUMN in training.checkerboards.row(network)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.random.get_state()[1].tolist() == states[2]  # noqa: NPY002
    assert network.training
    assert all(torch.equal(one, weights[name]) for name, one in network.state_dict().items())
    assert all(one.requires_grad for one in network.parameters())


def test_every_validation_has_a_score_and_those_above_the_limit_a_warning(audited):
    run, told = audited
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    scores = [float(row[COLUMN]) for row in rows]
    assert len(scores) == 1
    for row, score in zip(rows, scores, strict=True):
        warning = f"warning: step {row['step']}: the checkerboard score is {score:.1f} dB, above the limit of 0 dB"
        assert (f"{warning} (audit_above)." in told) == (score > 0)
    assert any("checkerboard (dB)" in line and line.startswith("step ") for line in told)


def test_the_last_sentence_has_the_score_of_the_model_file(audited):
    run, told = audited
    score = audit_model(run).score
    against = "above" if score > 0 else "within"
    sentence = f"{run / 'model.onnx'}: the checkerboard score is {score:.1f} dB, {against} the limit of 0 dB"
    assert f"{sentence} (audit_above)." in told
    assert sentence in (run / "log.txt").read_text()


def test_the_limit_is_part_of_the_recipe_and_so_of_a_resumed_run(audited):
    recipe, _ = RunFolder(audited[0]).read_recipe()
    assert recipe.audit_above == 0
    assert built(recipe).config.audit_above == 0


def test_without_a_limit_nothing_is_audited(photos, tmp_path, monkeypatch):
    learning_only(monkeypatch)
    monkeypatch.setattr(CheckerboardCheck, "_audit", lambda *_: pytest.fail("nothing is to be audited"))
    told = Told()
    train(made(photos), tmp_path / "run", told.reporter())
    assert "audit" not in told.text
    assert read_recipe(tmp_path / "run" / "run.toml").audit_above is None


def test_a_network_without_upsampling_is_audited_once(photos, monkeypatch):
    training = built(recipe(photos, audit_above=10.0))
    check, audits, audit = training.checkerboards, [], CheckerboardCheck._audit
    monkeypatch.setattr(CheckerboardCheck, "_audit", lambda *given: audits.append(1) or audit(*given))
    network = training.random_network()
    assert [check.row(network), check.row(network)] == [{}, {}]
    assert len(audits) == 1


def test_a_score_within_the_limit_is_no_warning(photos):
    check = built(made(photos, audit_above=10.0)).checkerboards
    assert check.warning(3, 9.9) is None
    assert check.warning(3, None) is None
    assert check.warning(3, 10.1).startswith("warning: step 3: the checkerboard score is 10.1 dB, above")


def test_task_layers_are_audited_too(photos_with_masks, monkeypatch):
    """Softmax is part of the model file, so its result is the one to look at."""
    settings = {"network": "pixelwise", "network_settings": {"widths": [4]}}
    training, seen = built(recipe(photos_with_masks, "segment", audit_above=10.0, **settings)), []
    monkeypatch.setattr(checkerboard_check, "audit_graph", lambda graph, *_, **__: seen.append(graph))
    training.checkerboards.row(training.random_network())
    assert "Softmax" in [node.kind for node in seen[0].nodes]


@pytest.fixture(scope="module")
def photos_with_masks(tmp_path_factory):
    from tests.training.making import folder_for

    return folder_for("segment", tmp_path_factory.mktemp("masks"))
