"""Going on after any kind of end: the weights are those of a training that nobody stopped, bit for bit."""

import csv
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
import torch

from repix.errors import WrongUse
from repix.training import judge, keeper, resume, train
from repix.training.run_folder import RunFolder
from tests.data.drawing import photo, put
from tests.training import making
from tests.training.making import SIZE, Told, environment

STEPS = 16  # with three judgements after 5, 10 and 16, and larger patches from 12 on
NETWORKS = {
    "pixelwise": {"network": "pixelwise", "network_settings": {"widths": [4]}},
    "unet": {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "batch"}},
    "unet by Muon": {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "batch"}, "optimizer": "muon"},
}


def recipe(folder, **more):
    return making.recipe(folder, **{"validations": 3, **more})


class Killed(BaseException):
    """Stands for SIGKILL: nothing of repix may catch it."""


@pytest.fixture
def watched(lean, monkeypatch):
    """Saved after every step; the last state is copied beside; `after[0]` steps end it all, where that is not 0."""
    after = [0]
    save = keeper.Keeper._save

    def watching(self, trainer):
        save(self, trainer)
        shutil.copy(self.folder.resume, self.folder.path / "last.ckpt")
        torch.load(self.folder.resume, weights_only=True)
        if trainer.global_step == after[0]:
            raise Killed

    monkeypatch.setattr(keeper, "EVERY", -1)
    monkeypatch.setattr(keeper.Keeper, "_save", watching)
    return after


def last_state(run):
    return torch.load(run / "last.ckpt", weights_only=True)


def table(run):
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    return [{name: one for name, one in row.items() if name != "seconds"} for row in rows]


