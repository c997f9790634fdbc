"""Going on after any kind of end: the weights are those of a training that nobody stopped, bit for bit."""

import csv
import os
import shutil
import signal
import sys
from dataclasses import replace

import pytest
import tomli_w
import torch

from repix.cli import main
from repix.errors import WrongUse
from repix.training import (
    checkpoint,
    comparison,
    config,
    export,
    loop,
    overfit_check,
    resume,
    train,
)
from repix.training.ema import ExponentialMovingAverage
from repix.training.run_folder import RunFolder
from tests.data.drawing import photo, put
from tests.training import making
from tests.training.making import SIZE, Told

STEPS = 16  # with three validations after 5, 10 and 16, and larger patches from 12 on
ADVERSARIAL = {
    "objective": "adversarial",
    "objective_settings": {"features": "upscale-x2", "discriminator": "unet", "width": 2, "warm_up": 4},
}
NETWORKS = {
    "pixelwise": {"network": "pixelwise", "network_settings": {"widths": [4]}},
    "unet": {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "batch"}},
    "unet by Muon": {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "batch"}, "optimizer": "muon"},
    "adversarial": {"network": "pixelwise", "network_settings": {"widths": [4]}, **ADVERSARIAL},
}


def recipe(folder, **more):
    return making.recipe(folder, **{"validations": 3, **more})


class Killed(BaseException):
    """Stands for SIGKILL: nothing of repix may catch it."""


def watch(patch):
    """Save after every step, and copy the last state beside; the number in the list ends it all, where it is not 0."""
    making.learning_only(patch)
    after = [0]
    save = checkpoint.Checkpoint.save

    def watching(self, state):
        save(self, state)
        shutil.copy(self.folder.resume, self.folder.path / "last.ckpt")
        torch.load(self.folder.resume, weights_only=True)
        if state.step == after[0]:
            raise Killed

    patch.setattr(checkpoint, "EVERY", -1)
    patch.setattr(checkpoint.Checkpoint, "save", watching)
    return after


@pytest.fixture
def watched(monkeypatch):
    """Trainings that are watched, and end after step `watched[0]`."""
    return watch(monkeypatch)


@pytest.fixture(scope="module")
def whole(photos, tmp_path_factory):
    """The run that nobody stopped; nobody may change it."""
    run = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch:
        watch(patch)
        train(recipe(photos, steps=STEPS), run, Told().reporter())
    return run


def last_state(run):
    return torch.load(run / "last.ckpt", weights_only=True)


def table(run):
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    return [{name: one for name, one in row.items() if name != "seconds"} for row in rows]


