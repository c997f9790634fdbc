"""`repix inspect`, and the line that the verbs say."""

import json

import numpy as np
import pytest

from repix.cli._app import run
from repix.pictures import Picture, write
from tests.inspection.test_advice import noisy, speckled


@pytest.fixture
def pictures(tmp_path):
    """A folder of a noisy picture, one with salt and pepper, and a damaged one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    write(noisy(25), folder / "a.png")
    write(speckled(), folder / "b.png")
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    return folder


def test_a_table_and_the_command_that_helps(pictures, capsys):
    assert run(["inspect", str(pictures / "b.png")]) == 0
    printed = capsys.readouterr()
    assert "salt and pepper" in printed.out
    assert "looks like salt and pepper, 12%: repix denoise --model denoise-impulse" in printed.out
    assert printed.err == ""


def test_a_damaged_file_gets_a_sentence_and_the_others_go_on(pictures, capsys):
    assert run(["inspect", str(pictures), "--json"]) == 1
    printed = capsys.readouterr()
    first, second, third = json.loads(printed.out)
    assert first["luma_noise"]["sigma"] == pytest.approx(16.7, abs=2)  # of three independent channels
    assert second["advice"][0]["command"] == "repix denoise --model denoise-impulse"
    assert "c.png" in third["error"]
    assert printed.err.count("\n") == 1


def test_verbs_say_what_their_model_is_not_for(pictures, tmp_path, capsys):
    assert run(["denoise", str(pictures / "b.png"), "-o", str(tmp_path / "out.png")]) == 0
    assert capsys.readouterr().err.strip().endswith("repix denoise --model denoise-impulse removes it.")
    assert run(["denoise", str(pictures / "a.png"), "-o", str(tmp_path / "other.png")]) == 0
    assert capsys.readouterr().err == ""


def test_verbs_say_that_almost_nothing_changed(tmp_path, capsys):
    flat = Picture(np.full((64, 64, 3), 128, np.uint8))
    write(flat, tmp_path / "flat.png")
    assert run(["denoise", str(tmp_path / "flat.png"), "--json"]) == 0
    printed = capsys.readouterr()
    assert "gray levels on average" in json.loads(printed.out)["files"][0]["advice"][0]
    assert printed.err.count("\n") == 1


def test_fail_unsuitable_writes_the_others_only(pictures, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["denoise", str(pictures), "-o", str(out), "--fail-unsuitable"]) == 1
    assert [one.name for one in sorted(out.glob("*.png"))] == ["a.png"]
    assert "b.png: the picture has salt and pepper" in capsys.readouterr().err
    write(Picture(np.full((64, 64, 3), 128, np.uint8)), tmp_path / "flat.png")
    assert run(["denoise", str(tmp_path / "flat.png"), "--fail-unsuitable"]) == 1
    assert not (tmp_path / "flat-denoise.png").exists()
