"""Bands of rows are the picture that `read` gives, cut up: in pixels, in metadata and in what goes wrong."""

import gc
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

import repix
from repix.errors import RepixError, TooLarge, Unreadable, WrongUse
from repix.pictures import Limits, Picture, open_bands
from repix.pictures.headers import inspect
from tests.pictures.damage import damaged, sound_files
from tests.pictures.making import by_pillow, exif, png, profiles, put, tiff, values
from tests.pictures.test_reading import CLOSE, EXACT, PLAIN, npy

BESIDES = ("profile", "exif", "xmp", "resolution", "notes", "lost", "depth")
OPEN_FILES = Path("/proc/self/fd")
FORMS = ("JPEG", "PNG", "TIFF", "WebP", "AVIF", "GIF", "BMP", "PPM", "NPY")


def outcome(path: Path, heights) -> tuple:
    """What taking bands of these heights, again and again, gives: pixels and all else, or the error's sentence."""
    try:
        with open_bands(path) as bands:
            taken = []
            while bands.rows_left:
                taken.append(bands.read(heights[len(taken) % len(heights)]))
            assert taken[0].size[1] == bands.size[1]
            assert (taken[0].pixels.shape[2], taken[0].depth) == (bands.channels, bands.depth)
            pixels = np.concatenate([band.pixels for band in taken])
            assert pixels.shape[:2] == bands.size
    except RepixError as error:
        return (str(error),)
    return (pixels.tobytes(), *(getattr(taken[-1], name) for name in BESIDES))


def whole(path: Path) -> tuple:
    """The same of `read`."""
    try:
        picture = repix.read(path)
    except RepixError as error:
        return (str(error),)
    return (picture.pixels.tobytes(), *(getattr(picture, name) for name in BESIDES))


@pytest.mark.parametrize(("form", "kind", "depth"), EXACT, ids=str)
@settings(max_examples=5, deadline=None)
@given(orientation=st.integers(1, 8), which=st.integers(0, 2), heights=st.lists(st.integers(1, 9), min_size=1))
def test_lossless_files_in_bands(form, kind, depth, orientation, which, heights):
    icc = profiles(kind in ("1", "L", "LA"))[which]
    made = EXACT[form, kind, depth](values(kind, depth, 23, 9), orientation, icc)
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), "any name", made)
        assert len(whole(path)) > 1
        assert outcome(path, heights) == whole(path)


@pytest.mark.parametrize(("form", "kind"), CLOSE, ids=str)
@pytest.mark.parametrize("orientation", [1, 2, 6])
def test_lossy_files_in_bands(tmp_path, form, kind, orientation):
    made = CLOSE[form, kind](values(kind, "8", 50, 21), orientation, None)
    path = put(tmp_path, "any name", made)
    for heights in ([1], [7, 16, 3], [49, 1]):
        assert outcome(path, heights) == whole(path)


