"""The order of jobs, and work that is interrupted."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from repix.errors import RepixError
from repix.studio import helper_process
from repix.studio.helper_process import HelperProcess
from repix.studio.jobs import ENDED, Jobs
from repix.studio.progress import Canceled, Progress
from repix.studio.settings import StudioSettings
from tests.studio.conftest import picture_file

SECONDS = 60


@dataclass
class Told:
    """Work that says when it begins and ends, with a piece of work between."""

    folder: Path
    name: str
    said: list[str]
    begun: threading.Event
    go_on: threading.Event
    uploads = ()

    @property
    def result(self):
        return self.folder / "result"

    def to_dict(self):
        return {"kind": "told"}

    def run(self, place):
        self.said.append(f"{self.name} begins")
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        place.progress.advance(1)
        self.said.append(f"{self.name} ends")
        return []


@pytest.fixture
def jobs():
    made = Jobs(StudioSettings(waiting=4))
    yield made
    made.close()


def told(tmp_path, said, name, goes_on=True):
    folder = tmp_path / name
    folder.mkdir()
    work = Told(folder, name, said, threading.Event(), threading.Event())
    if goes_on:
        work.go_on.set()
    return work


def test_a_preview_goes_between_two_pieces_of_the_job_that_runs(jobs, tmp_path):
    said = []
    running = told(tmp_path, said, "file", goes_on=False)
    jobs.add(running)
    assert running.begun.wait(SECONDS)
    last = jobs.add(told(tmp_path, said, "next file"))
    jobs.add(told(tmp_path, said, "preview"), first=True)
    jobs.remove(jobs.add(told(tmp_path, said, "old preview"), first=True))
    running.go_on.set()
    while last.state not in ENDED:
        pass
    assert said == [
        "file begins",
        "preview begins",
        "preview ends",
        "file ends",
        "next file begins",
        "next file ends",
    ]
    assert jobs.ended["told", "done"] == 3


def change(source, target):
    return {
        "task": "change", "source": str(source), "target": str(target), "family": "filters", "member": "median",
        "settings": {}, "seed": 0, "depth": None, "quality": None,
    }  # fmt: skip


@pytest.fixture
def helper():
    made = HelperProcess()
    yield made
    made.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name is a file that is never read to its end")
def test_work_without_an_end_is_ended_with_its_job(helper, tmp_path):
    os.mkfifo(tmp_path / "endless.png")
    canceled = Progress()
    canceled.is_canceled = True
    with pytest.raises(Canceled):
        helper.run(change(tmp_path / "endless.png", tmp_path / "made.png"), canceled)
    (tmp_path / "photo.png").write_bytes(picture_file())
    assert helper.run(change(tmp_path / "photo.png", tmp_path / "made.png"), Progress()) == []
    assert (tmp_path / "made.png").is_file()


def test_what_goes_wrong_in_the_helper_is_a_sentence(helper, tmp_path, monkeypatch):
    with pytest.raises(RepixError, match=r"there is no such file|No such file"):
        helper.run(change(tmp_path / "none.png", tmp_path / "made.png"), Progress())
    with pytest.raises(
        RepixError, match=r"^An unexpected error \(KeyError\); the terminal of the studio shows where\.$"
    ):
        helper.run({"task": "nothing"}, Progress())
    monkeypatch.setattr(helper_process, "_send", lambda process, _: process.kill())
    with pytest.raises(RepixError, match=r"^The process that works on this picture ended"):
        helper.run({"task": "draw"}, Progress())
