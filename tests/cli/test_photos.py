"""HEIC, camera RAW, --keep-colors and --stamp on the command line, for files, folders and pipes."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from repix import Picture, read, write
from repix.cli._app import run
from tests.pictures.damage import made
from tests.pictures.making import dng, exif, heic, put, values

DENOISE = ["denoise", "--engine", "echo"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder as a camera leaves it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "DCIM").mkdir()
    pixels = values("RGB", "8", 24, 31)
    put(tmp_path, "DCIM/a.HEIC", heic(pixels, 6))
    put(tmp_path, "DCIM/b.heif", heic(pixels))
    put(tmp_path, "DCIM/c.NEF", dng(np.full((24, 32, 3), 0.2)))
    put(tmp_path, "DCIM/d.dng", dng(np.full((24, 32, 3), 0.2), 8))
    put(tmp_path, "DCIM/e.jpg", made(".jpg"))
    return tmp_path


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def quality_tables(path) -> dict:
    with Image.open(path) as image:
        return image.quantization


@pytest.mark.parametrize("command", [DENOISE, ["filter", "mean"], ["degrade", "gaussian", "--sigma", "0"]])
def test_a_camera_folder(folder, command, capsys):
    assert run([*command, "DCIM", "-o", "out"]) == 0
    assert names(folder / "out") == ["a.jpg", "b.jpg", "c.png", "d.png", "e.jpg"]
    said = capsys.readouterr().err
    assert said.count("HEIC files can be read but not written; the result is a JPEG.") == 1
    assert said.count("NEF files can be read but not written; the result is a PNG.") == 1
    assert read(folder / "out/a.jpg").size == (31, 24)
    assert read(folder / "out/d.png").size == (32, 24)
    assert read(folder / "out/c.png").depth == "16"
    ninety_five, ninety = ((folder / f"{quality}.jpg") for quality in (95, 90))
    for path in (ninety_five, ninety):
        write(Picture(values("RGB", "8")), path, quality=int(path.stem))
    assert quality_tables(folder / "out/a.jpg") == quality_tables(ninety_five)
    assert quality_tables(folder / "out/e.jpg") == quality_tables(ninety)


def test_format_name_and_quality_are_chosen_by_the_user(folder):
    assert run([*DENOISE, "DCIM", "-o", "out", "--format", "png"]) == 0
    assert names(folder / "out") == ["a.png", "b.png", "c.png", "d.png", "e.png"]
    assert run([*DENOISE, "DCIM/a.HEIC", "-o", "a.jpg", "--quality", "40"]) == 0
    write(Picture(values("RGB", "8")), "40.jpg", quality=40)
    assert quality_tables("a.jpg") == quality_tables("40.jpg")
    assert run([*DENOISE, "DCIM/d.dng"]) == 0
    assert (folder / "DCIM/d-denoise.png").is_file()


def test_a_heic_as_the_target_is_refused(folder, capsys):
    assert run([*DENOISE, "DCIM/e.jpg", "-o", "e.heic"]) == 1
    assert "repix reads HEIC but does not write it; write e.jpg instead" in capsys.readouterr().err


UNCHANGED = "the result differs from the picture by only"
"""The advice for a picture without noise."""


def test_pipes(folder):
    for name, beginning in (("a.HEIC", b"\xff\xd8\xff"), ("d.dng", b"\x89PNG")):
        command = [sys.executable, "-m", "repix", *DENOISE, "-", "-o", "-"]
        done = subprocess.run(command, input=(folder / "DCIM" / name).read_bytes(), capture_output=True, check=False)
        assert done.returncode == 0
        assert all(UNCHANGED in line for line in done.stderr.decode().splitlines())
        assert done.stdout.startswith(beginning)


def test_one_damaged_photo_does_not_stop_the_others(folder, capfd):
    for name, keep in (("a.HEIC", 0.6), ("d.dng", 0.6), ("b.heif", 0.0)):
        path = folder / "DCIM" / name
        path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    assert run([*DENOISE, "DCIM", "-o", "out"]) == 1
    lines = capfd.readouterr().err.splitlines()
    said = [line for line in lines if line.startswith("repix: DCIM") and UNCHANGED not in line]
    assert [line.split()[1].rstrip(":") for line in sorted(said)] == ["DCIM/a.HEIC", "DCIM/b.heif", "DCIM/d.dng"]
    assert names(folder / "out") == ["c.png", "e.jpg"]


def test_a_missing_library_fails_these_files_only(folder, monkeypatch, capsys):
    for library in ("pi_heif", "rawpy"):
        monkeypatch.setitem(sys.modules, library, None)
    assert run([*DENOISE, "DCIM", "-o", "out"]) == 1
    said = capsys.readouterr().err
    assert "DCIM/a.HEIC is HEIC, which needs pi-heif: `pip install pi-heif` (extra photos)" in said
    assert "DCIM/d.dng is camera RAW, which needs rawpy: `pip install rawpy` (extra photos)" in said
    assert names(folder / "out") == ["e.jpg"]


def test_too_little_memory_is_said_before_decoding(folder, capsys):
    put(folder, "large.heic", heic(np.zeros((2000, 2000, 3), np.uint8), quality=10, chroma=420))
    assert run([*DENOISE, "large.heic", "--memory", "220MB"]) == 1
    assert "large.heic, 2000×2000 pixels, needs about 0.4" in capsys.readouterr().err


def stamps(path) -> tuple:
    with Image.open(path) as image:
        found = image.getexif()
        return found.get(0x0131), found.get(0x010E)


def test_a_stamp_says_what_was_done_in_every_file_of_a_folder(folder):
    assert run([*DENOISE, "DCIM", "-o", "plain"]) == 0
    assert [stamps(folder / "plain" / name) for name in ("a.jpg", "c.png")] == [(None, None)] * 2
    options = ["--stamp", "--strength", "0.5", "--keep-colors"]
    assert run([*DENOISE, "DCIM", "-o", "out", *options]) == 0
    from repix import __version__

    for name, quality in (("a.jpg", ", quality 95"), ("c.png", ""), ("e.jpg", ", quality 90")):
        software, line = stamps(folder / "out" / name)
        assert software == f"repix {__version__}"
        assert line.startswith(f"repix {__version__}: model denoise-photo (")
        assert line.endswith(f", precision exact, task denoise, strength 0.5, keep-colors{quality}")
    with Image.open(folder / "out/c.png") as image:
        assert image.text["Software"] == f"repix {__version__}"


def test_the_journal_knows_both_options(folder, capsys):
    shutil.copy("DCIM/e.jpg", "e.jpg")
    os.mkdir("in")  # noqa: PTH102
    shutil.move("e.jpg", "in/e.jpg")
    for options in ([], ["--stamp"], ["--keep-colors"], ["--stamp", "--keep-colors"], ["--quality", "90"]):
        states = []
        for _ in range(2):
            capsys.readouterr()
            assert run([*DENOISE, "in", "-o", "out", "--json", *options]) == 0
            states += [one["state"] for one in json.loads(capsys.readouterr().out)["files"]]
        assert states == ["done", "kept"]


@pytest.mark.parametrize("task", ["segment", "colorize", "restore"])
def test_tasks_with_new_colors_refuse_to_keep_them(folder, task, capsys):
    assert run([task, "--engine", "echo", "DCIM/e.jpg", "--keep-colors", "-o", "out.png"]) == 2
    assert f"The colors of the source cannot be kept in a result of {task}" in capsys.readouterr().err
    assert not (folder / "out.png").exists()


def test_metadata_of_a_heic_reach_the_result(folder):
    assert run([*DENOISE, "DCIM/a.HEIC", "-o", "a.jpg"]) == 0
    with Image.open("a.jpg") as image:
        found = image.getexif()
        assert (found[0x010F], found[0x0112]) == ("a maker", 1)
        assert found.get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"
    assert exif(6) not in (folder / "a.jpg").read_bytes()
