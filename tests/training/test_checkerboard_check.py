"""Audits in a training: they warn, they are logged, and they change nothing that is learned."""

import csv
import random

import numpy as np
import pytest
import tomli_w
import torch

from repix import audit_model
from repix.cli._app import run as command
from repix.training import checkerboard_check, resume, train
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


@pytest.fixture
def scored(monkeypatch):
    """Validations with injected scores, in dB: within the limit, then above it."""
    scores = iter([3.0, 12.5, 20.0])
    monkeypatch.setattr(CheckerboardCheck, "row", lambda *_: {COLUMN: next(scores)})


STOPPING = {"steps": 9, "validations": 3, "audit_above": 10.0, "audit_stops": True}


def test_a_score_above_the_limit_stops_the_training_and_it_can_be_resumed(photos, tmp_path, monkeypatch, scored):
    learning_only(monkeypatch)
    monkeypatch.setattr(CheckerboardCheck, "conclusion", lambda *_: None)
    told, run = Told(), tmp_path / "run"
    trained = train(made(photos, **STOPPING), run, told.reporter())
    assert not trained.complete
    assert trained.model.exists()
    steps = [int(row["step"]) for row in csv.DictReader((run / "metrics.csv").read_text().splitlines())]
    assert len(steps) == 2
    said = [line for line in told if "audit_stops" in line]
    assert len(said) == 1
    assert said[0] == (
        f"warning: step {steps[1]}: the checkerboard score is 12.5 dB, above the limit of 10 dB (audit_above); the "
        "training stops (audit_stops)."
    )
    assert told[-1] == f"Stopped after {steps[1]} of 9 steps; add --resume to continue."
    told = Told()
    assert resume(run, told.reporter()).complete  # the third validation is at the last step: nothing is left to stop
    assert not any("the training stops" in line for line in told)
    assert any(line.startswith("warning: step 9: the checkerboard score is 20.0 dB") for line in told)


def test_without_audit_stops_the_same_scores_only_warn(photos, tmp_path, monkeypatch, scored):
    learning_only(monkeypatch)
    monkeypatch.setattr(CheckerboardCheck, "conclusion", lambda *_: None)
    assert train(made(photos, **STOPPING | {"audit_stops": False}), tmp_path / "run", Told().reporter()).complete


def test_the_command_ends_with_the_code_of_a_stopped_training(photos, tmp_path, monkeypatch, scored, capsys):
    learning_only(monkeypatch)
    monkeypatch.setattr(CheckerboardCheck, "conclusion", lambda *_: None)
    file = tmp_path / "recipe.toml"
    file.write_text(tomli_w.dumps(made(photos, **STOPPING).to_dict()))
    assert command(["train", "--recipe", str(file), "-o", str(tmp_path / "run")]) == 130


def test_stopping_without_a_limit_is_refused(photos, tmp_path, capsys):
    words = ["train", "denoise", str(photos), "-o", str(tmp_path / "run"), "--audit-stops"]
    assert command(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "audit_stops needs a limit; give audit_above too, such as 10 (dB)." in said
    assert not (tmp_path / "run").exists()


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
