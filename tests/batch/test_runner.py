"""Many files: what is done, kept, renewed and refused, and that nothing is lost when one fails or somebody stops it."""

import errno
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from benchmarks import kills

from repix import batch
from repix.batch import BatchOptions, Jobs, Naming, Work, find
from repix.batch.journal import NAME, UNFINISHED
from repix.batch.lock import NAME as LOCK
from repix.batch.outcome import Outcome, Report
from repix.batch.worker import Stop
from repix.errors import FidelityLost, Unreadable, Unwritable, WrongUse
from repix.pictures import Fidelity, Picture, write

KEY = {"model": "m", "quality": 90}


class Copying:
    """A work that copies, and remembers of what."""

    def __init__(self, **problems):
        self.done: list[str] = []
        self.problems = problems

    def __call__(self, source, target, advance):
        advance()
        assert not target.exists()
        problem = self.problems.get(source.stem)
        if isinstance(problem, BaseException):
            target.write_bytes(b"half")
            raise problem
        if problem is not None:
            problem(source, target)
        shutil.copyfile(source, target)
        self.done.append(source.stem)
        return Fidelity(converted=("copied",))


PLANNED = Work(Copying(), KEY)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to stand in, with three files to convert; they have rested for a while."""
    monkeypatch.chdir(tmp_path)
    Path("in/sub").mkdir(parents=True)
    for name in ("a", "b", "sub/c"):
        put(f"in/{name}.npy", name)
    return tmp_path


def put(name, content, seconds=1):
    Path(name).write_bytes(content.encode())
    os.utime(name, (seconds, seconds))


def jobs(output="out", naming=None):
    return find([Path("in")], Path(output) if output else None, naming, recursive=True)


def go(work, key=KEY, overwrite=False, workers=1, output="out"):
    return batch.run(jobs(output), Work(work, key), BatchOptions(overwrite=overwrite, workers=workers))


def states(report):
    return [outcome.state for outcome in report.outcomes]


def standing(folder="out"):
    """What stands in a folder; of repix's own files only the journal may."""
    names = {file.relative_to(folder).as_posix() for file in Path(folder).rglob("*") if not file.is_dir()}
    assert not Path(folder, UNFINISHED).exists()
    return names - {NAME}


def test_everything_is_done_once(here):
    work = Copying()
    report = go(work)
    assert (states(report), report.exit_code) == (["done"] * 3, 0)
    assert standing() == {"a.npy", "b.npy", "sub/c.npy"}
    assert report.outcomes[0].fidelity.converted == ("copied",)
    again = go(work)
    assert (states(again), again.exit_code) == (["kept"] * 3, 0)
    assert again.outcomes[0].fidelity.converted == ("copied",)
    assert work.done == ["a", "b", "c"]


def test_what_is_missing_or_changed_is_done_again(here):
    work = Copying()
    go(work)
    Path("out/a.npy").unlink()
    put("in/sub/c.npy", "C", 2)
    put("in/new.npy", "new")
    assert states(go(work)) == ["done", "kept", "done", "done"]
    assert work.done == ["a", "b", "c", "a", "new", "c"]
    assert Path("out/sub/c.npy").read_text() == "C"


def test_other_options_renew_everything_and_back(here):
    work = Copying()
    for key in (KEY, KEY | {"quality": 80}, KEY):
        assert states(go(work, key)) == ["done"] * 3
    assert states(go(work)) == ["kept"] * 3


def test_content_counts_and_not_names_or_times(here):
    work = Copying()
    go(work)
    shutil.copytree("in", "other")
    shutil.rmtree("in")
    Path("other").rename("in")
    lines = Path("out", NAME).read_bytes().count(b"\n")
    assert states(go(work)) == ["kept"] * 3
    assert Path("out", NAME).read_bytes().count(b'{"seen"') == 3
    assert states(go(work)) == ["kept"] * 3
    assert Path("out", NAME).read_bytes().count(b"\n") == lines + 3