def require_equal(run, other):
    """Everything that was learned and validated, but not how long it took."""
    assert (run / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    assert table(run) == table(other)
    states = [last_state(one) for one in (run, other)]
    for name, weights in states[0]["ema"].items():
        assert torch.equal(weights, states[1]["ema"][name]), name
    objectives = [state["objective"] for state in states]
    assert objectives[0].keys() == objectives[1].keys()
    for name in objectives[0]:
        one, other = (objective[name] for objective in objectives)
        if "network" in one:
            require_equal_part(one, other)
        else:
            assert one == other, name


def require_equal_part(*networks):
    """A network, its optimizer and its clipping."""
    for name, weights in networks[0]["network"].items():
        assert torch.equal(weights, networks[1]["network"][name]), name
    assert torch.equal(*(network["clipping"]["usual_norm"] for network in networks))
    moments = [network["optimizer"]["state"] for network in networks]
    assert moments[0].keys() == moments[1].keys()
    for number, parts in moments[0].items():
        assert all(torch.equal(part, moments[1][number][name]) for name, part in parts.items())


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_stopped_anywhere(network, photos, watched, tmp_path):
    """Between validations, at one, and on both sides of the change of the patches; once and several times."""
    made = recipe(photos, steps=STEPS, **NETWORKS[network])
    train(made, tmp_path / "whole", Told().reporter())
    assert last_state(tmp_path / "whole")["step"] == STEPS
    for name, stops in {"one": [3], "more": [5, 11, 12, 13, 16]}.items():
        run = tmp_path / name
        for number, stop in enumerate(stops):
            watched[0] = stop
            with pytest.raises(Killed):
                resume(run, Told().reporter()) if number else train(made, run, Told().reporter())
            assert (run / "resume.ckpt").exists()
        watched[0] = 0
        assert resume(run, Told().reporter()).complete
        require_equal(run, tmp_path / "whole")
        assert not (run / "resume.ckpt").exists()
        assert not list(run.glob(".*.tmp"))


def test_stopped_before_anything_was_saved(photos, whole, watched, tmp_path, monkeypatch):
    made = recipe(photos, steps=STEPS)
    with monkeypatch.context() as patch:
        patch.setattr(ExponentialMovingAverage, "update_parameters", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            train(made, tmp_path / "run", Told().reporter())
    assert not (tmp_path / "run" / "resume.ckpt").exists()
    resume(tmp_path / "run", Told().reporter())
    require_equal(tmp_path / "run", whole)


def test_when_the_state_is_saved_makes_no_difference(photos, whole, watched, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "EVERY", 1e9)
    train(recipe(photos, steps=STEPS), tmp_path / "seldom", Told().reporter())
    require_equal(whole, tmp_path / "seldom")


def test_resuming_what_is_complete_changes_nothing_of_the_weights(photos, watched, tmp_path):
    run = tmp_path / "run"
    train(recipe(photos), run, Told().reporter())
    before = (run / "model.safetensors").read_bytes()
    told = Told()
    assert resume(run, told.reporter()).complete
    assert any(line.startswith("This run is complete; to train longer") for line in told)
    assert (run / "model.safetensors").read_bytes() == before
    assert RunFolder(run).read_recipe()[1]["trained"]["steps"] == 2


def signaling(signal_name, step, *words):
    """`repix` that sends itself a signal after a step, in a process of its own."""
    checkpoint.EVERY, overfit_check.MOST_STEPS, export.ENGINES = -1, 2, ("openvino",)
    config.VALIDATING, config.MOST_VALIDATIONS = 1e9, 3
    comparison.classical = lambda _: None
    number = getattr(signal, signal_name)
    save, validate = checkpoint.Checkpoint.save, loop.Loop.validate_when_due

    def killing(self, state):
        save(self, state)
        if number == signal.SIGKILL and state.step == step:
            os.kill(os.getpid(), number)

    def asking(self, state):
        if number in (signal.SIGINT, signal.SIGTERM) and state.step == step:
            os.kill(os.getpid(), number)
        return validate(self, state)

    checkpoint.Checkpoint.save, loop.Loop.validate_when_due = killing, asking
    sys.argv = ["repix", *words]
    main()


def words(photos, run):
    given = (
        f"train denoise {photos} -o {run} --steps {STEPS} --gray --patch-size 8 --batch-size 2 --holdout 1 --device cpu"
    )
    return [*given.split(), "--precision", "fp32", "--network", "pixelwise", "--set", "widths=4", "--lr", "0.01"]


@pytest.mark.parametrize("more", [{}, ADVERSARIAL], ids=["supervised", "adversarial"])
def test_killed_by_the_system(more, photos, watched, in_fork, tmp_path):
    made = recipe(photos, steps=STEPS, **more)
    train(made, tmp_path / "whole", Told().reporter())
    (tmp_path / "recipe.toml").write_text(tomli_w.dumps(made.to_dict()))
    asked = ["--recipe", tmp_path / "recipe.toml", "-o", tmp_path / "run"] if more else words(photos, tmp_path / "run")
    killed = in_fork(signaling, "SIGKILL", 7, *map(str, (["train"] if more else []) + asked))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "run" / "model.onnx").exists()
    resume(tmp_path / "run", Told().reporter())
    require_equal(tmp_path / "run", tmp_path / "whole")


def test_ctrl_c_ends_after_the_step_with_a_model(photos, whole, watched, in_fork, tmp_path):
    """Even before anything was validated."""
    run = tmp_path / "run"
    ended = in_fork(signaling, "SIGINT", 2, *words(photos, run))
    assert (ended.returncode, ended.stderr) == (130, "")
    assert ended.stdout.splitlines()[-1] == f"Stopped after 2 of {STEPS} steps; add --resume to continue."
    assert (run / "model.onnx").stat().st_size > 0
    assert torch.load(run / "resume.ckpt", weights_only=True)["step"] == 2
    assert resume(run, Told().reporter()).complete
    require_equal(run, whole)


def test_sigterm_ends_after_the_step_with_the_state_and_no_model(photos, whole, watched, in_fork, tmp_path):
    """A system that shuts down leaves time to save, and perhaps none to export."""
    run = tmp_path / "run"
    ended = in_fork(signaling, "SIGTERM", 3, *words(photos, run))
    assert (ended.returncode, ended.stderr) == (143, "")
    assert ended.stdout.splitlines()[-1] == f"Terminated after 3 of {STEPS} steps; add --resume to continue."
    assert not (run / "model.onnx").exists()
    assert torch.load(run / "resume.ckpt", weights_only=True)["step"] == 3
    assert resume(run, Told().reporter()).complete
    require_equal(run, whole)


def test_ctrl_c_before_the_first_step_leaves_a_run_to_go_on_with(photos, whole, watched, tmp_path, monkeypatch):
    begin = loop.Loop.begin

    def interrupted(made, fabric):
        signal.raise_signal(signal.SIGINT)
        return begin(made, fabric)

    with monkeypatch.context() as patch:
        patch.setattr(loop.Loop, "begin", interrupted)
        assert not train(recipe(photos, steps=STEPS), tmp_path / "run", Told().reporter()).complete
    assert last_state(tmp_path / "run")["step"] == 1
    assert resume(tmp_path / "run", Told().reporter()).complete
    require_equal(tmp_path / "run", whole)


def test_a_second_ctrl_c_ends_at_once_and_a_third_would_too(photos, watched, tmp_path, monkeypatch):
    before = signal.getsignal(signal.SIGINT)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ExponentialMovingAverage, "update_parameters", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(recipe(photos, steps=STEPS), tmp_path / "run", Told().reporter())
    assert signal.getsignal(signal.SIGINT) is before
    assert resume(tmp_path / "run", Told().reporter()).complete


def test_a_run_does_not_mind_where_it_is_resumed_from(photos, watched, tmp_path, monkeypatch):
    """Folders that were named from where the training began."""
    put(tmp_path / "here" / "others" / "new.png", photo(50, SIZE))
    monkeypatch.chdir(tmp_path / "here")
    watched[0] = 3
    with pytest.raises(Killed):
        train(recipe(photos, steps=STEPS, holdout="others"), tmp_path / "run", Told().reporter())
    watched[0] = 0
    monkeypatch.chdir(tmp_path)
    assert resume(tmp_path / "run", Told().reporter()).complete


def test_a_recipe_that_starts_from_another_trains_that_first_and_goes_on_where_it_stopped(photos, watched, tmp_path):
    first = recipe(photos, steps=4, **NETWORKS["pixelwise"])
    (tmp_path / "first.toml").write_text(tomli_w.dumps(first.to_dict()))
    second = recipe(photos, steps=3, seed=1, init_from=str(tmp_path / "first.toml"), **NETWORKS["pixelwise"])
    watched[0] = 2
    with pytest.raises(Killed):
        train(second, tmp_path / "run", Told().reporter())
    assert not (tmp_path / "run" / "run.toml").exists()
    watched[0] = 0
    told = Told()
    assert train(second, tmp_path / "run", told.reporter()).complete
    assert "run-first is the run that this one starts from." in told.text
    train(first, tmp_path / "by-hand-first", Told().reporter())
    train(replace(second, init_from=str(tmp_path / "by-hand-first")), tmp_path / "by-hand", Told().reporter())
    require_equal(tmp_path / "run", tmp_path / "by-hand")
    weights = {name: (tmp_path / name / "model.safetensors").read_bytes() for name in ("run", "run-first")}
    assert weights["run"] != weights["run-first"]


def test_a_first_run_by_another_recipe_is_not_taken(photos, watched, tmp_path):
    first = recipe(photos, steps=2, **NETWORKS["pixelwise"])
    (tmp_path / "first.toml").write_text(tomli_w.dumps(first.to_dict()))
    second = recipe(photos, steps=2, init_from=str(tmp_path / "first.toml"), **NETWORKS["pixelwise"])
    train(replace(first, seed=9), tmp_path / "run-first", Told().reporter())
    with pytest.raises(WrongUse, match=r"was trained by another recipe than the one to start from \(seed differs\)"):
        train(second, tmp_path / "run", Told().reporter())
    with pytest.raises(WrongUse, match="they must hold out the same pictures"):
        train(replace(second, holdout=2), tmp_path / "other", Told().reporter())
    (tmp_path / "first.toml").write_text(tomli_w.dumps(replace(first, init_from="first.toml").to_dict()))
    with pytest.raises(WrongUse, match="starts from itself"):
        train(second, tmp_path / "third", Told().reporter())