def require_equal(run, other):
    """Everything that was learnt and judged, but not how long it took."""
    assert (run / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    assert table(run) == table(other)
    states = [last_state(one) for one in (run, other)]
    for name, weights in states[0]["state_dict"].items():
        assert torch.equal(weights, states[1]["state_dict"][name]), name
    moments = [state["optimizer_states"][0]["state"] for state in states]
    assert moments[0].keys() == moments[1].keys()
    for number, parts in moments[0].items():
        assert all(torch.equal(part, moments[1][number][name]) for name, part in parts.items())


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_stopped_anywhere(network, photos, watched, tmp_path):
    """Between judgements, at one, and on both sides of the change of the patches; once and several times."""
    made = recipe(photos, steps=STEPS, **NETWORKS[network])
    train(made, tmp_path / "whole", Told().telling())
    assert last_state(tmp_path / "whole")["global_step"] == STEPS
    for name, stops in {"one": [3], "more": [5, 11, 12, 13, 16]}.items():
        run = tmp_path / name
        for number, stop in enumerate(stops):
            watched[0] = stop
            with pytest.raises(Killed):
                resume(run, Told().telling()) if number else train(made, run, Told().telling())
            assert (run / "resume.ckpt").exists()
        watched[0] = 0
        assert resume(run, Told().telling()).complete
        require_equal(run, tmp_path / "whole")
        assert not (run / "resume.ckpt").exists()
        assert not list(run.glob(".*.tmp"))


def test_stopped_before_anything_was_saved(photos, watched, tmp_path, monkeypatch):
    made = recipe(photos, steps=STEPS)
    train(made, tmp_path / "whole", Told().telling())
    with monkeypatch.context() as patch:
        patch.setattr(judge.Judge, "on_train_batch_end", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            train(made, tmp_path / "run", Told().telling())
    assert not (tmp_path / "run" / "resume.ckpt").exists()
    resume(tmp_path / "run", Told().telling())
    require_equal(tmp_path / "run", tmp_path / "whole")


def test_when_the_state_is_saved_makes_no_difference(photos, watched, tmp_path, monkeypatch):
    made = recipe(photos, steps=STEPS)
    train(made, tmp_path / "often", Told().telling())
    monkeypatch.setattr(keeper, "EVERY", 1e9)
    train(made, tmp_path / "seldom", Told().telling())
    require_equal(tmp_path / "often", tmp_path / "seldom")


def test_resuming_what_is_complete_changes_nothing_of_the_weights(photos, watched, tmp_path):
    run = tmp_path / "run"
    train(recipe(photos), run, Told().telling())
    before = (run / "model.safetensors").read_bytes()
    told = Told()
    assert resume(run, told.telling()).complete
    assert "This run is complete." in told
    assert (run / "model.safetensors").read_bytes() == before
    assert RunFolder(run).read_recipe()[1]["trained"]["steps"] == 2


DRIVER = """
import os, signal, sys
import torch
from repix.training import export, judge, keeper, preparing, rehearsal
torch.set_num_threads(1)
keeper.EVERY, rehearsal.MOST_STEPS, export.ENGINES = -1, 2, ("openvino",)
preparing.VALIDATING, preparing.MOST_VALIDATIONS = 1e9, 3
import repix.training.comparison
repix.training.comparison.classical = lambda _: None
number, step = getattr(signal, sys.argv[1]), int(sys.argv[2])
save, begin = keeper.Keeper._save, keeper.Keeper.on_train_batch_end

def killing(self, trainer):
    save(self, trainer)
    if number == signal.SIGKILL and trainer.global_step == step:
        os.kill(os.getpid(), number)

def asking(self, trainer, *rest):
    if number == signal.SIGINT and trainer.global_step == step:
        os.kill(os.getpid(), number)
    begin(self, trainer, *rest)

keeper.Keeper._save, keeper.Keeper.on_train_batch_end = killing, asking
from repix.cli import main
sys.argv = ["repix", *sys.argv[3:]]
main()
"""


def stopped(signal_name: str, step: int, cache: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`repix` in a process that sends itself a signal after a step."""
    command = [sys.executable, "-W", "error", "-c", DRIVER, signal_name, str(step), *map(str, words)]
    return subprocess.run(command, env=environment(cache), capture_output=True, text=True, check=False)


def words(photos, run):
    given = f"train denoise {photos} -o {run} --steps {STEPS} --grey --size 8 --batch 2 --keep-out 1 --device cpu"
    return [*given.split(), "--precision", "fp32", "--network", "pixelwise", "--set", "widths=4", "--rate", "0.01"]


def test_killed_by_the_system(photos, watched, cache, tmp_path):
    train(recipe(photos, steps=STEPS), tmp_path / "whole", Told().telling())
    killed = stopped("SIGKILL", 7, cache, *words(photos, tmp_path / "run"))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "run" / "model.onnx").exists()
    resume(tmp_path / "run", Told().telling())
    require_equal(tmp_path / "run", tmp_path / "whole")


def test_ctrl_c_ends_after_the_step_with_a_model(photos, watched, cache, tmp_path):
    """Even before anything was judged."""
    train(recipe(photos, steps=STEPS), tmp_path / "whole", Told().telling())
    run = tmp_path / "run"
    ended = stopped("SIGINT", 2, cache, *words(photos, run))
    assert (ended.returncode, ended.stderr) == (130, "")
    assert ended.stdout.splitlines()[-1] == f"Stopped after 2 of {STEPS} steps; add --resume to go on."
    assert (run / "model.onnx").stat().st_size > 0
    assert torch.load(run / "resume.ckpt", weights_only=True)["global_step"] == 2
    assert resume(run, Told().telling()).complete
    require_equal(run, tmp_path / "whole")


def test_a_second_ctrl_c_ends_at_once_and_a_third_would_too(photos, watched, tmp_path, monkeypatch):
    """Lightning would leave with 1, and ignore every later one."""
    before = signal.getsignal(signal.SIGINT)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(judge.Judge, "on_train_batch_end", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(recipe(photos, steps=STEPS), tmp_path / "run", Told().telling())
    assert signal.getsignal(signal.SIGINT) is before
    assert resume(tmp_path / "run", Told().telling()).complete


def test_a_run_does_not_mind_where_it_is_resumed_from(photos, watched, tmp_path, monkeypatch):
    """Folders that were named from where the training began."""
    put(tmp_path / "here" / "others" / "new.png", photo(50, SIZE))
    monkeypatch.chdir(tmp_path / "here")
    watched[0] = 3
    with pytest.raises(Killed):
        train(recipe(photos, steps=STEPS, keep_out="others"), tmp_path / "run", Told().telling())
    watched[0] = 0
    monkeypatch.chdir(tmp_path)
    assert resume(tmp_path / "run", Told().telling()).complete


def test_a_recipe_that_starts_from_another_trains_that_first_and_goes_on_where_it_stopped(photos, watched, tmp_path):
    first = recipe(photos, steps=4, **NETWORKS["pixelwise"])
    (tmp_path / "first.toml").write_text(tomli_w.dumps(first.plain()))
    second = recipe(photos, steps=3, seed=1, start=str(tmp_path / "first.toml"), **NETWORKS["pixelwise"])
    watched[0] = 2
    with pytest.raises(Killed):
        train(second, tmp_path / "run", Told().telling())
    assert not (tmp_path / "run" / "run.toml").exists()
    watched[0] = 0
    told = Told()
    assert train(second, tmp_path / "run", told.telling()).complete
    assert "run-first is what this run starts from." in told.text
    train(first, tmp_path / "by-hand-first", Told().telling())
    train(replace(second, start=str(tmp_path / "by-hand-first")), tmp_path / "by-hand", Told().telling())
    require_equal(tmp_path / "run", tmp_path / "by-hand")
    weights = {name: (tmp_path / name / "model.safetensors").read_bytes() for name in ("run", "run-first")}
    assert weights["run"] != weights["run-first"]


def test_a_first_run_by_another_recipe_is_not_taken(photos, watched, tmp_path):
    first = recipe(photos, steps=2, **NETWORKS["pixelwise"])
    (tmp_path / "first.toml").write_text(tomli_w.dumps(first.plain()))
    second = recipe(photos, steps=2, start=str(tmp_path / "first.toml"), **NETWORKS["pixelwise"])
    train(replace(first, seed=9), tmp_path / "run-first", Told().telling())
    with pytest.raises(WrongUse, match=r"was trained by another recipe than the one to start from \(seed differs\)"):
        train(second, tmp_path / "run", Told().telling())
    with pytest.raises(WrongUse, match="they must keep out the same pictures"):
        train(replace(second, keep_out=2), tmp_path / "other", Told().telling())
    (tmp_path / "first.toml").write_text(tomli_w.dumps(replace(first, start="first.toml").plain()))
    with pytest.raises(WrongUse, match="starts from itself"):
        train(second, tmp_path / "third", Told().telling())
