"""Colorizing keeps the lightness that it was given, whatever the model says."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from repix import Picture, registry
from repix.arithmetic.color import luma
from tests.tasks.drawn import drawn

TASK = registry.get("tasks", "colorize")()


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["8", "16", "float"]), st.sampled_from([1, 2, 3, 4]), st.floats(0, 3))
def test_T02_lightness_stays_within_one_level_of_the_source(seed, depth, channels, wildness):
    rng = np.random.default_rng(seed)
    source = Picture.of(rng.random((9, 8, channels)), depth=depth)
    y = (0.5 + wildness * (rng.random((1, 2, 9, 8)) - 0.5)).astype(np.float32)
    result = TASK.decode(y, source)
    assert not result.is_gray
    assert result.depth == depth
    white = {"8": 255, "16": 65535, "float": 1e5}[depth]
    difference = white * np.abs(luma(result.colors()) - luma(source.colors()))
    assert difference.max() <= 0.51  # half a level of rounding in each of the three channels
    assert -1e-6 <= result.colors().min() <= result.colors().max() <= 1 + 1e-6


def test_colors_that_fit_are_not_shrunk_and_others_keep_their_hue():
    photo = drawn(depth="float")
    result = TASK.decode(TASK.encode_target(photo), photo)
    np.testing.assert_allclose(result.pixels, photo.pixels, atol=1e-6)
    y = 0.5 + 4 * (TASK.encode_target(photo) - 128 / 255)
    wild = TASK.decode(y.astype(np.float32), photo)
    spread, wild_spread = (p.colors() - luma(p.colors()) for p in (photo, wild))
    cosine = (spread * wild_spread).sum(2) / np.linalg.norm(spread, axis=2) / np.linalg.norm(wild_spread, axis=2)
    assert np.linalg.norm(wild_spread) > 1.3 * np.linalg.norm(spread)
    assert np.median(cosine) > 0.99


def test_no_color_gives_the_gray_back():
    source = drawn(channels=1)
    result = TASK.decode(np.full((1, 2, *source.size), 128 / 255, np.float32), source)
    np.testing.assert_array_equal(result.pixels, np.repeat(source.pixels, 3, axis=2))


def test_a_color_picture_is_colored_anew_from_its_lightness():
    photo = drawn()
    np.testing.assert_allclose(TASK.encode(photo)[0, 0], luma(photo.colors())[:, :, 0])


def test_T02_the_pair_is_a_photo_and_its_gray_in_the_photos_depth():
    for depth in ("8", "16", "float"):
        source, target = TASK.make_pair(drawn(depth=depth, channels=4), np.random.default_rng(0))
        assert (source.is_gray, source.has_alpha, source.depth) == (True, False, depth)
        assert (target.is_gray, target.has_alpha, target.depth) == (False, False, depth)
        levels = luma(target.colors()) - source.colors()
        assert np.abs(levels).max() <= (0.501 / 255 if depth == "8" else 1e-5)


@settings(max_examples=30)
@given(st.sampled_from(["colorize", "restore"]), st.floats(0, 4))
def test_T02_saturation_scales_colors_and_keeps_the_lightness(name, saturation):
    """Pale colors on middle gray have room for four times their strength."""
    rng = np.random.default_rng(3)
    pale = Picture.of(0.5 + 0.05 * (rng.random((7, 6, 3)) - 0.5), depth="float")
    gray = pale.with_colors(luma(pale.colors()))
    plain, stronger = (registry.get("tasks", name)({"saturation": one}) for one in (1.0, saturation))
    y = plain.encode_target(pale)
    before, after = (task.decode(y, gray).colors() for task in (plain, stronger))
    np.testing.assert_allclose(luma(after), luma(before), atol=1e-5)
    np.testing.assert_allclose(after - luma(after), saturation * (before - luma(before)), atol=1e-5)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(0, 4))
def test_restoring_with_more_saturation_keeps_the_lightness_of_strong_colors_too(seed, saturation):
    rng = np.random.default_rng(seed)
    strong = Picture.of(rng.random((7, 6, 3)), depth="float")
    plain, stronger = (registry.get("tasks", "restore")({"saturation": one}) for one in (1.0, saturation))
    y = plain.encode_target(strong)
    before, after = (task.decode(y, strong).colors() for task in (plain, stronger))
    np.testing.assert_allclose(luma(after), luma(before), atol=1e-5)
    assert -1e-6 <= after.min() <= after.max() <= 1 + 1e-6


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(1, 4))
def test_restoring_with_more_saturation_never_makes_colors_paler_also_beyond_black_and_white(seed, saturation):
    rng = np.random.default_rng(seed)
    strong = Picture.of(3 * rng.random((7, 6, 3)) - 1, depth="float")
    plain, stronger = (registry.get("tasks", "restore")({"saturation": one}) for one in (1.0, saturation))
    y = plain.encode_target(strong)
    before, after = (task.decode(y, strong).colors() for task in (plain, stronger))
    np.testing.assert_allclose(luma(after), luma(before), atol=1e-5)
    assert (np.abs(after - luma(after)) >= np.abs(before - luma(before)) - 1e-5).all()
