"""Honest failure: what went wrong is said in a sentence, and what was good before is kept."""

import errno
import fcntl
import os
import shutil
import threading
from dataclasses import replace
from math import inf, nan

import pytest
import torch
from safetensors.torch import save_file
from tensorboard.summary.writer.record_writer import RecordWriter
from torch import nn

from repix import registry
from repix.conversion import Contract
from repix.errors import DiskFull, RepixError, Unreadable, Unwritable, WrongUse
from repix.evaluation import filtered
from repix.metrics import Metric
from repix.training import checkpoint, resume, schedule, train
from repix.training.build import Training
from repix.training.comparison import Comparison, Row
from repix.training.ema import ExponentialMovingAverage
from repix.training.logs import tensorboard_log
from repix.training.objectives import Diverged, supervised, task_loss
from repix.training.overfit_check import OverfitCheck, most_steps
from repix.training.pretrained import read_weights
from repix.training.run_export import export_run
from repix.training.run_folder import RunFolder
from repix.training.state import TrainingState
from tests.data.drawing import photo, put
from tests.training.making import CHECKED, SIZE, Told, built, folder_for, learning_only, recipe


@pytest.fixture
def run(half, tmp_path):
    """A copy of it to spoil."""
    return shutil.copytree(half, tmp_path / "run")


def sentence(raised):
    text = str(raised.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert isinstance(raised.value, RepixError)
    return text


def test_a_loss_that_is_no_number_ends_it_and_the_state_before_is_kept(photos, lean, tmp_path, monkeypatch):
    train(recipe(photos, steps=4), tmp_path / "whole", Told().reporter())
    calls = []

    def failing(*given):
        calls.append(0)
        return task_loss(*given) * (nan if len(calls) == CHECKED + 4 else 1)

    with monkeypatch.context() as patch:
        patch.setattr(supervised, "task_loss", failing)
        with pytest.raises(
            Diverged, match=r"The loss became nan in step 4\. Train again with a lower learning rate"
        ) as raised:
            train(recipe(photos, steps=4), tmp_path / "run", Told().reporter())
    assert sentence(raised)
    assert raised.value.exit_code == 1
    assert torch.load(tmp_path / "run" / "resume.ckpt", weights_only=True)["step"] == 3
    resume(tmp_path / "run", Told().reporter())
    first, second = (tmp_path / name / "model.safetensors" for name in ("whole", "run"))
    assert first.read_bytes() == second.read_bytes()


def test_weights_that_are_no_numbers_are_not_kept(photos):
    training = built(recipe(photos, lr=1.5))
    network = training.random_network()
    objective = training.objective(network, training.config.compute.fabric())
    one = TrainingState(objective, ExponentialMovingAverage(network), training.schedule)
    one.require_finite()
    with torch.no_grad():
        next(network.parameters()).view(-1)[-1] = inf
    with pytest.raises(Diverged, match=r"weights became infinite in step 0.*it was 1\.5"):
        one.require_finite()


def test_flat_results_three_times_in_a_row_end_it(photos, lean, tmp_path, monkeypatch):
    """All weights zero: only the last bias learns. While it is early, that says nothing."""
    monkeypatch.setattr(schedule, "EARLY_STEPS", 1)
    made = recipe(photos, steps=5)
    module = built(made).random_network()
    save_file({name: torch.zeros_like(w) for name, w in module.state_dict().items()}, tmp_path / "zero.safetensors")
    with pytest.raises(
        Diverged, match="same value for every pixel of every picture in 3 validations in a row, the last in step 4"
    ):
        train(replace(made, init_from=str(tmp_path / "zero.safetensors")), tmp_path / "run", Told().reporter())
    told = Told()
    train(replace(made, init_from=str(tmp_path / "zero.safetensors"), steps=3), tmp_path / "short", told.reporter())
    assert "step 3 of 3" in told.text
    monkeypatch.undo()
    learning_only(monkeypatch)
    train(replace(made, init_from=str(tmp_path / "zero.safetensors")), tmp_path / "young", told.reporter())
    assert "step 5 of 5" in told.text


class Useless(nn.Module):
    """Gives no weight any influence."""

    def __init__(self, detached):
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 1)
        self.detached = detached

    def forward(self, x):
        return self.layer(x).detach() if self.detached else self.layer(x) * 0


