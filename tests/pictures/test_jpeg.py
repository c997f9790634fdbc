"""JPEG in memory: kinds of pixels, and what is refused. Agreement with Pillow is tested with the degradation."""

import numpy as np
import pytest

from repix.errors import MissingLibrary, RepixError
from repix.pictures import jpeg
from repix.pictures.jpeg import jpeg_round_trip
from tests.given import seeds


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (9, 8, 1), (17, 16, 3)])
def test_shape_stays_and_gray_stays_gray(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    decoded = jpeg_round_trip(pixels, 100, "4:4:4")
    assert decoded.shape == shape
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - pixels).max() <= 4


def test_a_view_is_encoded_as_it_is_seen():
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    np.testing.assert_array_equal(jpeg_round_trip(pixels[:, ::-1], 90), jpeg_round_trip(pixels[:, ::-1].copy(), 90))


@pytest.mark.parametrize(
    ("pixels", "quality", "sentence"),
    [
        (np.zeros((4, 4)), 90, "The pixels are float64; JPEG needs uint8"),
        (np.zeros((4, 4, 4), np.uint8), 90, r"The pixels have shape \(4, 4, 4\)"),
        (np.zeros((0, 4), np.uint8), 90, r"The pixels have shape \(0, 4\)"),
        (np.zeros(4, np.uint8), 90, r"The pixels have shape \(4,\)"),
        (np.zeros((1, 65501), np.uint8), 90, "JPEG's sides are at most 65500"),
        (np.zeros((4, 4), np.uint8), 101, "quality is 101; it must be from 1 to 100"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(pixels, quality, sentence):
    with pytest.raises(RepixError, match=sentence):
        jpeg_round_trip(pixels, quality)


@pytest.mark.drawn
@seeds(20, 2000)
def test_libvips_gives_the_same_pixels_as_pillow(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    shape = (*rng.integers(1, 60, 2), *((), (1,), (3,))[seed % 3])
    smooth = np.cumsum(rng.integers(-3, 4, shape), axis=1) + 128
    pixels = np.clip(smooth if seed % 2 else rng.integers(0, 256, shape), 0, 255).astype(np.uint8)
    quality = int(rng.integers(1, 101))
    by_pillow = [jpeg_round_trip(pixels, quality, kind) for kind in ("4:2:0", "4:4:4")]
    monkeypatch.setattr(jpeg, "_has_pillow", lambda: False)
    by_vips = [jpeg_round_trip(pixels, quality, kind) for kind in ("4:2:0", "4:4:4")]
    np.testing.assert_array_equal(by_pillow, by_vips)


def test_half_width_chroma_without_pillow_names_the_library(monkeypatch):
    monkeypatch.setattr(jpeg, "_has_pillow", lambda: False)
    with pytest.raises(MissingLibrary, match="4:2:2 chroma needs pillow: `pip install pillow`"):
        jpeg_round_trip(np.zeros((8, 8, 3), np.uint8), 90, "4:2:2")
