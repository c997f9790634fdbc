"""Threads or processes: the same results and errors, the faster way by measurement, and no harm from lost processes."""

import os
import shutil
from pathlib import Path

import pytest

from repix import batch
from repix.batch import BatchOptions, MemoryPool, Work, find, turns
from repix.batch.children import ATTEMPTS
from repix.batch.journal import NAME, UNFINISHED
from repix.batch.measured_place import MeasuredPlace
from repix.batch.program import Program
from repix.batch.turns import Choice, Turns
from repix.errors import Unreadable
from repix.pictures import Fidelity

KEY = {"name": "double"}
ROOT = Path(__file__).parents[2]
MODULE = "tests.batch.doubling_child"


def double(source, target, advance):
    """What the program does, in this process."""
    advance()
    advance(5)
    if source.stem == "bad":
        raise Unreadable(f"{source} is bad, and {target} is not written.")
    if source.stem == "bug":
        raise ZeroDivisionError("by nothing")
    target.write_bytes(2 * source.read_bytes())
    return Fidelity(converted=(f"by {os.getpid()}",))


class Clock:
    """A clock by which a file takes so many seconds in either way."""

    def __init__(self, threads, processes):
        self.seconds, self.now = {"threads": threads, "processes": processes}, 0

    def __call__(self):
        self.now += self.seconds[self.place._turns.way] if hasattr(self, "place") else 0
        return self.now


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """Sixty small files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(Path(turns.__file__).parents[2])]))
    monkeypatch.setattr(turns, "SECONDS", 0)
    Path("in").mkdir()
    for number in range(60):
        Path(f"in/{number:02}.npy").write_text(str(number))
    return find([Path("in")], Path("out"))


def place_of(clock=None, workers=2, pool=None, **settings):
    """A place whose processes are ready."""
    clock = clock or Clock(3, 1)
    place = MeasuredPlace(double, workers, Program(MODULE, settings, pool or MemoryPool(100)), clock)
    clock.place = place
    place.begin()
    place.children.wait()
    return place


def go(jobs, place, on_progress=lambda _: None):
    processes = [one._process for one in place.children._all]
    report = batch.run(jobs, Work(double, KEY, lambda _: 5), BatchOptions(place=place), on_progress)
    assert all(one.poll() is not None for one in processes)
    assert not Path("out", UNFINISHED).exists()
    return report


def states(report):
    return [one.state for one in report.outcomes]


def made(folder="out"):
    return {one.name: one.read_text() for one in Path(folder).iterdir() if one.name != NAME}


def makers(report):
    """Which process made each file."""
    return [one.fidelity.converted[0] for one in report.outcomes]


@pytest.mark.parametrize(("seconds", "way"), [((3, 1), "processes"), ((1, 3), "threads")])
def test_the_faster_way_is_chosen_and_both_make_the_same(jobs, seconds, way):
    report = go(jobs, place_of(Clock(*seconds)))
    assert states(report) == ["done"] * 60
    assert made() == {one.name: 2 * one.read_text() for one in Path("in").iterdir()}
    assert report.choice.way == way
    here = f"by {os.getpid()}"
    assert len(set(makers(report))) == 3
    assert makers(report)[:4] == [here] * 4
    assert (makers(report)[-4:] == [here] * 4) == (way == "threads")
    assert report.as_json()["workers"]["way"] == way
    assert f"workers: {way} (measured" in report.summary
    assert states(batch.run(jobs, Work(double, KEY))) == ["kept"] * 60


def test_errors_are_those_of_one_process(jobs):
    alone = {}
    for name in ("bad", "bug"):
        Path(f"in/{name}.npy").write_text("?")
    again = find([Path("in")], Path("out"))
    for where, place in (("here", None), ("there", place_of())):
        report = batch.run(again, Work(double, KEY, lambda _: 5), BatchOptions(place=place, workers=2))
        alone[where] = [one for one in report.outcomes if one.state == "failed"]
        shutil.rmtree("out")
    (bad, bug), (bad_there, bug_there) = alone["here"], alone["there"]
    assert bad.reason == bad_there.reason == "in/bad.npy is bad, and out/bad.npy is not written."
    assert bug.reason.endswith("ZeroDivisionError: by nothing")
    assert bug_there.reason.endswith("ZeroDivisionError: by nothing")
    assert "doubling_child.py" in bug_there.traceback


def test_a_file_whose_process_was_killed_is_given_up_and_the_others_are_made(jobs):
    report = go(jobs, place_of(fatal=["59"]))
    assert states(report) == ["done"] * 59 + ["failed"]
    assert f"in/59.npy was given up: {ATTEMPTS} worker processes ended" in report.outcomes[59].reason
    assert len(made()) == 59


def test_a_process_that_is_killed_once_costs_no_file(jobs):
    place, killed = place_of(), []

    def on_progress(progress):
        if progress.finished == 50 and not killed:
            killed.extend(place.children._all)
            for one in killed:
                one._process.kill()

    assert states(go(jobs, place, on_progress)) == ["done"] * 60
    assert len(killed) == 2
    assert len(made()) == 60


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"refusal": "the model was changed."}, "a worker process could not start: the model was changed"),
        ({"memory": 101}, "the pictures are too large for several processes within --memory"),
    ],
)
def test_threads_go_on_where_processes_cannot(jobs, settings, reason):
    report = go(jobs, place_of(**settings))
    assert states(report) == ["done"] * 60
    assert set(makers(report)) == {f"by {os.getpid()}"}
    assert report.choice == Choice("threads", reason=reason)
    assert reason in report.summary


def test_the_first_reason_is_the_one_that_is_told():
    """A file that is too large ends the processes, and those that are at work then end too."""
    turns = Turns(2)
    turns.end("too large")
    turns.end("the run ends")
    assert turns.choice == Choice("threads", reason="too large")


def test_a_program_that_does_not_start(jobs):
    place = MeasuredPlace(double, 2, Program("tests.batch.nowhere", {}, MemoryPool(100)))
    place.begin()
    place.children.wait()
    assert states(go(jobs, place)) == ["done"] * 60
    assert place.choice == Choice("threads", reason="a worker process could not start: it ended")


def test_pictures_that_were_too_large_before_start_no_process():
    pool = MemoryPool(100)
    with pool.take(60):
        pass
    place = MeasuredPlace(double, 2, Program(MODULE, {}, pool, base=30))
    place.begin()
    assert place.choice.reason == "the pictures are too large for several processes within --memory"
    assert place.children._all == []


def test_an_interruption_leaves_a_folder_that_continues(jobs):
    def on_progress(progress):
        if progress.finished == 30:
            raise KeyboardInterrupt

    report = go(jobs, place_of(), on_progress)
    assert (report.interrupted, report.exit_code) == (True, 130)
    done = states(report).count("done")
    assert 30 <= done < 60
    again = batch.run(jobs, Work(double, KEY), BatchOptions(workers=2))
    assert states(again).count("kept") >= done
    assert len(made()) == 60


def test_a_short_run_starts_no_process(jobs):
    program = Program("tests.batch.nowhere", {}, MemoryPool(100))
    report = batch.run(jobs, Work(double, KEY, lambda _: 5, program=program), BatchOptions(workers=2))
    assert (states(report), report.choice) == (["done"] * 60, None)
    assert report.as_json()["workers"] is None
    assert "workers" not in report.summary


def test_turns_are_about_equal_on_a_machine_that_slows_down():
    slower, now = iter(range(10**6)), 0

    def drifting():
        nonlocal now
        now += 1000 + next(slower)
        return now

    measured = Turns(2, drifting)
    while measured.choice is None:
        measured.add(measured.way, 10**6)
    assert measured.choice.way == "threads"
    one, other = measured.choice.speeds
    assert one == pytest.approx(other, rel=1e-4)