def test_files_of_somebody_else_are_left_alone(here):
    go(Copying())
    put("out/a.npy", "mine", 2)
    Path("out/b.npy").unlink()
    Path("out/b.npy").mkdir()
    with pytest.raises(Unwritable, match="which is a folder"):
        jobs()
    Path("out/b.npy").rmdir()
    put("in/d.npy", "d")
    put("out/d.npy", "mine")
    report = go(Copying())
    assert states(report) == ["failed", "done", "failed", "kept"]
    assert report.outcomes[0].reason.startswith("out/a.npy was changed after repix wrote it; use --overwrite")
    assert report.outcomes[2].reason.startswith("out/d.npy is not in the journal of its folder; use --overwrite")
    assert Path("out/a.npy").read_text() == Path("out/d.npy").read_text() == "mine"
    assert report.exit_code == 1
    assert states(go(Copying(), overwrite=True)) == ["done", "kept", "done", "kept"]
    assert states(go(Copying())) == ["kept"] * 4


def test_overwrite_does_not_repeat_what_is_done(here):
    go(Copying())
    assert states(go(Copying(), overwrite=True)) == ["kept"] * 3


@pytest.mark.parametrize("changed", [True, False])
def test_a_file_that_appears_meanwhile_is_left_alone(changed, here):
    if changed:
        go(Copying())
        put("in/b.npy", "B", 2)
    report = go(Copying(b=lambda *_: put("out/b.npy", "mine", 3)))
    assert report.outcomes[1].state == "failed"
    assert report.outcomes[1].reason == "out/b.npy was changed by another program meanwhile; it was not replaced."
    assert Path("out/b.npy").read_text() == "mine"
    assert standing() == {"a.npy", "b.npy", "sub/c.npy"}


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (Unreadable("in/b.npy is damaged."), "in/b.npy is damaged."),
        (WrongUse("size is 3."), "in/b.npy: size is 3."),
        (MemoryError(), "in/b.npy is too large for the memory of this machine."),
        (OSError(errno.EIO, "Input/output error"), "out/b.npy cannot be written: input/output error."),
    ],
)
def test_a_bad_file_is_noted_and_the_others_go_on(problem, reason, here):
    report = go(Copying(b=problem))
    assert states(report) == ["done", "failed", "done"]
    assert report.outcomes[1].reason == reason
    assert (report.exit_code, report.stopped, report.outcomes[1].traceback) == (1, "", "")
    assert standing() == {"a.npy", "sub/c.npy"}
    assert states(go(Copying())) == ["kept", "done", "kept"]


def test_a_bug_is_told_in_full_and_the_others_go_on(here):
    report = go(Copying(b=ZeroDivisionError("by zero")))
    assert states(report) == ["done", "failed", "done"]
    assert "please report it: ZeroDivisionError: by zero" in report.outcomes[1].reason
    assert "in __call__" in report.outcomes[1].traceback


def test_errors_speak_of_the_result_by_its_own_name(here):
    def refuse(source, target):
        raise FidelityLost(f"{target} was not written.")

    assert go(Copying(b=refuse)).outcomes[1].reason == "out/b.npy was not written."


def test_sources_that_vanish_change_or_were_never_there(here):
    Path("in/lost.npy").symlink_to("nothing")
    os.mkfifo("in/pipe.npy")
    report = go(Copying(a=lambda *_: put("in/a.npy", "A", 5), b=lambda *_: Path("in/sub/c.npy").unlink()))
    assert states(report) == ["failed", "done", "failed", "failed", "failed"]
    assert [outcome.reason for outcome in report.outcomes if outcome.state == "failed"] == [
        "in/a.npy changed while it was read; try again when no program writes to it.",
        "in/lost.npy is a link to nothing, which does not exist.",
        "in/pipe.npy is not a regular file.",
        "in/sub/c.npy: there is no such file.",
    ]


def test_no_folder_is_left_where_nothing_was_made(here):
    report = go(Copying(a=Unreadable("a"), b=Unreadable("b"), c=Unreadable("c")))
    assert states(report) == ["failed"] * 3
    assert not Path("out").exists()


