"""Every task: killed, without room on the disk, with other pictures, with a loss that is no number, twice at once."""

import csv
import math
import os
import random
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from repix.data import check
from repix.errors import RepixError, Unwritable, WrongUse
from repix.training import checkpoint, resume, train
from repix.training.comparison import to_compare
from repix.training.deadline import NO_DEADLINE
from repix.training.objectives import Diverged, supervised
from repix.training.pretrained import read_weights
from tests.data.drawing import photo, put
from tests.pictures.test_files import file_size_limit
from tests.training.making import CHECKED, SIZE, TASKS, Told, built, folder_for, learning_only, recipe

STEPS = 5
MOMENTS = ("before it is saved", "while it is saved", "after it was saved")
KINDS = ("denoise", "segment", "upscale")
"""A pair that is made anew for each crop, one that is given, one that is made once."""
SOME = [pytest.param(task, marks=[] if task in KINDS else pytest.mark.long) for task in TASKS]
MANY = 10
"""Of the seeds that are drawn in `make test-long`."""


def learning(task, folder):
    """All steps validated; batch normalization, so that more than weights must be kept."""
    unet = {"network": "unet", "network_settings": {"widths": [4, 8], "norm": "batch"}}
    small = {"network": "compact", "network_settings": {"width": 4, "depth": 1}} if task == "upscale" else unet
    return recipe(folder, task, steps=STEPS, validations=STEPS, holdout=2, **small)


def learned(run):
    """The best weights, and how good all were, but not how long it took."""
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    table = [{name: one for name, one in row.items() if name != "seconds"} for row in rows]
    return (run / "model.safetensors").read_bytes(), table


