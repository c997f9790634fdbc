"""Bands are written as the same bytes as the whole picture, or not at all."""

import itertools
import signal
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import repix
from repix.errors import FidelityLost, Unwritable, WrongShape, WrongUse
from repix.pictures import Picture, encoder_memory, open_bands, write_bands
from repix.pictures.formats import FORMATS, WRITTEN
from tests.pictures.making import exif, profiles, values
from tests.pictures.test_files import file_size_limit

KINDS = list(itertools.product(("L", "LA", "RGB", "RGBA"), ("8", "16", "float")))
SUFFIXES = [FORMATS[name].suffixes[0] for name in WRITTEN]
STREAMED = (".png", ".jpg", ".tif", ".webp", ".bmp")


def running() -> set[threading.Thread]:
    """Python's own threads; those of libvips get a name that stays in the list after their end."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def cut(picture: Picture, heights) -> list[Picture]:
    """The picture in bands of these heights, again and again."""
    tops, bands = itertools.accumulate(itertools.chain([0], itertools.cycle(heights))), []
    for top, bottom in itertools.pairwise(tops):
        if top >= picture.size[0]:
            return bands
        bands.append(
            Picture(picture.pixels[top:bottom], picture.profile, picture.exif, xmp=picture.xmp,
                    resolution=picture.resolution, notes=picture.notes, lost=picture.lost)
        )  # fmt: skip
    return bands


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=6, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    which=st.integers(0, 2),
    rich=st.booleans(),
    heights=st.lists(st.integers(1, 30), min_size=1),
)
def test_the_same_bytes_as_the_whole_picture(suffix, kind, which, rich, heights):
    icc = profiles(kind[0] in ("L", "LA"))[which]
    more = {"exif": exif(), "xmp": b"<x:xmpmeta/>", "resolution": (11.811, 5.9), "notes": ("a note",)} if rich else {}
    picture = Picture(values(*kind, 40, 11), profile=icc, **more)
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, f"a{suffix}"), Path(folder, f"b{suffix}")
        if suffix == ".pgm" and not picture.is_gray:
            with pytest.raises(Unwritable, match="cannot store colors"):
                write_bands(cut(picture, heights), picture.size, other)
            return
        report = repix.write(picture, one)
        assert write_bands(iter(cut(picture, heights)), picture.size, other) == report
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("suffix", [".tif", ".jpg"])
def test_large_pictures_too(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("repix.pictures.vips_writer.LARGE", 100)
    monkeypatch.setattr("repix.pictures.vips_writer.BIG_FROM", 100)
    picture = Picture(values("RGB", "8", 300, 200), exif=exif())
    repix.write(picture, tmp_path / f"a{suffix}")
    write_bands(cut(picture, [64]), picture.size, tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".ppm", ".npy"])
def test_from_file_to_file(tmp_path, suffix):
    picture = Picture(values("RGB", "8", 90, 31), exif=exif(), xmp=b"<x:xmpmeta/>")
    repix.write(picture, tmp_path / f"a{suffix}")
    with open_bands(tmp_path / f"a{suffix}") as bands:
        write_bands((bands.read(16) for _ in range(6)), bands.size, tmp_path / f"b{suffix}")
    repix.write(repix.read(tmp_path / f"a{suffix}"), tmp_path / f"c{suffix}")
    assert (tmp_path / f"b{suffix}").read_bytes() == (tmp_path / f"c{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", STREAMED)
@pytest.mark.parametrize("trouble", [OSError(5, "mine"), KeyboardInterrupt(), WrongUse("mine"),
                                     Unwritable("mine")], ids=repr)  # fmt: skip
@pytest.mark.parametrize("after", [0, 2])
def test_trouble_in_the_bands_comes_out_unchanged(tmp_path, suffix, trouble, after):
    def bands():
        for _ in range(after):
            yield Picture(values("RGB", "8", 30, 50))
        raise trouble

    before = running()
    with pytest.raises(type(trouble)) as caught:
        write_bands(bands(), (200, 50), tmp_path / f"a{suffix}")
    assert caught.value is trouble
    assert list(tmp_path.iterdir()) == []
    assert not running() - before


@pytest.mark.parametrize("suffix", STREAMED)
def test_interrupted_between_bands(tmp_path, suffix):
    def bands():
        yield Picture(values("RGB", "8", 30, 50))
        signal.raise_signal(signal.SIGINT)
        yield Picture(values("RGB", "8", 30, 50))

    with pytest.raises(KeyboardInterrupt):
        write_bands(bands(), (60, 50), tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("suffix", STREAMED)
def test_the_bands_are_drawn_in_the_callers_thread(tmp_path, suffix):
    seen = []

    def bands():
        for _ in range(3):
            seen.append(threading.current_thread())
            yield Picture(values("RGB", "8", 30, 50))

    write_bands(bands(), (90, 50), tmp_path / f"a{suffix}")
    assert set(seen) == {threading.current_thread()}


@pytest.mark.parametrize("suffix", [*STREAMED, ".npy"])
@pytest.mark.parametrize("heights", [(30, 30), (30, 30, 31), (90, 1), (), (91,)], ids=str)
def test_too_few_or_too_many_rows(tmp_path, suffix, heights):
    bands = [Picture(values("RGB", "8", height, 50)) for height in heights]
    with pytest.raises(WrongShape, match=r"ended after (0|60) of 90 rows|at row (0|60|90) does not fit"):
        write_bands(bands, (90, 50), tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", [("L", "8"), ("RGBA", "8"), ("RGB", "16")], ids=str)
def test_bands_of_another_kind(tmp_path, other):
    bands = [Picture(values("RGB", "8", 30, 50)), Picture(values(*other, 30, 50))]
    with pytest.raises(WrongShape, match="their depth and channels must be equal"):
        write_bands(bands, (60, 50), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def unpullable():
    """Bands that must not be drawn."""
    pytest.fail("a band was drawn")
    yield


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [("a.jpg", (65_501, 1), "at most 65500"), ("a.webp", (1, 16_384), "at most 16383"),
     ("a.avif", (16_385, 1), "at most 16384"), ("a.gif", (1, 1), "does not write it")],
)  # fmt: skip
def test_limits_of_formats_before_a_band_is_drawn(tmp_path, name, size, words):
    with pytest.raises(Unwritable, match=words):
        write_bands(unpullable(), size, tmp_path / name)


def test_a_picture_of_no_rows(tmp_path):
    with pytest.raises(WrongShape, match="at least 1"):
        write_bands([], (0, 5), tmp_path / "a.png")


def test_a_bare_array_is_no_band(tmp_path):
    with pytest.raises(WrongUse, match=r"must be a repix\.Picture"):
        write_bands([np.zeros((4, 4), np.uint8)], (4, 4), tmp_path / "a.png")


def test_a_bmp_counts_at_most_4_gib(tmp_path):
    band = Picture(np.zeros((1, 40_000, 3), np.uint8))
    with pytest.raises(Unwritable, match="at most 4 GiB"):
        write_bands([band], (40_000, 40_000), tmp_path / "a.bmp")
    assert list(tmp_path.iterdir()) == []


def test_strict_before_anything_is_written(tmp_path):
    drawn = []

    def bands():
        for _ in range(2):
            drawn.append(True)
            yield Picture(values("RGB", "16", 4, 4))

    with pytest.raises(FidelityLost, match="16 bits became 8 bits"):
        write_bands(bands(), (8, 4), tmp_path / "a.jpg", strict=True)
    assert len(drawn) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_the_last_band_has_lost_counts(tmp_path):
    bands = [Picture(values("RGB", "8", 4, 4)), Picture(values("RGB", "8", 4, 4), lost=("a part",))]
    with pytest.raises(FidelityLost, match="a part"):
        write_bands(bands, (8, 4), tmp_path / "a.png", strict=True)
    assert list(tmp_path.iterdir()) == []
    assert write_bands(bands, (8, 4), tmp_path / "a.png").lost == ("a part",)


def test_an_existing_file_is_kept_before_and_after(tmp_path):
    (tmp_path / "a.png").write_bytes(b"precious")
    bands = cut(Picture(values("RGB", "8", 40, 11)), [7])
    with pytest.raises(Unwritable, match="--overwrite"):
        write_bands(bands, (40, 11), tmp_path / "a.png")
    with pytest.raises(WrongShape):
        write_bands(bands[1:], (40, 11), tmp_path / "a.png", overwrite=True)
    assert (tmp_path / "a.png").read_bytes() == b"precious"
    write_bands(bands, (40, 11), tmp_path / "a.png", overwrite=True)
    assert repix.read(tmp_path / "a.png").size == (40, 11)


@pytest.mark.parametrize("suffix", [*STREAMED, ".npy"])
def test_no_room_on_the_disk(tmp_path, suffix, capfd):
    rng = np.random.default_rng(0)
    bands = (Picture(rng.integers(0, 256, (100, 200, 3), dtype=np.uint8)) for _ in range(9))
    with pytest.raises(Unwritable, match="larger than the system allows"), file_size_limit(4096):
        write_bands(bands, (900, 200), tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_what_encoders_hold():
    size, large = (4000, 4000), (9000, 9000)
    for form in ("WebP", "AVIF", "JPEG"):
        assert encoder_memory(form, size, 3, "8") > 4000 * 4000 * 6
    for form in ("TIFF", "PNG", "JPEG"):
        assert encoder_memory(form, large, 3, "8") < 9000 * 9000 * 3
    assert encoder_memory("NPY", large, 4, "float") == 0