@pytest.mark.parametrize("detached", [True, False])
def test_a_network_that_cannot_learn_is_refused_before_training(photos, lean, tmp_path, monkeypatch, detached):
    with monkeypatch.context() as patch:
        patch.setattr(Training, "random_network", lambda _: Useless(detached))
        with pytest.raises(Diverged, match="The loss depends on no weight of the network"):
            train(recipe(photos), tmp_path / "run", Told().reporter())
    assert train(recipe(photos), tmp_path / "run", Told().reporter()).complete  # the folder is free for the next try


def test_a_model_that_is_worse_than_nothing_is_said_to_be(finished):
    assert finished.trained.comparison.lost_to == ("nothing",)
    assert finished.trained.comparison.useless
    said = finished.told[-1]
    assert said.startswith("After 4 steps the model is no better than nothing by pooled psnr-gray (")
    assert "this training was too short to be useful. Train with more minutes or steps, or choose a smaller" in said


@pytest.mark.parametrize(
    ("own", "others", "lost"),
    [
        (30.0, {"nothing": 20.0, "bm3d": 29.0}, ()),
        (30.0, {"nothing": 20.0, "bm3d": 30.0}, ("bm3d",)),
        (30.0, {"nothing": inf, "bm3d": 31.0}, ("nothing", "bm3d")),
        (inf, {"nothing": 20.0}, ()),
        (nan, {"nothing": 20.0}, ("nothing",)),
    ],
)
def test_who_lost_to_whom(own, others, lost):
    rows = [
        Row("the model", {"psnr-gray": own}, 1.0),
        *(Row(name, {"psnr-gray": one}, 1.0) for name, one in others.items()),
    ]
    comparison = Comparison((*rows, Row("unmeasured", {"other": 1e9}, 1.0)), registry.get("metrics", "psnr-gray"), 3)
    assert comparison.lost_to == lost
    assert any("train longer, or use this filter" in one for one in comparison.sentences()) == (lost == ("bm3d",))
    assert any("too short to be useful" in one for one in comparison.sentences()) == ("nothing" in lost)
    contract = Contract("denoise", metrics=comparison.metrics())  # JSON knows no infinity
    assert set(contract.metrics[0]["others"]) == set(others)


def test_a_metric_may_be_better_when_lower():
    rows = tuple(
        Row(name, {"rmse": value}, 1.0) for name, value in (("the model", 3.0), ("nothing", 5.0), ("bm3d", 2.5))
    )
    comparison = Comparison(rows, Metric(max, better="lower"), 3)
    assert comparison.lost_to == ("bm3d",)
    assert (
        Comparison(rows[:2], Metric(max, better="lower"), 3)
        .sentences()[-1]
        .endswith("better than all of these by 2 (rmse).")
    )


def test_nothing_kept_out_is_said(photos, fast, tmp_path):
    told = Told()
    trained = train(recipe(photos, holdout=0), tmp_path / "run", told.reporter())
    assert (trained.comparison, trained.contract.metrics) == (None, ())
    assert "No picture was held out, so the quality of this model was not measured" in told.text
    assert trained.contract.trained["best"] == 2  # the last weights


def test_one_training_at_a_time(run, photos, tmp_path):
    with RunFolder(run).locked(), pytest.raises(Unwritable, match="Another training writes to") as raised:
        resume(run, Told().reporter())
    assert sentence(raised)
    fresh = tmp_path / "fresh"
    with RunFolder(fresh).locked(), pytest.raises(Unwritable, match="Another training writes to"):
        train(recipe(photos), fresh, Told().reporter())
    assert not (fresh / ".lock").exists()


def test_a_folder_that_is_not_free_is_refused(finished, photos, tmp_path):
    longer = f"contains a complete run; to train longer, .*: --init-from {finished.path} -o {finished.path}2"
    with pytest.raises(WrongUse, match=longer):
        train(recipe(photos), finished.path, Told().reporter())
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "run.toml").write_text("")
    with pytest.raises(WrongUse, match="already contains a run; add --resume"):
        train(recipe(photos), tmp_path / "begun", Told().reporter())
    put(tmp_path / "full" / "holiday.png", photo(1, SIZE))
    with pytest.raises(Unwritable, match="is not empty; name a new folder"):
        train(recipe(photos), tmp_path / "full", Told().reporter())
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritable, match="is a file; name a folder"):
        train(recipe(photos), tmp_path / "file", Told().reporter())
    with pytest.raises(Unwritable, match="cannot be written: part of the path is a file"):
        train(recipe(photos), tmp_path / "file" / "run", Told().reporter())


def test_what_is_no_run_cannot_be_resumed(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Unreadable, match=r"contains no run\.toml"):
            resume(path, Told().reporter())
    assert not (tmp_path / "nowhere").exists()