def test_a_full_disk_stops_the_run_and_the_next_goes_on(here):
    report = go(Copying(b=OSError(errno.ENOSPC, "No space left on device")))
    assert states(report) == ["done", "failed", "left"]
    assert report.outcomes[1].reason == "out/b.npy cannot be written: the disk is full."
    assert report.stopped.startswith("Free disk space and run the same command")
    assert report.exit_code == 1
    assert states(go(Copying())) == ["kept", "done", "done"]


def test_a_journal_that_cannot_be_written_any_more_stops_the_run(here):
    put("in/z.npy", "z")
    report = go(Copying(b=lambda *_: shutil.rmtree("out")))
    assert states(report) == ["done", "failed", "failed", "left"]
    assert "was deleted while repix wrote to the folder" in report.stopped
    assert not Path("out").exists()
    report = go(Copying(b=lambda *_: Path("out", NAME).unlink()))
    assert states(report) == ["done", "failed", "left", "left"]
    assert "was deleted while repix wrote to the folder" in report.stopped
    assert not Path("out/b.npy").exists()


def test_an_interruption_stops_within_a_tile(here):
    tiles = []

    def work(source, target, advance):
        for tile in range(100):
            advance()
            tiles.append((source.stem, tile))
            if source.stem == "b" and tile == 3:
                signal.raise_signal(signal.SIGINT)
                stopping.wait()
        target.touch()
        return Fidelity()

    stopping = threading.Event()
    asked = Stop.ask

    def ask(stop, why):
        asked(stop, why)
        stopping.set()

    Stop.ask = ask
    try:
        report = go(work)
    finally:
        Stop.ask = asked
    assert (states(report), report.exit_code) == (["done", "left", "left"], 130)
    assert tiles[-1] == ("b", 3)
    assert standing() == {"a.npy"}
    assert states(go(Copying())) == ["kept", "done", "done"]


def test_a_work_that_swallows_the_interruption_is_not_believed(here):
    def work(source, target, advance):
        target.write_bytes(b"half")
        signal.raise_signal(signal.SIGINT)
        while True:
            try:
                advance()
            except KeyboardInterrupt:
                return Fidelity()

    report = go(work)
    assert report.exit_code == 130
    assert not Path("out").exists()


def test_the_second_of_two_runs_is_refused(here):
    def work(source, target, advance):
        if source.stem == "a":
            with pytest.raises(Unwritable, match=f"another repix: process {os.getpid()} on "):
                go(Copying())
        return Copying()(source, target, advance)

    assert states(go(work)) == ["done"] * 3
    assert not Path("out", LOCK).exists()


def test_the_folder_of_the_sources_as_that_of_the_results(here):
    with pytest.raises(WrongUse, match=r"in/a\.npy would be replaced by its result"):
        go(Copying(), output="in", overwrite=True)
    assert states(batch.run(jobs("in", Naming(format="png")), Work(Copying(), KEY))) == ["done"] * 3
    assert states(batch.run(jobs("in", Naming(format="png")), Work(Copying(), KEY))) == ["kept"] * 3


def test_beside_the_sources_there_is_no_journal(here):
    work = Copying()
    assert states(go(work, output=None)) == ["done"] * 3
    again = go(work, output=None)
    assert states(again) == ["failed"] * 3
    assert again.outcomes[0].reason.startswith("in/a-converted.npy exists already; use --overwrite")
    assert states(go(work, output=None, overwrite=True)) == ["done"] * 3
    assert not list(Path().rglob(".repix*"))


def test_several_workers_do_each_file_once(here):
    for number in range(40):
        put(f"in/{number}.npy", str(number))
    work = Copying()
    assert states(go(work, workers=4)) == ["done"] * 43
    assert sorted(work.done) == sorted(file.stem for file in Path("in").rglob("*.npy"))


def test_no_files_at_all(here):
    assert batch.run(Jobs(()), Work(Copying(), KEY)).outcomes == ()


