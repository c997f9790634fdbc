"""Damaged files: an error of repix, or a picture of the header's size; never a crash, a hang or a stray warning."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import repix
from repix.errors import RepixError
from tests.pictures.damage import sound_files
from tests.pictures.making import put

COUNTS = {
    "JPEG": 800,
    "PNG": 800,
    "TIFF": 1100,
    "WebP": 500,
    "AVIF": 500,
    "GIF": 400,
    "BMP": 500,
    "PPM": 500,
    "NPY": 300,
}
ROOT = Path(__file__).parents[2]


def test_there_are_enough_of_them():
    assert sum(COUNTS.values()) >= 5000


@pytest.mark.parametrize("form", COUNTS)
def test_damaged_files(form):
    result = subprocess.run(
        [sys.executable, "-m", "tests.pictures.damage", form, str(COUNTS[form])],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert result.stderr == ""
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 1, result.stdout
    read, refused = map(int, lines[0].split())
    assert read + refused == COUNTS[form]
    assert read > 0
    assert refused > COUNTS[form] // 10


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WebP", "AVIF", "GIF", "BMP", "PPM", "NPY"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_was_cut_off_is_an_error(tmp_path, form, share):
    data = sound_files(form)[1]
    with pytest.raises(RepixError):
        repix.read(put(tmp_path, "a", data[: int(len(data) * share)]))
