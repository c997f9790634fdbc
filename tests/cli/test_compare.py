"""`repix compare`: from the options to the page, and every refusal is one sentence."""

import json
import signal

import pytest

from repix.cli._app import run
from repix.comparison import run_grid
from tests.comparison.conftest import Here
from tests.training.making import folder_for, quick

SHORT = ("--steps", 2, "--patch-size", 8, "--batch-size", 2, "--holdout", 2, "--device", "cpu", "--precision", "fp32")
TINY = ("--network", "pixelwise", "--set", "widths=4", "--set", "color=no")


@pytest.fixture(autouse=True)
def tidy(tmp_path, monkeypatch):
    """A cache of its own, everything in the test's own folder, runs in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_grid, "TrainingProcess", in_this_process)
    quick(monkeypatch)
    folder_for("denoise", tmp_path / "photos", 4)


def in_this_process(job, threads):
    assert threads >= 1
    return Here(job)


def compare(capsys, *words):
    """Exit code, what was printed, and what was complained."""
    code = run(["compare", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_grid_from_its_options_to_its_page(tmp_path, capsys):
    words = ("denoise", "photos", "-o", "grid", *SHORT, *TINY, "--set", "loss=l1", "--set", "loss=mse", "--seeds", 1)
    code, out, err = compare(capsys, *words, "--dry-run")
    assert (code, err) == (0, "")
    assert [line.split("│")[1].strip() for line in out.splitlines() if line.startswith("│")] == ["loss l1", "loss mse"]
    assert "2 runs to train, about " in out
    assert not (tmp_path / "grid").exists()
    code, out, err = compare(capsys, *words, "--with", "median size=3")
    assert code == 0
    assert "repix: 2 of 2: loss mse, seed 0 is trained." in err
    assert "the spread is unknown" in out
    assert out.splitlines()[-1] == "grid/index.html"
    assert {file.name for file in (tmp_path / "grid").iterdir() if file.is_file()} == {
        "grid.json",
        "index.html",
        "results.csv",
        "results.json",
        "speed.json",
    }
    code, out, err = compare(capsys, *words, "--json")
    said = json.loads(out)
    assert (code, err) == (0, "repix: 2 of 2 runs are finished already.\n")
    assert said == json.loads((tmp_path / "grid" / "results.json").read_text(encoding="utf-8"))
    assert [row["choices"] for row in said["members"]] == [
        {"network": "pixelwise", "widths": "4", "color": "no", "loss": loss} for loss in ("l1", "mse")
    ]
    code, out, _ = compare(capsys, *words, "--dry-run", "--json")
    assert json.loads(out)["runs"] == {"loss l1": ["finished"], "loss mse": ["finished"]}


def test_minutes_say_the_time_without_timing_steps(capsys, monkeypatch):
    monkeypatch.setattr("repix.comparison.plan.seconds_per_step", lambda *_: pytest.fail("nothing is to be timed"))
    words = ("denoise", "photos", "-o", "grid", *SHORT[2:], *TINY, "--seeds", 3, "--parallel", 2, "--minutes", 5)
    code, out, _ = compare(capsys, *words, "--dry-run", "--json")
    said = json.loads(out)
    assert (code, said["seconds"]) == (0, 600)
    assert "2 runs at a time" in said["machine"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("denoise", "photos"), "Name the folder of the grid: -o GRID."),
        (("denoise", "nowhere", "-o", "grid"), "nowhere: there is no such folder."),
        (("denoise", "photos", "-o", "grid", "--network", "unett"), "did you mean 'unet'?"),
        (("denoise", "photos", "-o", "grid", "--network", "unet", "--skip", "sideways"), "sideways"),
        (("denoise", "photos", "-o", "grid", "--network", "unet", "--skip", "add", "--set", "skip=none"), "use one of"),
        (("denoise", "photos", "-o", "grid", "--network", "dncnn", "--block", "dense"), "has a setting 'block'"),
        (
            ("denoise", "photos", "-o", "grid", "--network", "unet", "--upsampler", "bilinea"),
            "did you mean 'bilinear'?",
        ),
        (("denoise", "photos", "-o", "grid", "--set", "loss"), "--set loss has no value"),
        (("denoise", "photos", "-o", "grid", "--minutes", 1, "--steps", 1), "Both minutes and steps are given"),
        (("denoise", "photos", "-o", "grid", "--seeds", 0), "seeds is 0; it must be from 1 to 100."),
        (("denoise", "photos", "-o", "grid", "--holdout", 2, "--with", "medion"), "did you mean 'median'?"),
        (("denoise", "photos", "-o", "photos", "--holdout", 2), "photos is not empty; name a new folder for the grid."),
        (("denoise", "photos", "-o", "grid", "--holdout", 0), "No picture of"),
        (("denoyse", "photos", "-o", "grid"), "did you mean 'denoise'?"),
    ],
)
def test_a_refusal_is_one_sentence_and_writes_nothing(words, sentence, tmp_path, capsys):
    code, out, err = compare(capsys, *words)
    assert code in (1, 2)
    assert out == ""
    assert err.count("\n") == 1
    assert sentence in err
    assert not (tmp_path / "grid").exists()


def test_ctrl_c_says_that_the_same_command_goes_on(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_grid, "TrainingProcess", interrupted)
    words = ("denoise", "photos", "-o", "grid", *SHORT, *TINY, "--seeds", 1)
    code, out, err = compare(capsys, *words)
    assert (code, out) == (130, "")
    announced, member, begins, stopped = err.splitlines()
    assert announced.startswith("repix: 1 run of 2 steps (")
    assert member == "repix:   pixelwise, widths 4, color no: seed 0"
    assert begins == "repix: pixelwise, widths 4, color no, seed 0: the training begins."
    assert stopped == "repix: Stopped; the same command continues."


def terminated(*_, **__):
    """SIGTERM comes while a run is started; without a handler, this is an error."""
    signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)


def test_sigterm_says_that_the_same_command_goes_on(capsys, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(run_grid, "TrainingProcess", terminated)
    words = ("denoise", "photos", "-o", "grid", *SHORT, *TINY, "--seeds", 1)
    code, out, err = compare(capsys, *words)
    assert (code, out) == (143, "")
    assert err.splitlines()[-1] == "repix: Terminated; the same command continues."
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_before_the_first_run_says_it_too(capsys, monkeypatch, tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("repix.comparison.planned", interrupted)
    words = ("denoise", "photos", "-o", "grid", *SHORT, *TINY, "--seeds", 1)
    assert compare(capsys, *words) == (130, "", "repix: Stopped; the same command continues.\n")
    assert not (tmp_path / "grid").exists()


def test_a_folder_that_cannot_be_written_is_refused_before_the_pictures_are_read(capsys, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    code, out, err = compare(capsys, "denoise", "nowhere", "-o", "file/grid", *SHORT, *TINY)
    assert (code, out) == (1, "")
    assert err == "repix: file/grid cannot be written: part of the path is a file, not a folder.\n"
