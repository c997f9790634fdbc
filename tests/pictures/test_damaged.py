"""Damaged files: an error of repix, or a picture of the header's size; never a crash, a hang or a stray warning."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import repix
from repix.errors import RepixError
from tests.given import count, seeds
from tests.pictures.damage import sound_files
from tests.pictures.making import put

FORMS = ("JPEG", "PNG", "TIFF", "WebP", "AVIF", "GIF", "BMP", "PPM", "NPY", "HEIC", "DNG")
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("form", FORMS)
@seeds(1, 10)
def test_damaged_files(form, seed, record_property):
    number = count(100, 1000)
    record_property("cases", number)
    result = subprocess.run(
        [sys.executable, "-m", "tests.pictures.damage", form, str(number), str(seed)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert result.stderr == ""
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 1, result.stdout
    read, refused = map(int, lines[0].split())
    assert read + refused == number
    assert read > 0
    assert refused > number // 20


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_that_was_cut_off_is_an_error(tmp_path, form, share):
    data = sound_files(form)[1]
    with pytest.raises(RepixError):
        repix.read(put(tmp_path, "a", data[: int(len(data) * share)]))