def sentence(raised):
    text = str(raised.value)
    assert isinstance(raised.value, RepixError)
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Pictures for each task, for all to look at."""
    return {task: folder_for(task, tmp_path_factory.mktemp(task)) for task in TASKS}


@pytest.fixture(scope="module")
def whole(folders, tmp_path_factory):
    """What each task learns where nothing happens."""
    runs = {task: tmp_path_factory.mktemp("whole") / "run" for task in TASKS}
    with pytest.MonkeyPatch.context() as patch:
        learning_only(patch)
        for task, run in runs.items():
            train(learning(task, folders[task]), run, Told().reporter())
    return {task: learned(run) for task, run in runs.items()}


def every_step(patch, happen):
    """Save after every step; before that, something happens."""
    save = checkpoint.Checkpoint.save

    def saving(made, state):
        happen(state.step, made.folder.path)
        save(made, state)

    patch.setattr(checkpoint, "EVERY", -1)
    patch.setattr(checkpoint.Checkpoint, "save", saving)


def killed_training(task, folder, run, step, moment):
    """A training in a process of its own, which the system kills after a step."""
    patch = pytest.MonkeyPatch()
    learning_only(patch)
    save, flush, at = checkpoint.Checkpoint.save, checkpoint._flush_to_disk, [0]

    def saving(made, state):
        at[0] = state.step
        if (at[0], moment) == (step, MOMENTS[0]):
            die()
        save(made, state)
        if (at[0], moment) == (step, MOMENTS[2]):
            die()

    def flushing(path):
        if (at[0], moment) == (step, MOMENTS[1]):
            die()
        flush(path)

    patch.setattr(checkpoint, "EVERY", -1)
    patch.setattr(checkpoint.Checkpoint, "save", saving)
    patch.setattr(checkpoint, "_flush_to_disk", flushing)
    train(learning(task, Path(folder)), run, Told().reporter())


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def kill(cases, in_fork):
    """Trainings in processes of their own, each killed by the system after its step."""
    for case in cases:
        done = in_fork(killed_training, *map(str, case[:3]), *case[3:])
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def drawn(seed):
    """A step and a moment."""
    chance = random.Random(seed)  # noqa: S311 (a test's)
    return [chance.randint(1, STEPS), chance.choice(MOMENTS)]


@pytest.fixture(scope="module")
def killed(folders, in_fork, tmp_path_factory):
    """A run of each task that was killed somewhere."""
    place = tmp_path_factory.mktemp("killed")
    cases = {task: [task, folders[task], place / task, *drawn(task)] for task in TASKS}
    kill(cases.values(), in_fork)
    return cases


@pytest.mark.parametrize("task", TASKS)
def test_killed_and_resumed_it_learns_the_same(task, killed, whole, lean, tmp_path):
    run = shutil.copytree(killed[task][2], tmp_path / "run")
    assert resume(run, Told().reporter()).complete
    assert learned(run) == whole[task], killed[task]


@pytest.mark.long
@pytest.mark.parametrize("task", TASKS)
def test_killed_anywhere_and_resumed_it_learns_the_same(task, folders, in_fork, whole, lean, tmp_path):
    cases = [[task, folders[task], tmp_path / str(seed), *drawn(f"{task} {seed}")] for seed in range(MANY)]
    kill(cases, in_fork)
    for case in cases:
        resume(case[2], Told().reporter())
        assert learned(case[2]) == whole[task], case


@pytest.mark.parametrize("task", SOME)
def test_without_room_for_the_state_the_one_before_is_kept(task, folders, whole, lean, tmp_path, monkeypatch):
    """The system refuses in the middle of the file, as it does when a disk is full."""
    run, before, save = tmp_path / "run", {}, checkpoint.Checkpoint.save
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def saving(made, state):
        if state.step < 3:
            return save(made, state)
        before["content"] = (run / "resume.ckpt").read_bytes()
        with file_size_limit(len(before["content"]) // 2):
            return save(made, state)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "save", saving)
        with pytest.raises(
            Unwritable, match=r"resume\.ckpt cannot be written: the file is larger than the system"
        ) as raised:
            train(learning(task, folders[task]), run, Told().reporter())
    assert sentence(raised)
    assert (run / "resume.ckpt").read_bytes() == before["content"]
    assert not [*run.glob(".*.tmp"), *(tmp_path / "temporary").iterdir()]
    assert resume(run, Told().reporter()).complete
    assert learned(run) == whole[task]


def spoiled(file, how):
    """Other pixels, a part of the file, or no file."""
    content = file.read_bytes()
    if how == "replaced":
        put(file, photo(77, SIZE))
    elif how == "damaged":
        file.write_bytes(content[: len(content) // 2])
    else:
        file.unlink()
    return content


@pytest.mark.parametrize("task", SOME)
def test_pictures_that_change_after_the_start_change_nothing(task, folders, whole, lean, tmp_path, monkeypatch):
    """Those to learn from are in the cache, those that validate in memory."""
    folder = shutil.copytree(folders[task], tmp_path / "pictures")
    files = sorted(file for file in folder.rglob("*.png") if file.parent.name != "masks")

    def happen(step, _):
        if step == 2:
            for file, how in zip(files, ["replaced", "damaged", "gone", "replaced", "damaged"], strict=True):
                spoiled(file, how)

    every_step(monkeypatch, happen)
    train(learning(task, folder), tmp_path / "run", Told().reporter())
    assert learned(tmp_path / "run") == whole[task]


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("how", ["replaced", "damaged", "gone"])
def test_a_run_does_not_go_on_with_other_pictures(how, part, folders, whole, lean, tmp_path, monkeypatch):
    folder = shutil.copytree(folders["denoise"], tmp_path / "pictures")
    made, run = learning("denoise", folder), tmp_path / "run"
    with monkeypatch.context() as patch:
        every_step(patch, lambda step, _: signaled() if step == 3 else None)
        with pytest.raises(Killed):
            train(made, run, Told().reporter())
    file = folder / check(made.folder, made.task, made.holdout).split.parts[part][0].picture
    content, state = spoiled(file, how), (run / "resume.ckpt").read_bytes()
    with pytest.raises(RepixError) as raised:
        resume(run, Told().reporter())
    assert str(folder) in sentence(raised) or file.name in sentence(raised)
    assert (run / "resume.ckpt").read_bytes() == state
    file.write_bytes(content)
    assert resume(run, Told().reporter()).complete
    assert learned(run) == whole["denoise"]


class Killed(BaseException):
    """Stands for the end of the process."""


def signaled():
    raise Killed


@pytest.mark.parametrize("how", ["replaced", "damaged", "gone"])
def test_what_changed_is_not_compared_on(how, folders, tmp_path):
    folder = shutil.copytree(folders["denoise"], tmp_path / "pictures")
    made = learning("denoise", folder)
    training, told = built(made), Told()
    assert len(to_compare(training, NO_DEADLINE, told.append)[0]) == 2
    assert not told
    first, second = (item.picture for item in training.holdout.comparison.items)
    spoiled(folder / first, how)
    examples, _ = to_compare(training, NO_DEADLINE, told.append)
    assert [item.picture for item in examples.items] == [second]
    assert told == [f"{first}: changed or damaged since the training began, and left out of the comparison."]


@pytest.mark.parametrize("task", SOME)
def test_a_loss_that_is_no_number_keeps_the_good_weights(task, folders, whole, lean, tmp_path, monkeypatch):
    run, calls, task_loss = tmp_path / "run", [], supervised.task_loss
    bad = drawn(task)[0]

    def failing(*given):
        calls.append(0)
        return task_loss(*given) * (math.nan if len(calls) == CHECKED + bad else 1)

    with monkeypatch.context() as patch:
        patch.setattr(supervised, "task_loss", failing)
        with pytest.raises(Diverged, match=rf"The loss became nan in step {bad}\. Train again with") as raised:
            train(learning(task, folders[task]), run, Told().reporter())
    assert sentence(raised)
    if bad > 1:
        assert all(bool(one.isfinite().all()) for one in read_weights(run).values())
        assert torch.load(run / "resume.ckpt", weights_only=True)["step"] == bad - 1
    assert resume(run, Told().reporter()).complete
    assert learned(run) == whole[task]


@pytest.mark.parametrize("task", SOME)
def test_a_second_training_is_refused_and_disturbs_nothing(task, folders, whole, lean, tmp_path, monkeypatch):
    said = []

    def happen(step, run):
        if step in (1, 3):
            for again in (lambda: train(learning(task, folders[task]), run), lambda: resume(run)):
                with suppress(RepixError):
                    again()
                    said.append("a second one trained")
            with pytest.raises(Unwritable, match="Another training writes to") as raised:
                resume(run, Told().reporter())
            said.append(sentence(raised))
            with pytest.raises((Unwritable, WrongUse)) as raised:
                train(learning(task, folders[task]), run, Told().reporter())
            said.append(sentence(raised))

    every_step(monkeypatch, happen)
    train(learning(task, folders[task]), tmp_path / "run", Told().reporter())
    assert len(said) == 4
    assert learned(tmp_path / "run") == whole[task]
