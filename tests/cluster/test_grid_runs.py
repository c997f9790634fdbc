"""Runs of a grid on a cluster, without Ray: workers start, watch and stop trainings."""

import threading
from pathlib import Path
from typing import ClassVar

import pytest

from repix.cluster import grid_runs
from repix.cluster.grid_runs import Trainer, start_on
from repix.comparison.runner import Job, Runner
from repix.training.run_folder import RunFolder
from tests.cluster.members import ThreadMember, crew_of


class Training:
    """A "training" that ends after some polls, or when it is asked to stop."""

    stopped: ClassVar[list[str]] = []

    def __init__(self, job, threads):
        self.job, self.threads, self.code, self.polls = job, threads, None, 0

    def poll(self):
        self.polls += 1
        if self.job.seed < 2 and self.polls == 2:
            self.code = self.job.seed
        return self.code

    def reason(self):
        return f"{self.job.title} has no pictures." if self.code else ""

    def stop(self):
        self.stopped.append(self.job.title)
        self.code = 130


def jobs(*seeds):
    return [Job("plain", seed, Path(f"{seed}.toml"), RunFolder(Path(f"runs/{seed}"))) for seed in seeds]


def test_runs_of_a_grid_are_trained_by_workers(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(grid_runs, "TrainingProcess", Training)
    shipment = grid_runs.runs_of(1, "cpu")
    crew = crew_of(ThreadMember(shipment, slots=1, lives=0), ThreadMember(shipment, slots=1))
    said = []
    runner = Runner(start_on(crew), 9, said.append, crew.room)
    runner.run(jobs(0, 1))
    assert runner.failures == {Path("runs/1"): "plain, seed 1 has no pictures."}
    assert said.count("plain, seed 0: the training begins.") == 1
    assert sum("is trained" in one for one in said) == 1


def test_a_stopped_grid_stops_its_runs_with_a_checkpoint(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(grid_runs, "TrainingProcess", Training)
    monkeypatch.setattr(Training, "stopped", [])
    crew = crew_of(ThreadMember(grid_runs.runs_of(1, "cpu"), slots=1))

    def message(sentence):
        if "begins" in sentence:
            threading.Timer(0.0, began.set).start()

    began = threading.Event()
    runner = Runner(start_on(crew), 9, message, lambda: _interrupted_when(began, crew))
    with pytest.raises(KeyboardInterrupt):
        runner.run(jobs(5, 6))
    assert Training.stopped == ["plain, seed 5"]


def _interrupted_when(began, crew):
    """The room of the crew; Ctrl-C as soon as a worker trains."""
    if began.is_set() and any(member.process.progress() for member in crew.members()):
        raise KeyboardInterrupt
    return crew.room()


def test_a_run_on_a_gpu_takes_one():
    assert (grid_runs.runs_of(2, "cuda").gpus, grid_runs.runs_of(2, "cpu").gpus) == (1, 0)
    assert Trainer(2).threads == grid_runs.runs_of(2, "cuda").threads == 2
