"""`repix demo`: the page is whole, and every restoration helped."""

import json
import re
import sys
from pathlib import Path

import pytest

from repix.cli._app import run
from repix.models import catalog
from repix.pictures import read
from repix.report import Comparison
from repix.report.showcase import BY_FILTERS, BY_MODELS, LEAST_GAINS, SEGMENTED

MEASURED = Path(__file__).parents[2] / "benchmarks" / "results" / "best_and_worst.json"


def test_the_page_is_whole_and_every_restoration_helped(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(
        "webbrowser.open", lambda _: pytest.fail("the page was opened though nobody sits at a terminal")
    )
    assert run(["demo", "-o", str(tmp_path / "page")]) == 0
    html = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'src="([^"]+)"', html)
    restored = len(BY_FILTERS) + sum(one.model in catalog() for one in BY_MODELS)
    restored_badly = sum(one.model in catalog() for one in LEAST_GAINS)
    assert len(named) >= 2 * (restored + restored_badly)
    assert all((tmp_path / "page" / name).is_file() for name in named)
    gains = re.findall(r"<p>([\d.]+) dB → ([\d.]+) dB", html)
    assert len(gains) == restored + restored_badly
    assert all(float(after) > float(before) + 1 for before, after in gains[:restored])
    capsys.readouterr()
    assert run(["demo", "-o", str(tmp_path / "page")]) == 1
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "terminal", "desktop", "opened"),
    [([], True, True, 1), ([], True, False, 0), ([], False, True, 0), (["--no-open"], True, True, 0)],
)
def test_the_page_is_opened_where_somebody_can_see_it(tmp_path, monkeypatch, capsys, words, terminal, desktop, opened):
    found = []
    monkeypatch.setattr("webbrowser.open", found.append)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0" if desktop else "")
    for part in ("_restored", "_by_networks"):
        monkeypatch.setattr(f"repix.report.demo.Demo.{part}", lambda *_: [])
    monkeypatch.setattr("repix.report.demo.Demo._segment", lambda _: Comparison("", "", ""))
    monkeypatch.setattr("repix.report.demo.EXPLANATIONS", ())
    assert run(["demo", "-o", str(tmp_path / "page"), *words]) == 0
    assert found == [(tmp_path / "page" / "index.html").as_uri()] * opened


@pytest.mark.parametrize("model", SEGMENTED)
def test_the_pictures_to_segment_are_there(tmp_path, model):
    _, stem, put = SEGMENTED[model]
    put(tmp_path / f"{stem}.png")
    assert min(read(tmp_path / f"{stem}.png").size) >= 256


def test_every_model_that_mends_pictures_is_shown():
    shown = {one.model for one in BY_MODELS}
    assert {name for name, model in catalog().items() if model.task != "segment"} <= shown


def test_the_worst_case_of_each_model_is_the_measured_one():
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))["rows"]
    worst = {}
    for row in sorted(rows, key=lambda row: row["before"] - row["after"]):
        worst[row["model"]] = Path(row["photo"]).stem
    assert {one.model: one.photo for one in LEAST_GAINS} == worst


def test_a_file_where_the_folder_should_be(tmp_path, capsys):
    (tmp_path / "demo").touch()
    assert run(["demo", "-o", str(tmp_path / "demo")]) == 1
    assert capsys.readouterr().err == f"repix: {tmp_path / 'demo'}: a file of that name exists.\n"


def test_no_folder_is_made_where_a_library_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "skimage", None)
    assert run(["demo", "-o", str(tmp_path / "demo")]) == 1
    assert "pip install scikit-image" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()