@pytest.mark.parametrize(("form", "kind", "depth"), PLAIN, ids=str)
@settings(max_examples=5, deadline=None)
@given(heights=st.lists(st.integers(1, 9), min_size=1))
def test_plain_files_in_bands(form, kind, depth, heights):
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), "any name", PLAIN[form, kind, depth](values(kind, depth, 17, 5)))
        assert len(whole(path)) > 1
        assert outcome(path, heights) == whole(path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at_once", [0, 2**21])
def test_sound_and_damaged_files_in_bands(tmp_path, form, at_once, monkeypatch):
    monkeypatch.setattr("repix.pictures.vips_reader.AT_ONCE", at_once)
    sound, rng = sound_files(form), random.Random(f"bands {form}")  # noqa: S311
    files = sound + [damaged(rng.choice(sound), sound, rng) for _ in range(25)]
    refused = 0
    for data in files:
        path = put(tmp_path, "any name", data)
        expected = whole(path)
        refused += len(expected) == 1
        assert outcome(path, [rng.randint(1, 9) for _ in range(4)]) == expected
    assert 0 < refused < len(files)


def test_a_jpeg_damaged_midway_says_so_from_there_on(tmp_path):
    data = by_pillow(values("RGB", "8", 400, 64), "JPEG", quality=95)
    middle = len(data) * 2 // 3
    path = put(tmp_path, "a.jpg", data[:middle] + b"\xff\xd3" + data[middle + 2 :])
    with open_bands(path) as bands:
        said = [bands.read(16).lost for _ in range(25)]
    assert said[0] == said[10] == ()
    assert said[-1] == ("the pixels in the damaged parts of the JPEG",) == repix.read(path).lost
    assert outcome(path, [16]) == whole(path)


def whole_files() -> dict[str, bytes]:
    """One file of each kind that must be decoded whole, by a word of the reason."""
    rgb = values("RGB", "8", 24, 31)
    interlaced = bytearray(png(rgb, "RGB"))
    interlaced[28] = 1
    text = b"P3 2 2 255 " + b" ".join(b"%d" % level for level in range(12))
    return {
        "progressive": by_pillow(rgb, "JPEG", progressive=True),
        "orientation 6": tiff(rgb, 6),
        "interlaced": bytes(interlaced),
        "WebP": by_pillow(rgb, "WEBP"),
        "AVIF": by_pillow(rgb, "AVIF"),
        "GIF": by_pillow(rgb, "GIF"),
        "run-length": sound_files("BMP")[-1],
        "text": text,
        "column by column": npy(np.asfortranarray(rgb)),
    }


@pytest.mark.parametrize("word", ["progressive", "orientation 6", "interlaced", "WebP", "AVIF", "GIF", "run-length",
                                  "text", "column by column"])  # fmt: skip
def test_what_must_be_decoded_whole_says_why_and_counts_it(tmp_path, word):
    with open_bands(put(tmp_path, "a", whole_files()[word])) as bands:
        assert word in bands.whole
        assert bands.decoder_memory >= np.prod(bands.size)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp", "a.ppm", "a.pfm", "a.npy"])
def test_the_others_need_not(tmp_path, name):
    repix.write(Picture(values("RGB", "8", 9, 5)), tmp_path / name)
    with open_bands(tmp_path / name) as bands:
        assert bands.whole is None
        assert bands.decoder_memory < 2**25


def test_a_mirrored_picture_need_not(tmp_path):
    with open_bands(put(tmp_path, "a.png", png(values("RGB", "8"), "RGB", 2))) as bands:
        assert bands.whole is None


def test_what_a_tiff_holds_grows_with_its_tiles_and_strips(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    held = []
    for number, layout in enumerate(({"tile": (16, 16)}, {"tile": (512, 512)}, {"rowsperstrip": 16})):
        tifffile.imwrite(tmp_path / f"{number}.tif", noise, photometric="rgb", compression="zlib", **layout)
        with open_bands(tmp_path / f"{number}.tif") as bands:
            held.append(bands.decoder_memory)
    assert held[1] - held[0] > noise.nbytes
    assert held[2] < held[1]


@pytest.mark.parametrize("kind", ["progressive", "baseline", "one color after the other"])
def test_progressive_is_told_from_baseline(kind):
    data = by_pillow(values("RGB", "8", 40, 40), "JPEG", progressive=kind == "progressive", exif=b"Exif\0\0" + exif())
    if kind == "one color after the other":
        data = data.replace(b"\xff\xda\0\x0c\3", b"\xff\xda\0\x0c\1", 1)
    assert (inspect("JPEG", data, "a.jpg").whole is None) == (kind == "baseline")


def open_files() -> list[str]:
    return sorted(file.name for file in OPEN_FILES.iterdir())


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="the system does not tell which files are open")
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.avif", "a.bmp"])
@pytest.mark.parametrize("rows", [0, 3, 40])
def test_nothing_stays_open(tmp_path, name, rows):
    repix.write(Picture(values("RGB", "8", 40, 5)), tmp_path / name)
    gc.disable()
    try:
        before = open_files()
        with open_bands(tmp_path / name) as bands:
            assert open_files() != before
            if rows:
                bands.read(rows)
        assert open_files() == before
    finally:
        gc.enable()


def test_opening_decodes_nothing(tmp_path):
    repix.write(Picture(values("RGB", "8", 64, 64)), tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    broken = put(tmp_path, "b.png", data[:100] + bytes(len(data) - 100))
    with open_bands(broken) as bands, pytest.raises(Unreadable, match="damaged or incomplete PNG"):
        bands.read(64)


def test_limits_hold_for_bands(tmp_path):
    path = put(tmp_path, "a.png", png(values("RGB", "8"), "RGB"))
    with pytest.raises(TooLarge, match="7×5 pixels"), open_bands(path, Limits(pixels=34, bytes=10**6)):
        pass


def test_taking_what_is_not_there(tmp_path):
    path = put(tmp_path, "a.png", png(values("RGB", "8"), "RGB"))
    with open_bands(path) as bands:
        assert bands.read(1000).size == bands.size
        with pytest.raises(WrongUse, match="1 rows were requested and 0 are left"):
            bands.read(1)
    with open_bands(path) as bands, pytest.raises(WrongUse, match="0 rows were requested"):
        bands.read(0)
    with pytest.raises(WrongUse, match="is closed"):
        bands.read(1)


def test_an_error_of_the_caller_is_no_error_of_the_file(tmp_path):
    path = put(tmp_path, "a.png", png(values("RGB", "8"), "RGB"))
    with pytest.raises(ValueError, match="mine"), open_bands(path):
        raise ValueError("mine")
