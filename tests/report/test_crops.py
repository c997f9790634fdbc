"""Crops: of the asked size, inside the picture, where the values are largest; resizing by nearest neighbor."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repix.pictures import Picture
from repix.report.crops import center_crop, largest_crop, resized, shrunk_size, visible

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(SIZES, st.integers(1, 14), st.integers(0, 2**32 - 1))
def test_no_other_crop_has_a_larger_mean(size, side, seed):
    values = np.random.default_rng(seed).random(size)
    crop = largest_crop(values, side)
    found = crop.of(values)
    assert found.shape == (min(side, size[0]), min(side, size[1]))
    others = np.lib.stride_tricks.sliding_window_view(values, found.shape).mean(axis=(2, 3))
    assert found.mean() >= others.max() - 1e-6


@given(SIZES, st.integers(1, 14))
def test_a_center_crop_is_in_the_center(size, side):
    crop = center_crop(size, side)
    below, right = size[0] - crop.top - crop.height, size[1] - crop.left - crop.width
    assert 0 <= below - crop.top <= 1
    assert 0 <= right - crop.left <= 1


@given(SIZES, SIZES)
def test_resizing_keeps_values_and_repeats_pixels_at_whole_factors(size, factors):
    array = np.arange(size[0] * size[1]).reshape(size)
    larger = resized(array, (size[0] * factors[0], size[1] * factors[1]))
    assert (larger == array.repeat(factors[0], axis=0).repeat(factors[1], axis=1)).all()
    assert (resized(larger, size) == array).all()


@given(SIZES, st.integers(1, 12))
def test_shrinking_keeps_proportions_and_never_enlarges(size, longest):
    new = shrunk_size(size, longest)
    assert max(new) <= max(longest, 1)
    assert all(1 <= n <= old for n, old in zip(new, size, strict=True))


def test_what_is_shown_is_8_bit_rgb_without_alpha():
    pixels = np.zeros((2, 2, 2), np.uint16)
    pixels[:, :, 0] = 65535
    assert (visible(Picture(pixels)) == 255).all()
    assert visible(Picture(pixels), (4, 2)).shape == (4, 2, 3)
    assert visible(Picture(np.array([[np.nan, 7.0]], np.float32))).tolist() == [[[0, 0, 0], [255, 255, 255]]]
