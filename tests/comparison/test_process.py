"""Runs in processes of their own: they stop with the grid's process, and their errors are sentences."""

from time import monotonic, sleep

import pytest

from repix.comparison.grid_folder import GridFolder
from repix.comparison.runner import TrainingProcess
from tests.comparison.conftest import base, grid
from tests.training.making import environment

MOST = 300.0
"""Seconds that a process may take on a busy machine."""


@pytest.fixture
def own(monkeypatch, cache):
    """The processes find this repix, and a cache that is nobody's."""
    for name, value in environment(cache).items():
        monkeypatch.setenv(name, value)


def begun(made, output):
    """The job of the first run of a grid."""
    folder, members = GridFolder(output), made.members()
    folder.begin(made.base, members, made.seeds)
    return folder.jobs(members, made.seeds)[0]


def waited(done):
    end = monotonic() + MOST
    while not done():
        assert monotonic() < end
        sleep(0.05)


def test_an_error_is_the_sentence_of_the_training(own, tmp_path):
    process = TrainingProcess(begun(grid(tmp_path / "nowhere"), tmp_path / "grid"), threads=1)
    waited(lambda: process.poll() is not None)
    assert process.poll() == 1
    assert process.reason() == f"{tmp_path / 'nowhere'}: there is no such folder."


def test_a_run_stops_with_a_checkpoint_when_the_grid_s_process_has_ended(own, photos, tmp_path):
    job = begun(grid(photos, base=base(photos, steps=10**6)), tmp_path / "grid")
    process = TrainingProcess(job, threads=1)
    try:
        waited(lambda: job.run.recipe.exists() or process.poll() is not None)
        process._process.stdin.close()  # as if the grid's process had been killed
        waited(lambda: process.poll() is not None)
    finally:
        process.stop()
    assert process.poll() == 143
    assert job.run.resume.exists()
    assert not job.run.model.exists()
