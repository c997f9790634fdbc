"""`--files`: lists of files on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

import repix
from repix.cli._app import run
from repix.pictures import Picture

ECHO = ("convert", "denoise-gray", "--engine", "echo")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder to stand in, with two pictures and a list."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        repix.write(Picture(np.full((6, 5, 1), ord(name), np.uint8)), f"{name}.png")
    Path("notes.txt").write_text("no picture")
    lines = [{"source": "a.png"}, {"source": "notes.txt"}, {"source": "b.png", "target": "deep/c.png"}]
    Path("list.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path


def test_a_list_is_planned_converted_and_continued(capsys):
    words = [*ECHO, "--files", "list.jsonl", "-o", "out"]
    assert run([*words, "--dry-run"]) == 0
    assert capsys.readouterr().out.split() == ["new", "out/a.png", "new", "out/notes.txt.png", "new", "out/deep/c.png"]
    assert run(words) == 1
    said = capsys.readouterr()
    assert sorted(said.out.split()) == ["out/a.png", "out/deep/c.png"]
    assert "list.jsonl, line 2: notes.txt is not an image" in said.err
    assert np.array_equal(repix.read("out/deep/c.png").pixels, repix.read("b.png").pixels)
    Path("list.jsonl").write_text('{"source": "a.png"}\n{"source": "b.png", "target": "deep/c.png"}')
    assert run(words) == 0
    assert "up to date           2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs a folder for results and journal"),
        (["-o", "out.png"], "names one file"),
        (["a.png", "-o", "out"], "Both --files list.jsonl and a.png are given"),
        (["-o", "out", "--watch", "-r"], "leave --recursive and --watch out"),
    ],
)
def test_what_does_not_go_with_a_list(words, said, capsys):
    assert run([*ECHO, "--files", "list.jsonl", *words]) == 2
    assert said in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_noise_level_selects_no_model_for_a_list(capsys):
    assert run(["denoise", "--sigma", "25", "--files", "list.jsonl", "-o", "out"]) == 2
    assert "name the model: --model" in capsys.readouterr().err


def test_no_pictures_at_all(capsys):
    assert run([*ECHO]) == 2
    assert "name files or folders, or a list of files with --files" in capsys.readouterr().err
