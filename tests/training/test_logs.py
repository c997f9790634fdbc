"""The logs: sample grids to the pixel, the plot of the curve, and when validations are due."""

import xml.etree.ElementTree as ET
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.pictures import Picture
from repix.training.logs.curve_plot import curve_plot
from repix.training.logs.sample_grid import GAP, WIDEST, sample_grid
from repix.training.validation import is_flat, validation_steps


def drawn(losses, metrics=(), metric="gray (dB)", title="denoise: unet"):
    return ET.fromstring(curve_plot(losses, metrics, metric, title))  # noqa: S314 (we wrote it)


def polylines(svg):
    found = svg.findall(".//{*}polyline")
    return [[tuple(map(float, point.split(","))) for point in one.get("points").split()] for one in found]


def test_a_curve_of_two_lines():
    loss, metric = polylines(drawn([(0, 4.0), (5, 2.0), (10, 0.0)], [(5, 20.0), (10, 30.0)]))
    assert [x for x, _ in loss] == [70, 380, 690]
    assert loss[0][1] < loss[1][1] < loss[2][1]
    assert loss[1][1] == pytest.approx((loss[0][1] + loss[2][1]) / 2, abs=0.06)
    assert metric[0][1] > metric[1][1]


@pytest.mark.parametrize("value", [0.5, 0.0, -3.0, 1e-30, 1e30, 5e-324])
def test_a_curve_of_one_point(value):
    (line,) = polylines(drawn([(1, value)]))
    assert len(line) == 1
    assert 0 < line[0][1] < 360


def test_what_is_no_number_is_left_out():
    svg = drawn([(1, nan), (2, 0.5), (3, inf), (4, 0.2)], [(2, nan), (4, inf)])
    assert [len(line) for line in polylines(svg)] == [2]
    assert "nan" not in ET.tostring(svg, encoding="unicode")
    assert polylines(drawn([(1, nan)])) == []
    assert polylines(drawn([])) == []


def test_titles_are_escaped():
    svg = drawn([(1, 1.0)], title="<a> & b")
    assert svg.find("{*}title").text == "<a> & b"


@given(st.lists(st.floats(), min_size=1, max_size=6))
def test_every_curve_is_a_picture(values):
    svg = drawn(list(enumerate(values, 1)), list(enumerate(values, 1)))
    for line in polylines(svg):
        assert all(0 <= x <= 760 and 0 <= y <= 360 for x, y in line)


def of(rows, dtype=np.uint8):
    return Picture(np.array(rows, dtype)[:, :, None] if np.ndim(rows) == 2 else np.array(rows, dtype))


def test_a_grid_to_the_pixel():
    gray = of([[10, 20], [30, 40]])
    color = of([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]])
    deep = of([[0, 65535], [257, 0]], np.uint16)
    pixels = sample_grid([[gray, color, deep]]).pixels
    expected = np.full((2 + 2 * GAP, 3 * 2 + 4 * GAP, 3), 255, np.uint8)
    for number, cell in enumerate((gray.pixels, color.pixels, np.array([[0, 255], [1, 0]])[:, :, None])):
        left = GAP + number * (2 + GAP)
        expected[GAP : GAP + 2, left : left + 2] = cell
    assert np.array_equal(pixels, expected)


def test_small_sources_are_shown_as_large_as_their_truth():
    small, large = of([[10, 20]]), Picture(np.full((3, 6, 1), 7, np.uint8))
    pixels = sample_grid([[small, large, large]]).pixels[:, :, 0]
    assert np.array_equal(pixels[GAP : GAP + 3, GAP : GAP + 6], np.repeat([[10] * 3 + [20] * 3], 3, axis=0))


def test_large_pictures_are_cut_to_their_middle_and_rows_stand_below_each_other():
    wide = Picture(np.arange(WIDEST + 4, dtype=np.uint16)[None, :, None].repeat(2, 0))
    narrow = of([[5]])
    pixels = sample_grid([[wide], [narrow]]).pixels
    assert pixels.shape == (GAP + 2 + GAP + 1 + GAP, GAP + WIDEST + GAP, 3)
    assert (pixels[GAP + 2 + GAP, GAP + 1 :] == 255).all()
    assert (pixels[GAP + 2 + GAP, GAP] == 5).all()


def test_a_grid_shows_floats_and_leaves_alpha_out():
    odd = Picture(np.array([[[nan], [2.0], [-1.0], [0.5]]], np.float32))
    assert sample_grid([[odd]]).pixels[GAP, GAP : GAP + 4, 0].tolist() == [0, 255, 0, 128]
    with_alpha = of([[[9, 9, 9, 0], [9, 9, 9, 255]]])
    assert (sample_grid([[with_alpha]]).pixels[GAP, GAP : GAP + 2] == 9).all()


def test_flat_is_one_value_in_each_channel():
    assert is_flat(of([[[1, 2, 3]] * 3] * 2))
    assert not is_flat(of([[1, 1], [1, 2]]))


@given(st.integers(1, 10**6), st.integers(1, 12))
def test_the_last_step_is_validated_and_no_more_than_so_many(steps, times):
    found = validation_steps(steps, times)
    assert max(found) == steps
    assert min(found) >= 1
    assert len(found) == min(steps, times)
