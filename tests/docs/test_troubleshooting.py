"""docs/troubleshooting.md: every message on the page is what the command above it gives, word for word."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

import repix
from repix.cli._app import run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
PROBLEMS = re.findall(r"^```console\nrepix ([^\n]+)\n```\n\n```text\n(.+?)\n```", PAGE, re.DOTALL | re.MULTILINE)
WITHOUT = re.compile(r"# without (\w+)$")


@pytest.fixture
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("problems")
    y, x = np.mgrid[:64, :80] / 80
    for place in ("photos", "empty"):
        (folder / place).mkdir()
    for name in ("photo.png", "result.png", "photos/a.png"):
        repix.write(repix.Picture.of(np.stack([x, y, (x + y) % 1], -1)), folder / name)
    repix.write(repix.Picture.of(np.zeros((128, 160, 3))), folder / "large.png")
    repix.write(repix.Picture.of(np.zeros((128, 160, 3))), folder / "broken.jpg")
    (folder / "broken.jpg").write_bytes((folder / "broken.jpg").read_bytes()[:100])
    (folder / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "notes.txt").write_text("hello")
    return folder


def test_each_block_of_the_page_is_tested():
    assert len(PROBLEMS) == PAGE.count("```console") == PAGE.count("```text") >= 20


@pytest.mark.parametrize(("command", "message"), PROBLEMS, ids=[command for command, _ in PROBLEMS])
def test_the_command_gives_the_message(command, message, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    for library in WITHOUT.findall(command):
        monkeypatch.setitem(sys.modules, library, None)
    run(shlex.split(WITHOUT.sub("", command)))
    assert capsys.readouterr().err.strip() == message