def test_other_pictures_cannot_be_gone_on_with(lean, tmp_path):
    folder = folder_for("denoise", tmp_path / "photos")
    train(recipe(folder), tmp_path / "run", Told().reporter())
    before = (folder / "0.png").read_bytes()
    put(folder / "0.png", photo(99, SIZE))
    with pytest.raises(WrongUse, match="are not those that this run was trained on"):
        resume(tmp_path / "run", Told().reporter())
    (folder / "0.png").write_bytes(before)
    assert resume(tmp_path / "run", Told().reporter()).complete
    shutil.rmtree(folder)
    with pytest.raises(RepixError) as raised:
        resume(tmp_path / "run", Told().reporter())
    assert str(folder) in sentence(raised)


def test_a_run_begins_with_the_weights_of_another(finished, photos, lean, tmp_path):
    made = recipe(photos, steps=1, seed=7, init_from=str(finished.path))
    training = built(made)
    module = training.initial_network()
    given = read_weights(finished.path)
    assert all(torch.equal(one, given[name]) for name, one in module.state_dict().items())
    batch = training.dataset()[0]
    expected = float(task_loss(module.train(), training.task, batch).detach())
    told = Told()
    train(made, tmp_path / "run", told.reporter())
    assert f"step 1 of 1: loss {expected:.4g}" in told.text
    other = recipe(photos, init_from=str(finished.path), network="dncnn", network_settings={"depth": 3, "width": 6})
    with pytest.raises(WrongUse, match=r"fits only \d+% of this network's weights"):
        train(other, tmp_path / "other", Told().reporter())
    with pytest.raises(Unreadable, match="there is no such file"):
        train(recipe(photos, init_from=str(tmp_path / "nowhere")), tmp_path / "third", Told().reporter())


@pytest.mark.parametrize("content", [b"", b"no state at all", 0.5, 0.98], ids=str)
def test_a_damaged_state_is_refused(run, lean, content):
    """Something else, or only a share of it."""
    file = run / "resume.ckpt"
    whole = file.read_bytes()
    file.write_bytes(content if isinstance(content, bytes) else whole[: int(len(whole) * content)])
    with pytest.raises(Unreadable, match="is damaged") as raised:
        resume(run, Told().reporter())
    assert sentence(raised)


def test_a_state_of_something_else_is_refused(run, lean):
    file = run / "resume.ckpt"
    whole = torch.load(file, weights_only=True)
    torch.save([1, 2], file)
    with pytest.raises(Unreadable, match="is damaged"):
        resume(run, Told().reporter())
    torch.save(whole, file)
    text = (run / "run.toml").read_text()
    (run / "run.toml").write_text(text.replace("widths = [\n    4,\n]", "widths = [\n    5,\n]"))
    with pytest.raises(Unreadable, match="does not fit the network of"):
        resume(run, Told().reporter())
    (run / "run.toml").write_text(text)
    assert resume(run, Told().reporter()).complete


def test_damaged_weights_and_recipes_are_refused(run, lean):
    weights, toml = run / "model.safetensors", run / "run.toml"
    whole, text = weights.read_bytes(), toml.read_text()
    weights.write_bytes(whole[:-5])
    with pytest.raises(Unreadable, match="contains no weights") as raised:
        export_run(run)
    assert sentence(raised)
    save_file({"other": torch.zeros(3)}, weights)
    with pytest.raises(Unreadable, match="does not fit the network"):
        export_run(run)
    weights.unlink()
    with pytest.raises(Unreadable, match="contains no weights yet"):
        export_run(run)
    for spoiled, words in [
        ("task = ", "is not valid TOML"),
        ("record = 5\n" + text.split("[record]")[0], "is not a table"),
    ]:
        toml.write_text(spoiled)
        with pytest.raises(Unreadable, match=words) as raised:
            resume(run, Told().reporter())
        assert "\n" not in str(raised.value)
    toml.write_text(text.replace('task = "denoise"', 'task = "denoize"'))
    with pytest.raises(WrongUse, match="did you mean 'denoise'"):
        resume(run, Told().reporter())


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_said_and_leaves_what_was_good(run, lean, monkeypatch):
    before = (run / "resume.ckpt").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_flush_to_disk", full)
        with pytest.raises(Unwritable, match=r"resume\.ckpt cannot be written: the disk is full\.") as raised:
            resume(run, Told().reporter())
    assert sentence(raised)
    assert (run / "resume.ckpt").read_bytes() == before
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Unwritable, match=r"cannot be written: the disk is full\."):
            resume(run, Told().reporter())
    assert (run / "resume.ckpt").read_bytes() == before
    assert not list(run.glob(".*.tmp"))
    assert resume(run, Told().reporter()).complete


