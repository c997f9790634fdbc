"""Every verb that makes files of files is one batch: the results are those of an undisturbed run, whatever happens."""

import errno
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from repix import batch
from repix.batch.journal import NAME, UNFINISHED
from repix.batch.lock import lock_folder
from repix.cli._app import run
from repix.conversion import Contract, write_model
from tests.conversion.models import mixing
from tests.data.drawing import photo, put

CONTRACT = Contract("denoise", {"color": True}, channels=(3, 3), halo=0, bytes_per_pixel=24)
FILES = 4
VERBS = {
    "filter": "filter median --size 5 {source} -o {out}",
    "filter with chance": "filter k-means --k 3 --seed 7 {source} -o {out} --workers 2",
    "degrade": "degrade gaussian --seed 3 {source} -o {out}",
    "chain": "degrade chain {source} -o {out} --step gray --step|gaussian&sigma=9",
    "convert": "convert {model} {source} -o {out} --workers 1",
    "measure": "measure {source} {truth} --metric psnr-rgb -o {out}",
    "measure counts": "measure {source} {truth} --all -o {out} --workers 2",
}
PICTURES = {name: words for name, words in VERBS.items() if not name.startswith("measure")}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A folder of pictures, one deeper, their truths, and a model."""
    monkeypatch.chdir(tmp_path)
    for number in range(FILES):
        name = f"deep/{number}.png" if number == 2 else f"{number}.png"
        put(tmp_path / "in" / name, photo(number, (24, 26 + number)))
        put(tmp_path / "truth" / name, photo(number + 9, (24, 26 + number)))
    write_model("model.onnx", mixing(CONTRACT)[0], CONTRACT)
    return {"source": "in", "truth": "truth", "model": "model.onnx"}


def words_of(verb: str, places: dict, out: str = "out") -> list[str]:
    words = [word for part in VERBS[verb].split() for word in part.split("|")]
    return [word.replace("&", " ").format(**places, out=out) for word in words] + ["--recursive"]


def results(folder: str) -> dict[str, bytes]:
    """Every file but the journal; nothing unfinished may be left."""
    files = [file for file in Path(folder).rglob("*") if file.is_file() and file.name != NAME]
    assert not Path(folder, UNFINISHED).exists()
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def made(folder: str) -> int:
    return Path(folder, NAME).read_bytes().count(b'{"made"')


KILLED = """
import os, signal, sys
from repix.cli import main
from repix.cli._progress import BatchBar
after, finished = int(sys.argv.pop(1)), []
def show(bar, progress):
    finished.append(progress.last)
    if len([one for one in finished if one is not None]) == after:
        os.kill(os.getpid(), signal.SIGKILL)
