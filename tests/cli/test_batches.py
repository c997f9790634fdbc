"""Files through the command line: where results go, what is said, and what happens when one fails."""

import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

import repix
from repix.batch.journal import NAME
from repix.cli._app import run
from repix.pictures import Picture, open_bands

SPOIL = ("degrade", "gaussian")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to stand in, with a few pictures."""
    monkeypatch.chdir(tmp_path)
    repix.write(Picture(np.full((6, 5, 3), 90, np.uint8)), "photo.png")
    repix.write(Picture(np.full((6, 5, 4), 9000, np.uint16)), "deep.png")
    Image.new("RGB", (5, 6), "red").save("old.gif")
    return tmp_path


def results(folder):
    """The results in their folder; of repix's own files only the journal may be there."""
    found = {file.name for file in (folder / "results").iterdir()}
    return sorted(found - {NAME})


def summary(said, **counts):
    """Whether the last lines that were said are this summary."""
    rows = [f"{name.replace('_', ' '):15}{count:>7}" for name, count in counts.items()]
    *lines, last = said.splitlines()[-len(rows) - 1 :]
    return lines == rows and re.fullmatch(r"in .* s \(.* MP, .* MP/s\)", last)


def names(folder):
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def test_beside_the_source(folder, capsys):
    assert run([*SPOIL, "photo.png"]) == 0
    assert capsys.readouterr() == ("photo-gaussian.png\n", "")
    assert repix.read("photo-gaussian.png").size == (6, 5)