def test_folders_that_could_not_be_read_are_failures(here):
    report = batch.run(Jobs((), unread=((Path("in"), "closed."),)), Work(Copying(), KEY))
    assert (states(report), report.exit_code) == (["failed"], 1)


def test_what_would_be_done_is_foreseen_and_nothing_is_written(here):
    assert states(batch.dry_run(jobs(), PLANNED)) == ["new"] * 3
    assert not Path("out").exists()
    go(Copying())
    put("in/a.npy", "A", 2)
    put("out/b.npy", "mine", 2)
    before = Path("out", NAME).read_bytes()
    foreseen = batch.dry_run(jobs(), PLANNED)
    assert states(foreseen) == ["renewed", "failed", "kept"]
    assert states(batch.dry_run(jobs(), PLANNED, BatchOptions(overwrite=True))) == ["renewed", "renewed", "kept"]
    assert Path("out", NAME).read_bytes() == before
    assert states(go(Copying())) == ["done", "failed", "kept"]


def test_the_report_is_json(here):
    write(Picture(np.zeros((4, 5), np.uint8)), "in/d.png")
    report = go(Copying(b=Unreadable("in/b.npy is bad.")))
    said = json.loads(json.dumps(report.as_json()))
    assert said["totals"] | {"seconds": 0} == {
        "files": 4, "done": 3, "kept": 0, "failed": 1, "left": 0, "pixels": 20, "seconds": 0,
    }  # fmt: skip
    assert said["files"][2] | {"seconds": 0} == {
        "source": "in/d.png",
        "target": "out/d.png",
        "state": "done",
        "reason": "",
        "seconds": 0,
        "pixels": 20,
        "notes": {"converted": ["copied"], "lost": []},
        "advice": [],
    }
    assert said["files"][1]["reason"] == "in/b.npy is bad."


@pytest.mark.parametrize(("state", "code"), [("done", 0), ("kept", 0), ("failed", 1), ("left", 1)])
def test_exit_codes(state, code):
    assert Report((Outcome(Path("a"), Path("b"), state),)).exit_code == code


def test_progress_comes_to_its_end(here):
    for number in range(1, 6):
        write(Picture(np.zeros((number, 100), np.uint8)), f"in/{number}.png")
    for name in ("a", "b", "sub/c"):
        Path(f"in/{name}.npy").unlink()
    seen = []
    batch.run(jobs(), Work(Copying(), KEY), BatchOptions(workers=2), seen.append)
    assert [progress.finished for progress in seen] == [1, 2, 3, 4, 5]
    assert (seen[-1].files, seen[-1].converted, seen[-1].pixels, seen[-1].left) == (5, 1500, 1500, 0.0)
    assert all(before.left is not None and before.left >= 0 for before in seen)
    kept = []
    batch.run(jobs(), Work(Copying(), KEY), on_progress=kept.append)
    assert [(progress.finished, progress.converted) for progress in kept] == [(n, 0) for n in range(1, 6)]


BESIDE = Naming(side_outputs=("-compare.txt",))


def comparing(source, target, advance):
    (target.parent / f"{target.stem}-compare.txt").write_text(f"{source.read_text()} before and after")
    return Copying()(source, target, advance)


def compared(**options):
    jobs = find([Path("in")], Path("out"), BESIDE, recursive=True)
    return batch.run(jobs, Work(comparing, KEY), BatchOptions(**options))


def test_what_is_written_beside_a_result_is_the_journal_s_too(here):
    assert states(compared()) == ["done"] * 3
    both = {"a-compare.txt", "a.npy", "b-compare.txt", "b.npy", "sub/c-compare.txt", "sub/c.npy"}
    assert standing() == both
    assert states(compared()) == ["kept"] * 3
    put("in/a.npy", "anew")
    assert states(compared()) == ["done", "kept", "kept"]
    assert Path("out/a-compare.txt").read_text() == "anew before and after"
    Path("out/sub/c-compare.txt").unlink()
    assert states(compared()) == ["kept", "kept", "done"]
    assert standing() == both


