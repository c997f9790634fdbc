"""The pixels that a header announces, held against the picture itself."""

import math
import os
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

import repix
from repix.batch.sizes import pixels_of
from repix.errors import DiskFull, RepixError, Unreadable, Unwritable
from repix.pictures import Picture
from repix.pictures.atomic import atomic_file, move_into_place
from repix.pictures.formats import FORMATS
from tests.pictures.making import dng, heic

COLORS = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def drawn(form, file):
    if form == "GIF":
        Image.fromarray(COLORS).save(file)
    elif form == "PBM":
        Image.fromarray(COLORS).convert("1").save(file)
    elif form == "PFM":
        repix.write(Picture(COLORS.astype(np.float32)), file)
    elif form == "HEIC":
        file.write_bytes(heic(COLORS))
    elif form == "camera RAW":
        file.write_bytes(dng(np.full((48, 64, 3), 0.4)))
    else:
        repix.write(Picture(COLORS[:, :, :1] if form == "PGM" else COLORS), file)


@pytest.fixture(scope="module", params=sorted(FORMATS))
def file(request, tmp_path_factory):
    """A small picture in each format that is read."""
    path = tmp_path_factory.mktemp("extent") / f"a{FORMATS[request.param].suffixes[0]}"
    drawn(request.param, path)
    return path


def test_as_many_as_the_picture_has(file):
    assert repix.read(file).size == ((48, 64) if file.suffix == ".dng" else (5, 7))
    assert pixels_of(file) == math.prod(repix.read(file).size)


@pytest.mark.parametrize("length", [0, 1, 3, 11, 20, 40, 90])
def test_a_file_that_is_cut_off_gives_a_number_or_a_sentence(length, file, tmp_path):
    cut = tmp_path / file.name
    cut.write_bytes(file.read_bytes()[:length])
    with suppress(RepixError):
        assert pixels_of(cut) == math.prod(repix.read(file).size)


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("pipe.png", "nothing.png", "."):
        with pytest.raises(Unreadable, match=r"not a regular file|not a regular file|no such file|is a folder"):
            pixels_of(tmp_path / name)


def test_a_place_is_taken_only_if_it_is_free_or_may_be_replaced(tmp_path):
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    with pytest.raises(Unwritable, match="exists already"):
        move_into_place(tmp_path / "new", tmp_path / "old", overwrite=False)
    assert (tmp_path / "old").read_bytes() == b"old"
    move_into_place(tmp_path / "new", tmp_path / "old", overwrite=True)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("old", b"new")]


def test_a_full_disk_has_an_error_of_its_own(tmp_path):
    said = r"a\.png cannot be written: the disk is full"
    with pytest.raises(DiskFull, match=said), atomic_file(tmp_path / "a.png", overwrite=False):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())