@pytest.mark.parametrize("act", ["add_scalar", "flush", "close"])
def test_a_full_disk_is_said_by_tensorboard_s_writer_too(act, run, lean, tmp_path, monkeypatch):
    """Its files are not ours, and its errors are the system's; an error of ours before is not hidden by them."""
    other = shutil.copytree(run, tmp_path / "other")
    with monkeypatch.context() as patch:
        patch.setattr(tensorboard_log.SummaryWriter, act, full)
        with pytest.raises(DiskFull, match=r"events cannot be written: the disk is full\.") as raised:
            resume(run, Told().reporter())
        assert sentence(raised)
        patch.setattr(checkpoint, "_flush_to_disk", full)
        with pytest.raises(DiskFull, match="cannot be written: the disk is full") as raised:
            resume(other, Told().reporter())
    assert sentence(raised)
    assert resume(run, Told().reporter()).complete


def test_what_must_be_mended_is_named_with_its_files(photos, tmp_path):
    """The same picture to learn from and to judge by; the path keeps its dots."""
    shutil.copytree(photos, tmp_path / "others")
    with pytest.raises(WrongUse, match=r"in validation \(\d\.png, \.\./.*/others/\d\.png\)\. Remove one") as raised:
        train(recipe(photos, holdout=str(tmp_path / "others")), tmp_path / "run", Told().reporter())
    assert sentence(raised)


@pytest.mark.parametrize(
    ("first", "last", "learns"),
    [(0.5, 0.4, True), (0.5, 0.46, False), (-3.0, -3.4, True), (-3.0, -3.1, False), (-3.0, -2.8, False)],
)
def test_the_overfit_check_understands_losses_below_zero(first, last, learns):
    assert OverfitCheck(first, last, 50).learns == learns


@pytest.mark.parametrize(("steps", "most"), [(3, 25), (600, 30), (10**6, 400)])
def test_the_overfit_check_of_a_run_by_steps_is_a_twentieth_of_it(steps, most, photos):
    assert most_steps(built(recipe(photos, steps=steps)).config) == most


def test_the_overfit_check_of_a_run_by_minutes_is_limited_by_time(photos):
    assert most_steps(built(recipe(photos, steps=None, minutes=1)).config) == 400


def test_an_error_in_tensorboard_s_thread_is_one_sentence(run, lean, monkeypatch):
    """Its thread raises the error, too; only the sentence is shown. Errors of other threads are not hidden."""
    seen = []
    monkeypatch.setattr(threading, "excepthook", lambda end: seen.append(end.exc_type))
    tensorboard_log._hide_tracebacks.cache_clear()
    monkeypatch.setattr(RecordWriter, "write", full)
    with pytest.raises(DiskFull, match=r"events cannot be written: the disk is full\.") as raised:
        resume(run, Told().reporter())
    assert sentence(raised)
    other = threading.Thread(target=full)
    other.start()
    other.join()
    tensorboard_log._hide_tracebacks.cache_clear()
    assert seen == [OSError]


@pytest.mark.parametrize("asked", [True, False])
def test_the_classical_filter_is_compared_if_it_is_asked_for(asked, photos, fast, tmp_path, monkeypatch):
    monkeypatch.setattr("repix.training.comparison.classical", lambda task: filtered("median size=3", task))
    trained = train(recipe(photos, classical=asked), tmp_path / "run", Told().reporter())
    names = [row.name for row in trained.comparison.rows]
    assert names == ["the model", "nothing", *(["median size=3"] if asked else [])]
    assert RunFolder(tmp_path / "run").read_recipe()[0].classical is asked


def test_a_folder_that_cannot_be_written_is_refused_before_the_pictures_are_read(photos, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    with pytest.raises(Unwritable, match=r"part of the path is a file") as raised:
        train(recipe(tmp_path / "nowhere"), in_the_way / "deep" / "run", Told().reporter())
    assert sentence(raised)


def test_waiting_for_a_lock_asks_the_system_to_wait(tmp_path, monkeypatch):
    folder, flags = RunFolder(tmp_path), []
    folder.wait_until_unlocked()  # there is none
    assert not list(tmp_path.iterdir())
    with folder.locked():
        monkeypatch.setattr(fcntl, "flock", lambda _, flag: flags.append(flag))
        folder.wait_until_unlocked()
    assert flags == [fcntl.LOCK_EX]