def test_what_stands_beside_a_result_and_is_somebody_s_is_left_alone(here):
    compared()
    put("out/b-compare.txt", "somebody's notes")
    put("in/b.npy", "anew")
    before = Path("out/b.npy").read_text()
    report = compared()
    assert states(report) == ["kept", "failed", "kept"]
    assert "b-compare.txt was changed after repix wrote it" in report.outcomes[1].reason
    assert Path("out/b-compare.txt").read_text() == "somebody's notes"
    assert Path("out/b.npy").read_text() == before
    assert states(compared(overwrite=True)) == ["kept", "done", "kept"]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("a.npy", "a.png"), "would both be written to out/a-compare.txt"),
        (("a.npy", "a-compare.txt.npy"), ""),
        (("a.npy", "A.png"), "would both be written to out/a-compare.txt, or out/A-compare.txt"),
    ],
)
def test_two_things_of_one_name_beside_results_are_found_first(names, why, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in names:
        put(f"in/{name}", "x")
    if why:
        with pytest.raises(WrongUse, match=why):
            find([Path("in")], Path("out"), BESIDE)
    else:
        assert len(find([Path("in")], Path("out"), BESIDE).each) == 2


def test_what_lies_beside_a_result_is_no_other_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put("a.png", "x")
    put("a-x-compare.png", "x")
    with pytest.raises(WrongUse, match=r"would be written to a-x-compare\.png, which is a source too"):
        find([Path("a.png"), Path("a-x-compare.png")], None, Naming("-x", side_outputs=("-compare.png",)))


def test_a_single_large_file_tells_how_far_it_is(here):
    told, seen = threading.Event(), []

    def work(source, target, advance):
        advance(25)
        assert told.wait(60)
        return Copying()(source, target, advance)

    def watch(progress):
        seen.append(progress)
        told.set()

    write(Picture(np.zeros((1, 100), np.uint8)), "one.png")
    batch.run(find([Path("one.png")], Path("out")), Work(work, KEY), on_progress=watch)
    assert [(progress.finished, progress.converted, progress.pixels) for progress in seen] == [
        (0, 25, 100),
        (1, 100, 100),
    ]
    assert seen[0].last is None
    assert seen[0].left is not None


def test_odd_names(here):
    for name in ("with\nnewline", "-rf", "é", "\udcff", "*"):
        put(f"in/{name}.npy", "x")
    put(f"in/{'n' * 251}.npy", "x")
    assert states(go(Copying())) == ["done"] * 9
    assert states(go(Copying())) == ["kept"] * 9
    report = batch.run(jobs("out2", Naming(suffix="-more")), Work(Copying(), KEY))
    assert [outcome.reason for outcome in report.outcomes if outcome.state == "failed"] == [
        f"out2/{'n' * 251}-more.npy cannot be written: the name is too long."
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the children that are killed are forked")
def test_killed_at_every_step(tmp_path):
    words = [sys.executable, "-m", "tests.batch.every_step", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    lines = done.stdout.splitlines()
    assert [line.partition(" steps, after ")[2] for line in lines] == ["None", "old", "new"], lines
    assert all(int(line.split()[0]) > 10 for line in lines)


def test_killed_at_random_moments(tmp_path):
    kills.pictures(tmp_path, 12)
    found = kills.kill_and_compare(kills.STAND_IN, tmp_path, kills=3, seed=os.getpid())
    assert found.faults == ()
    assert (found.files, found.kills) == (12, 3)


def test_a_failure_keeps_nothing_of_the_picture_that_failed(here):
    """An error's traceback holds all that was in memory when it was raised; thousands of them would fill it."""

    class Large:
        """Stands for a picture."""

    held = []

    def work(source, target, advance):
        large = Large()
        held.append(weakref.ref(large))
        raise Unreadable(f"{source} is bad.")

    report = go(work)
    gc.collect()
    assert states(report) == ["failed"] * 3
    assert [one() for one in held] == [None] * 3