def test_nothing_is_replaced_without_being_asked(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", "photo.png"]) == 1
    assert "photo.png exists already; use --overwrite" in capsys.readouterr().err
    assert (repix.read("photo.png").pixels == 90).all()
    assert run([*SPOIL, "photo.png", "-o", "photo.png", "--overwrite"]) == 0
    assert (repix.read("photo.png").pixels != 90).any()


def test_a_gif_becomes_a_png_and_that_is_said(folder, capsys):
    assert run([*SPOIL, "old.gif"]) == 0
    said = capsys.readouterr()
    assert said.out == "old-gaussian.png\n"
    assert said.err == "repix: GIF files can be read but not written; the result is a PNG.\n"


def test_a_folder_is_made_for_the_results(folder):
    assert run([*SPOIL, "photo.png", "old.gif", "-o", "results"]) == 0
    assert results(folder) == ["old.png", "photo.png"]


def test_a_folder_in_a_folder_that_is_missing(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", "a/b/c.png"]) == 1
    assert "The folder a/b cannot be created: a does not exist." in capsys.readouterr().err


def test_the_folder_of_a_single_result_is_made(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", "new/a.png"]) == 0
    assert (folder / "new" / "a.png").is_file()
    capsys.readouterr()


def test_no_folder_is_left_when_nothing_was_written(folder, capsys):
    assert run([*SPOIL, "deep.png", "-o", "new/a.jpg", "--strict"]) == 1
    assert not (folder / "new").exists()
    assert capsys.readouterr().err.count("\n") == 1


def test_one_bad_file_does_not_stop_the_others(folder, capsys):
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert run([*SPOIL, "bad.png", "missing.png", "photo.png"]) == 1
    said = capsys.readouterr()
    assert said.out == "photo-gaussian.png\n"
    assert said.err.splitlines() == [
        "repix: bad.png is a damaged PNG: its header is missing.",
        "repix: missing.png: there is no such file.",
        *said.err.splitlines()[2:],
    ]
    assert summary(said.err, converted=1, failed=2)
    assert len(said.err.splitlines()) == 5


def test_verbose_says_what_became_of_the_file(folder, capsys):
    assert run([*SPOIL, "deep.png", "-o", "a.jpg", "-v"]) == 0
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert "kept: 5×6 pixels" in lines
    assert "lost: JPEG has no transparency: blended with white" in lines
    assert "lost: 16 bits became 8 bits" in lines
    assert "converted: JPEG approximates the colors (quality 90)" in lines


def test_strict_makes_a_loss_an_error(folder, capsys):
    before = names(folder)
    assert run([*SPOIL, "deep.png", "-o", "a.jpg", "--strict"]) == 1
    assert "a.jpg was not written, because this would be lost: JPEG has no transparency" in capsys.readouterr().err
    assert names(folder) == before
    assert run([*SPOIL, "deep.png", "-o", "a.png", "--strict"]) == 0


def test_quality_reaches_the_file(folder):
    for quality in ("5", "95"):
        assert run([*SPOIL, "photo.png", "-o", f"{quality}.jpg", "--quality", quality]) == 0
    assert (folder / "5.jpg").stat().st_size < (folder / "95.jpg").stat().st_size


def test_an_unknown_suffix_is_refused_before_the_work(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", "a.xyz"]) == 1
    assert "'.xyz' is not a format repix can write" in capsys.readouterr().err


def test_a_name_with_a_leading_dash(folder):
    (folder / "photo.png").rename("-photo.png")
    assert run([*SPOIL, "--", "-photo.png"]) == 0
    assert (folder / "-photo-gaussian.png").exists()


def test_an_asked_depth_is_what_is_written(folder):
    assert run([*SPOIL, "photo.png", "-o", "a.png", "--depth", "16"]) == 0
    assert repix.read("a.png").depth == "16"


def test_a_folder_as_source(folder, capsys):
    """Results beside their sources are no sources of the next run."""
    assert run([*SPOIL, "."]) == 0
    made = ["deep-gaussian.png", "old-gaussian.png", "photo-gaussian.png"]
    assert sorted(capsys.readouterr().out.split()) == made
    assert run([*SPOIL, ".", "--overwrite"]) == 0
    assert sorted(capsys.readouterr().out.split()) == made


def test_a_file_where_a_folder_should_be(folder, capsys):
    (folder / "results").touch()
    assert run([*SPOIL, "photo.png", "-o", "results"]) == 1
    assert "The folder results cannot be created: a file of that name exists." in capsys.readouterr().err


def test_two_sources_for_one_file(folder, capsys):
    Image.new("RGB", (5, 6)).save("photo.gif")
    assert run([*SPOIL, "photo.png", "photo.gif"]) == 2
    assert "would both be written to photo-gaussian.png" in capsys.readouterr().err


def test_several_results_and_the_name_of_one_file(folder, capsys):
    assert run([*SPOIL, "photo.png", "deep.png", "-o", "both.png"]) == 2
    assert (
        capsys.readouterr().err == "repix: -o both.png names one file; for several files or a folder, name a folder.\n"
    )
    assert not (folder / "both.png").exists()


def test_no_pictures_on_the_standard_output(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", "-"]) == 2
    assert "this command does not write to the standard output" in capsys.readouterr().err
    assert not (folder / "-").exists()


def test_a_name_that_is_too_long(folder, capsys):
    assert run([*SPOIL, "photo.png", "-o", f"{'a' * 300}.png"]) == 1
    assert capsys.readouterr().err.endswith(f"{'a' * 300}.png cannot be written: the name is too long.\n")


def opencv_out_of_memory():
    error = cv2.error("Failed to allocate 648000000 bytes")
    error.code = -4
    return error


@pytest.mark.parametrize("error", [MemoryError(), opencv_out_of_memory()])
def test_a_picture_that_the_memory_cannot_hold_does_not_stop_the_others(error, folder, capsys, monkeypatch):
    def open_but_one(path):
        if path.name == "deep.png":
            raise error
        return open_bands(path)

    monkeypatch.setattr("repix.batch.whole_picture.open_bands", open_but_one)
    assert run([*SPOIL, "deep.png", "photo.png"]) == 1
    said = capsys.readouterr()
    assert said.out == "photo-gaussian.png\n"
    first, *rest = said.err.splitlines()
    assert first == "repix: deep.png is too large for the memory of this machine; shrink it first."
    assert len(rest) == 3
    assert summary(said.err, converted=1, failed=1)


def test_a_file_that_may_not_be_read_does_not_stop_the_others(folder, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # what the parser of the command line would ask
    assert run([*SPOIL, "photo.png", "-o", "deep.png", "--overwrite"]) == 0


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals of this kind")
def test_a_progress_bar_on_the_terminal_takes_nothing_from_a_pipe(folder):
    terminal, side = os.openpty()
    words = [*SPOIL, "photo.png", "deep.png", "-o", "results"]
    environment = os.environ | {"TERM": "xterm"}
    done = subprocess.run(
        [sys.executable, "-m", "repix", *words], stdout=subprocess.PIPE, stderr=side, env=environment, check=True
    )
    os.close(side)
    assert done.stdout.split() == [b"results/photo.png", b"results/deep.png"]
    assert b"Converting" in os.read(terminal, 10_000)
    os.close(terminal)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_was_closed(stream, folder, monkeypatch):
    monkeypatch.setattr(sys, stream, None)
    assert run([*SPOIL, "photo.png", "deep.png", "-o", "results"]) == 0
    assert results(folder) == ["deep.png", "photo.png"]
