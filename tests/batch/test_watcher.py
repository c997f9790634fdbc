"""Watching a folder: new and changed files are done once, files that are still being written wait."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from repix.batch import BatchOptions, Jobs, Work, find, run, watch
from repix.batch.journal import NAME, UNFINISHED
from repix.batch.lock import NAME as LOCK
from repix.batch.watcher import INTERVAL, Observer
from repix.errors import DiskFull, Unreadable, Unwritable, WrongUse
from repix.pictures import Fidelity


class Copying:
    """A work that copies, and remembers of what."""

    def __init__(self, **problems):
        self.done, self.problems = [], problems

    def __call__(self, source, target, advance):
        advance()
        if source.stem in self.problems:
            raise self.problems[source.stem]
        shutil.copyfile(source, target)
        self.done.append(source.read_text())
        return Fidelity()


class Waiting:
    """Stands for the time between looks: each does one thing, and the last is followed by Ctrl-C."""

    def __init__(self, *things):
        self.things, self.waits = list(things), []

    def __call__(self, seconds):
        self.waits.append(seconds)
        if not self.things:
            raise KeyboardInterrupt
        self.things.pop(0)()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    return tmp_path


def put(name, content):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(content)


def jobs() -> Jobs:
    return find([Path("in")], Path("out"), recursive=True, allow_empty=True)


def nothing():
    """Time passes."""


def watched(work, *things, find_jobs=jobs, **options):
    wait = Waiting(*things)
    report = watch(find_jobs, Work(work, {"k": 1}), BatchOptions(**options), wait=wait)
    assert wait.waits == [INTERVAL] * len(wait.waits)
    assert not Path("out", UNFINISHED).exists()
    assert not Path("out", LOCK).exists()
    return report


def states(report):
    return {one.source.name: one.state for one in report.outcomes}


def test_new_files_are_done_once_and_results_are_those_of_one_run(here):
    put("in/a.npy", "a")
    work = Copying()
    report = watched(work, nothing, lambda: put("in/sub/b.npy", "b"), nothing, nothing)
    assert work.done == ["a", "b"]
    assert (states(report), report.exit_code, report.interrupted) == ({"a.npy": "done", "b.npy": "done"}, 0, False)
    assert {file.name for file in Path("out").rglob("*.npy")} == {"a.npy", "b.npy"}
    assert run(jobs(), Work(Copying(), {"k": 1})).count("kept") == 2


def test_what_an_earlier_run_did_is_not_done_again(here):
    put("in/a.npy", "a")
    run(jobs(), Work(Copying(), {"k": 1}))
    work = Copying()
    report = watched(work, nothing, nothing)
    assert (work.done, states(report), report.exit_code) == ([], {"a.npy": "kept"}, 0)


def test_an_empty_folder_is_watched_and_leaves_nothing(here):
    report = watched(Copying(), nothing, nothing)
    assert (report.outcomes, report.exit_code) == ((), 0)
    assert not Path("out").exists()


def test_a_file_that_grows_waits_until_two_looks_are_alike(here):
    work = Copying()
    put("in/a.npy", "1")
    grow = [lambda n=n: put("in/a.npy", "1" * n) for n in range(2, 5)]
    watched(work, *grow, nothing, nothing)
    assert work.done == ["1111"]


def test_a_file_whose_time_alone_changes_waits_too(here):
    work = Copying()
    put("in/a.npy", "1")
    touch = [lambda n=n: os.utime("in/a.npy", (n, n)) for n in range(1, 4)]
    watched(work, *touch)
    assert work.done == []


def test_a_changed_file_is_done_again_and_a_vanished_one_forgotten(here):
    work = Copying()
    put("in/a.npy", "a")
    put("in/b.npy", "b")
    watched(work, nothing, lambda: put("in/a.npy", "changed"), lambda: Path("in/b.npy").unlink(), nothing)
    assert work.done == ["a", "b", "changed"]
    assert Path("out/a.npy").read_text() == "changed"


def test_a_bad_file_is_told_once_and_tried_again_when_it_changes(here):
    reports = []
    put("in/a.npy", "a")
    put("in/b.npy", "b")
    work = Copying(b=Unreadable("in/b.npy is damaged."))
    changed = [nothing, nothing, nothing, lambda: (put("in/b.npy", "mended"), work.problems.clear()), nothing]
    report = watch(jobs, Work(work), BatchOptions(), Observer(on_report=reports.append), Waiting(*changed))
    assert [[one.state for one in found.outcomes] for found in reports] == [["done", "failed"], ["done"]]
    assert (work.done, report.exit_code) == (["a", "mended"], 0)


def test_a_file_that_stays_bad_is_an_exit_code_of_1(here):
    put("in/b.npy", "b")
    put("in/c.npy", "c")
    assert watched(Copying(b=Unreadable("no.")), nothing, nothing).exit_code == 1


def test_ctrl_c_while_a_file_is_under_way_is_130_and_leaves_nothing_half(here):
    put("in/a.npy", "a")

    def work(source, target, advance):
        target.write_text("half")
        os.kill(os.getpid(), 2)
        while True:
            advance()

    report = watched(work, nothing)
    assert (report.exit_code, report.interrupted) == (130, True)
    assert not Path("out").exists()
    again = Copying()
    assert watched(again, nothing).exit_code == 0
    assert again.done == ["a"]


def test_a_full_disk_ends_the_watch(here):
    put("in/a.npy", "a")
    report = watched(Copying(a=DiskFull("out/a.npy cannot be written: the disk is full.")), nothing, nothing, nothing)
    assert report.exit_code == 1
    assert report.stopped.startswith("Free disk space")


def test_the_folder_is_held_while_nothing_is_to_be_done(here):
    """Another run is refused all the time, and not only while files are under way."""

    def other():
        with pytest.raises(Unwritable, match="is being written to by another repix"):
            run(replace(jobs(), each=()), Work(Copying()))

    watched(Copying(), other, other)


def test_two_sources_of_one_name_are_told_once_and_the_watch_goes_on(here):
    reports = []
    put("in/a.gif", "a")
    work = Copying()
    things = [nothing, lambda: put("in/a.png", "b"), nothing, lambda: Path("in/a.gif").unlink(), nothing]
    watch(jobs, Work(work), BatchOptions(), Observer(on_report=reports.append), Waiting(*things))
    reasons = [one.reason for report in reports for one in report.outcomes if one.state == "failed"]
    assert len(reasons) == 1
    assert "would both be written to out/a.png" in reasons[0]
    assert work.done == ["a", "b"]


def test_a_journal_is_needed(here):
    put("in/a.npy", "a")
    with pytest.raises(WrongUse, match="--watch needs an output folder"):
        watch(lambda: find([Path("in")]), Work(Copying()), wait=Waiting())


def test_the_journal_says_what_the_watch_did(here):
    put("in/a.npy", "a")
    watched(Copying(), nothing)
    assert Path("out", NAME).read_bytes().count(b'{"made"') == 1
