"""Error maps: larger errors are brighter, scales have round ends, wrong and ignored classes have their colors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix.report.error_map import (
    HIGHEST,
    VIRIDIS,
    WRONG,
    class_legend,
    error_colors,
    error_legend,
    error_of,
    scale_end,
    wrong_classes,
)


def luminance(pixels):
    return pixels @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("end", HIGHEST)
def test_a_larger_error_is_brighter_and_the_scale_ends(end):
    errors = np.linspace(0, 1, 256, dtype=np.float32)[np.newaxis]
    colors = luminance(error_colors(errors, end)[0])
    assert (np.diff(colors) >= -0.5).all()
    assert colors[-1] - colors[0] > 150
    assert (error_colors(errors, end)[0, end:] == error_colors(np.ones((1, 1), np.float32), end)[0, 0]).all()


@given(st.floats(0, 1))
def test_the_scale_covers_a_constant_error(error):
    end = scale_end([np.full((3, 3), error, np.float32)])
    assert end in HIGHEST
    assert end >= error * 255 - 1e-3
    smaller = [level for level in HIGHEST if level < end]
    assert not smaller or smaller[-1] < error * 255 + 1e-3


def test_a_scale_of_no_error_map_exists():
    assert scale_end([]) == HIGHEST[0]


def test_the_error_is_the_mean_over_channels():
    result, truth = np.array([[[0.5, 0.0, 1.0]]]), np.array([[[0.25, 0.5, 1.0]]])
    assert error_of(result, truth).tolist() == [[0.25]]


def test_the_legend_says_where_the_scale_ends():
    assert "20 gray levels (8-bit) or more" in error_legend(20)
    assert "or more" not in error_legend(255)
    assert all(color in error_legend(20) for color in VIRIDIS)


def test_classes_have_names_and_colors_and_wrong_ones_are_in_the_legend():
    legend = class_legend(["road", "a < b"], ["#ff0000", "#00ff00"])
    assert legend.count('class="color"') == 5
    assert "ignored, in the truth" in legend  # it is black there, and white in the error map
    assert "a &lt; b" in legend
    assert WRONG in legend


def test_only_wrong_pixels_are_orange():
    truth = np.array([[0, 1, 255]], np.uint8)
    drawn = wrong_classes(np.array([[0, 0, 0]], np.uint8), truth, np.full((1, 3, 3), 100, np.uint8), 255)
    assert drawn[0].tolist() == [[60, 60, 60], [0xD5, 0x5E, 0], [255, 255, 255]]