BatchBar.show = show
main()
"""
"""The command line, killed when so many files are finished; others may be under way."""


@pytest.mark.parametrize("verb", VERBS)
def test_killed_half_way_it_goes_on_and_gives_the_same_bytes(verb, places, capsys):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "2", *words_of(verb, places)], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = made("out")
    assert before >= 2
    assert run(words_of(verb, places)) == 0
    said = capsys.readouterr()
    assert run(words_of(verb, places, "alone")) == 0
    assert results("out") == results("alone")
    assert len(results("out")) == FILES
    assert made("out") - before <= FILES - 2
    assert run(words_of(verb, places)) == 0
    if verb.startswith("measure"):
        assert capsys.readouterr().out.count(said.out) == 2
    assert made("alone") == FILES


@pytest.mark.parametrize("verb", VERBS)
def test_a_finished_file_is_skipped_and_other_options_make_it_again(verb, places, capsys):
    assert run(words_of(verb, places)) == 0
    lines = made("out")
    assert run(words_of(verb, places)) == 0
    assert made("out") == lines
    put(Path("in/1.png"), photo(77, (24, 27)))
    assert run(words_of(verb, places)) == 0
    assert made("out") == lines + 1
    other = {"filter": ["--size", "3"], "degrade": ["--seed", "4"], "convert": ["--strength", "0.5"]}
    if verb in other:
        assert run([*words_of(verb, places), *other[verb]]) == 0
        assert made("out") == lines + 1 + FILES


def test_another_truth_is_measured_again(places):
    assert run(words_of("measure", places)) == 0
    put(Path("truth/1.png"), photo(78, (24, 27)))
    before = results("out")
    assert run(words_of("measure", places)) == 0
    assert made("out") == FILES + 1
    assert {name for name, content in results("out").items() if content != before[name]} == {"1.json"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_bad_file_among_good_ones_is_said_and_the_others_are_made(verb, places, capsys):
    Path("in/1.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert run(words_of(verb, places)) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("repix: in/1.png")]
    assert said == ["repix: in/1.png is a damaged PNG: its header is missing."]
    assert len(results("out")) == FILES - 1
    lines = made("out")
    put(Path("in/1.png"), photo(1, (24, 27)))
    assert run(words_of(verb, places)) == 0
    assert (len(results("out")), made("out")) == (FILES, lines + 1)


@pytest.mark.parametrize("verb", VERBS)
def test_the_second_of_two_at_once_is_refused(verb, places, capsys):
    Path("out").mkdir()
    with lock_folder(Path("out")):
        assert run(words_of(verb, places)) == 1
    assert f"out is being written to by another repix: process {os.getpid()} on " in capsys.readouterr().err
    assert results("out") == {}


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_stops_it_and_the_same_command_goes_on(verb, places, capsys, monkeypatch):
    assert run(words_of(verb, places, "alone")) == 0
    real, left = os.fsync, [7]

    def fsync(file):
        left[0] -= 1
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file)

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fsync)
        assert run(words_of(verb, places)) == 1
    said = capsys.readouterr().err
    assert "the disk is full" in said
    assert "same command again" in said
    assert results("out").items() <= results("alone").items()
    assert len(results("out")) < FILES
    assert run(words_of(verb, places)) == 0
    assert results("out") == results("alone")


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_says_what_would_be_made_and_writes_nothing(verb, places, capsys):
    assert run([*words_of(verb, places), "--dry-run"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["new"] * FILES
    assert not Path("out").exists()


@pytest.mark.parametrize("verb", PICTURES)
def test_the_report_is_json(verb, places, capsys):
    assert run([*words_of(verb, places), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["target"] for one in report["files"]} == {f"out/{name}" for name in results("out")}
    assert report["totals"]["done"] == FILES


class Waiting:
    """The time between looks: each does one thing, and Ctrl-C follows the last."""

    def __init__(self, *things):
        self.things = list(things)

    def __call__(self, _):
        if not self.things:
            raise KeyboardInterrupt
        self.things.pop(0)()


@pytest.fixture
def looks(monkeypatch):
    """Sets what happens between the looks of `--watch`."""

    def install(*things):
        monkeypatch.setattr(batch, "watch", partial(batch.watch, wait=Waiting(*things)))

    return install


@pytest.mark.parametrize("verb", VERBS)
def test_watching_makes_what_one_run_makes(verb, places, capsys, looks):
    late = {folder: Path(folder, "1.png").read_bytes() for folder in ("in", "truth")}
    for folder in late:
        Path(folder, "1.png").unlink()

    def arrive(share: float):
        for folder, content in late.items():
            Path(folder, "1.png").write_bytes(content[: int(share * len(content))])

    looks(lambda: None, lambda: arrive(0.5), lambda: arrive(1), lambda: None, lambda: None)
    assert run([*words_of(verb, places), "--watch"]) == 0
    said = capsys.readouterr()
    assert "repix: Watching for new files; Ctrl-C ends it" in said.err
    assert "damaged" not in said.err
    watched = results("out")
    assert run(words_of(verb, places, "alone")) == 0
    assert watched == results("alone")
    assert made("out") == FILES


def test_watching_with_json_is_a_line_for_each_look_that_found_something(places, capsys, looks):
    looks(lambda: None, lambda: put(Path("in/9.png"), photo(9, (24, 24))), lambda: None, lambda: None)
    assert run([*words_of("filter", places), "--watch", "--json"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["totals"]["done"] for report in reports] == [FILES, 1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["filter", "mean", "in", "--watch"], "--watch needs an output folder"),
        (
            ["filter", "mean", "in/0.png", "-o", "out", "--watch"],
            "--watch is for folders, which it scans for new files; name a folder.",
        ),
        (["filter", "mean", "in", "-o", "out", "--watch", "--dry-run"], "--watch and --dry-run exclude each other"),
        (["measure", "in", "truth", "--metric", "psnr-rgb", "--watch"], "name it with -o"),
        (["measure", "in", "truth", "--metric", "psnr-rgb", "--dry-run"], "name it with -o"),
    ],
)
def test_watching_that_makes_no_sense_is_refused(words, sentence, places, capsys):
    assert run(words) == 2
    assert sentence in capsys.readouterr().err
    assert not Path("out").exists()


def test_shots_are_fused_once_and_again_when_one_of_them_changes(places, capsys):
    words = ["fuse", "in/0.png", "in/0.png", "-o", "out"]
    for _ in range(3):
        assert run(words) == 0
        assert made("out") == 1
    put(Path("in/4.tif"), photo(0, (24, 26)))  # the same pixels in other bytes
    assert run(["fuse", "in/0.png", "in/4.tif", "-o", "out"]) == 0
    assert made("out") == 2


@pytest.mark.parametrize("verb", ["filter", "measure"])
def test_ctrl_c_stops_it_with_130_and_the_same_command_goes_on(verb, places, monkeypatch, capsys):
    from repix.cli._progress import BatchBar

    finished = []

    def show(_, progress):
        finished.append(progress.last)
        if len(finished) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(BatchBar, "show", show)
        assert run(words_of(verb, places)) == 130
    assert "Interrupted; run the same command again to continue." in capsys.readouterr().err
    assert run(words_of(verb, places)) == 0
    assert len(results("out")) == FILES
