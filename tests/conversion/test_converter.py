"""Converters: the result has the type of the input, with the same values for each type."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from repix import models
from repix.conversion import Contract, Echo, convert, converter, write_model
from repix.errors import UnknownName, Unreadable, WrongDtype, WrongShape, WrongUse
from repix.pictures import Picture, write
from tests.conversion.models import mixing
from tests.conversion.neighborhood_engine import Looking

TWICE = Contract("upscale", {"scale": 2}, channels=(3, 3), scale=2)
CLASSES = Contract("segment", {"values": [0, 7, 9]}, channels=(3, 3))


def pixels(shape: tuple[int, ...], kind: type = np.uint8) -> np.ndarray:
    random = np.random.default_rng(len(shape))
    return random.random(shape, np.float32) * 3 - 1 if kind == np.float32 else random.integers(0, 256, shape, kind)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(5, 9), (5, 9, 1), (5, 9, 2), (5, 9, 3), (5, 9, 4), (3, 5, 9, 3)])
def test_an_array_gives_an_array_of_its_type(kind, shape):
    given = pixels(shape, kind)
    before = given.copy()
    result = converter(Echo(TWICE))(given)
    assert result.dtype == kind
    first = len(shape) - 3 if len(shape) > 3 else 0
    expected = given.repeat(2, axis=first).repeat(2, axis=first + 1)
    if shape[-1] in (2, 4) and len(shape) == 3:  # what is hardly opaque has lost its color
        white = 1 if kind == np.float32 else np.iinfo(kind).max
        opaque = (expected[..., -1] >= white // 2) & (expected[..., -1] <= white)
        result, expected = result[opaque], expected[opaque]
    np.testing.assert_allclose(result, expected, atol=1e-5 if kind == np.float32 else 1)
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_a_pillow_picture_gives_a_pillow_picture(mode):
    channels = len(mode) if mode != "I;16" else 1
    shape = (5, 9, channels) if channels > 1 else (5, 9)
    given = Image.fromarray(pixels(shape, np.uint16 if mode == "I;16" else np.uint8))
    assert given.mode == mode
    result = converter(Echo(TWICE))(given)
    assert isinstance(result, Image.Image)
    assert (result.mode, result.size) == (mode, (18, 10))
    np.testing.assert_array_equal(np.asarray(result), converter(Echo(TWICE))(np.asarray(given)))


def test_a_path_and_a_picture_give_what_convert_gives(tmp_path):
    picture = Picture(pixels((7, 6, 3)), exif=None)
    write(picture, tmp_path / "a.png")
    write_model(tmp_path / "model.onnx", mixing(TWICE)[0], TWICE)
    twice = converter(tmp_path / "model.onnx")
    expected = convert(picture, Echo(TWICE)).size
    for given in (picture, tmp_path / "a.png", str(tmp_path / "a.png")):
        result = twice(given)
        assert isinstance(result, Picture)
        assert result.size == expected
        np.testing.assert_array_equal(result.pixels, twice(picture.pixels))


@pytest.mark.parametrize("shape", [(5, 9, 3), (5, 9), (2, 5, 9, 3)])
def test_segmentation_gives_how_likely_each_class_is(shape):
    likely = converter(Echo(CLASSES))(pixels(shape))
    assert likely.dtype == np.float32
    assert likely.shape == ((2, 5, 9, 3) if len(shape) == 4 else (5, 9, 3))
    if len(shape) > 2:
        np.testing.assert_array_equal(likely, pixels(shape).astype(np.float32) / np.float32(255))
    pillow = converter(Echo(CLASSES))(Image.fromarray(pixels((5, 9, 3))))
    assert pillow.shape == (5, 9, 3)


def test_threads_share_a_converter(tmp_path):
    contract = Contract("denoise", channels=(3, 3))
    write_model(tmp_path / "model.onnx", mixing(contract)[0], contract)
    clean = converter(tmp_path / "model.onnx")
    pictures = [pixels((20 + i, 31, 3)) for i in range(24)]
    expected = [clean(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        for result, wanted in zip(pool.map(clean, pictures), expected, strict=True):
            np.testing.assert_array_equal(result, wanted)


def test_strength_and_memory_reach_the_conversion():
    picture = Picture(np.arange(35, dtype=np.float32).reshape(5, 7))
    engine = Looking(step=2, reach=1)
    half = converter(engine, strength=0.5)(picture)
    np.testing.assert_array_equal(half.pixels, convert(picture, engine, strength=0.5).pixels)
    with pytest.raises(Exception, match=r"more than the 0\.0001 GB"):
        converter(engine, memory=100_000)(picture)


def test_what_a_converter_does_not_take_is_refused_with_what_it_takes():
    twice = converter(Echo(TWICE))
    with pytest.raises(WrongDtype, match=r"float64; it must be uint8 \(white is 255\)"):
        twice(np.zeros((2, 2)))
    with pytest.raises(WrongShape, match="a picture is H×W×C"):
        twice(np.zeros((2, 2, 7), np.uint8))
    with pytest.raises(WrongShape, match="holds no picture"):
        twice(np.zeros((0, 2, 2, 3), np.uint8))
    with pytest.raises(WrongUse, match=r"mode P; it must be one of .* picture.convert\('RGB'\)"):
        twice(Image.new("P", (3, 3)))
    with pytest.raises(WrongUse, match="The input is a list"):
        twice([1, 2])
    with pytest.raises(Unreadable, match="no such file"):
        twice("nowhere.png")


def test_a_model_that_comes_with_repix_is_had_by_its_name():
    picture = Picture(np.random.default_rng(0).integers(0, 256, (17, 23, 3), np.uint8))
    by_name, by_path = (converter(one)(picture) for one in ("denoise-color", models.model_named("denoise-color")))
    np.testing.assert_array_equal(by_name.pixels, by_path.pixels)
    with pytest.raises(
        UnknownName, match="There is no file or bundled model 'denoise-colr'; did you mean 'denoise-color'"
    ):
        converter("denoise-colr")
