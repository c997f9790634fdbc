"""`repix.convert_folder`: the same files as `repix convert` makes, and the same journal."""

import numpy as np
import pytest

import repix
from repix.batch import BatchOptions
from repix.cli._app import run
from repix.conversion.file import FileOptions
from repix.errors import RepixError, Unreadable, WrongUse


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "pictures"
    (place / "inner").mkdir(parents=True)
    for number, where in enumerate((place / "a.png", place / "b.jpg", place / "inner" / "c.png")):
        pixels = np.random.default_rng(number).integers(0, 255, (23, 31, 3), np.uint8)
        repix.write(repix.Picture(pixels), where)
    return place


def made(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.[pj][np]g")}


def test_it_makes_what_the_command_makes_and_either_goes_on_where_the_other_stopped(folder, tmp_path, capsys):
    report = repix.convert_folder("denoise-color", folder, tmp_path / "python", recursive=True)
    assert report.exit_code == 0
    assert report.count("done") == 3
    assert run(["convert", "denoise-color", str(folder), "-o", str(tmp_path / "command"), "-r"]) == 0
    assert made(tmp_path / "python") == made(tmp_path / "command")
    assert set(made(tmp_path / "python")) == {"a.png", "b.jpg", "inner/c.png"}
    again = repix.convert_folder("denoise-color", folder, tmp_path / "command", recursive=True)
    assert again.count("kept") == 3


def test_options_are_taken_and_a_bad_file_is_reported(folder, tmp_path):
    (folder / "bad.png").write_bytes(b"none")
    options, batch = FileOptions(strength=0.0), BatchOptions(workers=2)
    report = repix.convert_folder("denoise-color", folder, tmp_path / "out", options=options, batch=batch)
    assert [outcome.state for outcome in report.outcomes if outcome.source.name == "bad.png"] == ["failed"]
    assert report.exit_code == 1
    np.testing.assert_array_equal(repix.read(tmp_path / "out" / "a.png").pixels, repix.read(folder / "a.png").pixels)
    assert not (tmp_path / "out" / "inner").exists()


def test_files_of_somebody_else_are_replaced_only_when_asked(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    report = repix.convert_folder("denoise-color", folder, tmp_path / "out")
    assert report.count("failed") == 1
    assert (tmp_path / "out" / "a.png").read_bytes() == b"mine"
    options = FileOptions(overwrite=True)
    assert repix.convert_folder("denoise-color", folder, tmp_path / "out", options=options).count("failed") == 0


def test_what_is_wrong_is_one_sentence(folder, tmp_path):
    with pytest.raises(Unreadable, match=r"^nowhere: there is no such folder\.$"):
        repix.convert_folder("denoise-color", "nowhere", tmp_path / "out")
    with pytest.raises(RepixError, match=r"nowhere\.onnx"):
        repix.convert_folder("nowhere.onnx", folder, tmp_path / "out")
    with pytest.raises(WrongUse, match="for segmentation models"):
        repix.convert_folder("denoise-color", folder, tmp_path / "out", options=FileOptions(overlay=True))
    (tmp_path / "empty").mkdir()
    with pytest.raises(RepixError, match="empty"):
        repix.convert_folder("denoise-color", tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()
