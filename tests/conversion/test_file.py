"""Conversion of files: in bands, with all metadata kept, and with all options."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repix.conversion import Budget, Contract, Echo, convert
from repix.conversion.crop import Crop
from repix.conversion.file import FileOptions, convert_file
from repix.errors import TooLarge, Unreadable, Unwritable, WrongUse
from repix.masks import Encoding, read_mask
from repix.pictures import Picture, read, write
from repix.tasks.segment import settings_for
from tests.conversion.neighborhood_engine import Looking
from tests.pictures.making import DISPLAY_P3, GRAY_22

ECHO = Echo(Contract("denoise", {"color": False}, halo=0, bytes_per_pixel=8))
TILED = FileOptions(budget=Budget(tile=5))


def levels(shape: tuple[int, ...], kind: type = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max + 1, shape, kind)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "ppm", "npy", "jpg", "webp"])
@pytest.mark.parametrize("options", [FileOptions(), TILED], ids=["whole", "tiled"])
def test_a_file_is_what_convert_and_write_would_make_of_it(suffix, options, tmp_path):
    engine = Looking(step=4, reach=2)
    source = Picture(levels((23, 31, 3)))
    write(source, tmp_path / "in.png")
    convert_file(tmp_path / "in.png", tmp_path / f"out.{suffix}", engine, options)
    write(convert(read(tmp_path / "in.png"), engine), tmp_path / f"expected.{suffix}")
    assert (tmp_path / f"out.{suffix}").read_bytes() == (tmp_path / f"expected.{suffix}").read_bytes()


@settings(max_examples=25)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([np.uint8, np.uint16]),
    st.sampled_from(["png", "tif"]),
)
def test_an_echo_keeps_every_pixel_and_all_that_the_file_says(tmp_path_factory, height, width, channels, kind, suffix):
    folder = tmp_path_factory.mktemp("echo")
    picture = Picture(levels((height, width, channels), kind), resolution=(10.0, 20.0))
    picture = replace(picture, profile=GRAY_22 if picture.is_gray else DISPLAY_P3)
    write(picture, folder / f"in.{suffix}")
    convert_file(folder / f"in.{suffix}", folder / f"out.{suffix}", ECHO, TILED)
    result, before = read(folder / f"out.{suffix}"), read(folder / f"in.{suffix}")
    np.testing.assert_array_equal(result.pixels, picture.pixels)
    assert result.profile == before.profile
    assert result.exif == before.exif
    assert result.resolution == before.resolution


def test_a_part_alone_is_converted(tmp_path):
    engine = Looking(step=2, reach=1)
    picture = Picture(levels((20, 30)))
    write(picture, tmp_path / "in.png")
    convert_file(tmp_path / "in.png", tmp_path / "out.png", engine, FileOptions(crop=Crop(7, 3, 11, 9)))
    expected = convert(Picture(picture.pixels[3:12, 7:18]), engine)
    np.testing.assert_array_equal(read(tmp_path / "out.png").pixels, expected.pixels)
    with pytest.raises(WrongUse, match="is not inside the picture, which is 30×20"):
        convert_file(tmp_path / "in.png", tmp_path / "no.png", engine, FileOptions(crop=Crop(25, 3, 11, 9)))
    assert not (tmp_path / "no.png").exists()


def test_before_and_after_stand_beside_each_other(tmp_path):
    twice = Echo(Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2))
    picture = Picture(levels((6, 5, 3)))
    write(picture, tmp_path / "in.png")
    convert_file(tmp_path / "in.png", tmp_path / "out.png", twice, FileOptions(compare=True))
    both = read(tmp_path / "out-compare.png").pixels
    large = picture.pixels.repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(both, np.concatenate([large, large], axis=1))


@pytest.mark.parametrize(
    "encoding",
    [
        Encoding("levels", (0, 100, 255)),
        Encoding("colors", (0xFF0000, 0x00FF00, 0x123456)),
        Encoding("palette", (1, 4, 7), palette=(0xFF0000, 0x00FF00, 0x123456)),
        Encoding("palette", (1, 4, 7), ignored=9, palette=(0xFF0000, 0x00FF00, 0x123456, 0xFFFFFF)),
    ],
    ids=["levels", "colors", "palette", "palette-ignored"],
)
def test_segmentation_writes_masks_as_the_user_has_them_and_what_one_looks_at(encoding, tmp_path):
    engine = Echo(Contract("segment", settings_for(encoding), channels=(3, 3), halo=0))
    photo = levels((9, 14, 3))
    write(Picture(photo), tmp_path / "in.png")
    expected = photo.argmax(axis=2)
    for options in (TILED, FileOptions(overlay=True, probabilities=True, compare=True)):
        convert_file(tmp_path / "in.png", tmp_path / "out.png", engine, replace(options, overwrite=True))
        assert (read_mask(tmp_path / "out.png").kind == "palette") == (encoding.kind == "palette")
        np.testing.assert_array_equal(encoding.read(tmp_path / "out.png"), expected)
    likely = np.load(tmp_path / "out-probabilities.npy")
    np.testing.assert_array_equal(likely, photo.astype(np.float32) / np.float32(255))
    tinted = read(tmp_path / "out-overlay.png")
    assert tinted.size == (9, 14)
    for number in range(3):  # where a class was found, half of the pixel is its color
        rest = tinted.pixels[expected == number].astype(float) - photo[expected == number] / 2
        assert np.ptp(rest, axis=0).max() <= 1
    assert read(tmp_path / "out-compare.png").size == (9, 28)


def test_wishes_that_a_model_cannot_fulfil_are_refused_before_any_work():
    for options, why in [
        (FileOptions(overlay=True), "for segmentation models; this one is for denoise"),
        (FileOptions(probabilities=True), "for segmentation models"),
        (FileOptions(strength=2), "strength is 2; it must be from 0"),
    ]:
        with pytest.raises(WrongUse, match=why):
            options.require(ECHO.contract)
    with pytest.raises(WrongUse, match="a result of segment cannot be blended"):
        FileOptions(strength=0.5).require(Contract("segment", {"values": [0, 1]}, channels=(3, 2)))


def test_what_goes_wrong_leaves_nothing_half_written(tmp_path):
    write(Picture(levels((20, 30, 3))), tmp_path / "in.png")
    data = (tmp_path / "in.png").read_bytes()
    (tmp_path / "torn.png").write_bytes(data[: len(data) // 2])
    before = sorted(tmp_path.iterdir())

    class Broken(Echo):
        def run(self, x):  # noqa: ARG002
            raise RuntimeError("the engine broke")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out.png"
    with pytest.raises(RuntimeError, match="the engine broke"):
        convert_file(tmp_path / "in.png", out, Broken(ECHO.contract), TILED)
    with pytest.raises(KeyboardInterrupt):
        convert_file(tmp_path / "in.png", out, ECHO, TILED, progress=stop)
    with pytest.raises(Unreadable, match=r"torn\.png"):
        convert_file(tmp_path / "torn.png", out, ECHO, TILED)
    with pytest.raises(TooLarge, match=r"in\.png, 30×20 pixels, needs about .* GB"):
        convert_file(tmp_path / "in.png", out, ECHO, FileOptions(budget=Budget(1000)))
    with pytest.raises(TooLarge, match=r"needs about .* GB for a crop or side outputs"):
        convert_file(tmp_path / "in.png", out, ECHO, FileOptions(budget=Budget(1000), compare=True))
    with pytest.raises(Unwritable, match="exists already"):
        convert_file(tmp_path / "in.png", tmp_path / "torn.png", ECHO, TILED)
    assert sorted(tmp_path.iterdir()) == before


def test_a_picture_beyond_a_format_is_refused_before_any_work(tmp_path):
    class Never(Echo):
        def run(self, x):  # noqa: ARG002
            raise AssertionError

    write(Picture(np.zeros((1, 9000), np.uint8)), tmp_path / "in.png")
    twice = Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2)
    with pytest.raises(Unwritable, match=r"WebP stores at most 16383 pixels a side, but the picture has 18000×2"):
        convert_file(tmp_path / "in.png", tmp_path / "out.webp", Never(twice), FileOptions())


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    pixels = np.zeros((3, 3, 1), np.float32)
    pixels[1, 1] = np.nan
    np.save(tmp_path / "in.npy", pixels)
    with pytest.raises(WrongUse, match="holds values that are not finite"):
        convert_file(Path(tmp_path / "in.npy"), tmp_path / "out.npy", ECHO, FileOptions())
