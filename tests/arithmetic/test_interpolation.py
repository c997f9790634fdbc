import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.interpolate import interp1d

from repix.arithmetic import interpolate_1d, sample_bilinear

from .drawing import few, numbers, sides

QUAD = np.array([[10.0, 20], [30, 40]])


def test_U04_at_a_point_in_both_conventions():
    point = np.array([0.6, 0.7])
    assert sample_bilinear(QUAD, point) == pytest.approx(30)
    assert sample_bilinear(QUAD, point, x="down") == pytest.approx(29)
    assert sample_bilinear(QUAD, point, x="down") == pytest.approx(np.array([0.4, 0.6]) @ QUAD @ np.array([0.3, 0.7]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_stays(dtype):
    point = np.array([0.5, 0.5], dtype)
    assert sample_bilinear(QUAD.astype(dtype), point).dtype == dtype
    for method in ("linear", "nearest"):
        assert interpolate_1d(point, np.arange(2, dtype=dtype), point, method).dtype == dtype


@few
@given(sides, st.integers(1, 6), st.integers(0, 99))
def test_U04_sampling_agrees_with_scipy(size, count, seed):
    x = numbers(seed, 2, *size)
    points = np.random.default_rng(seed).uniform(-2, 10, (count, 3, 2))
    ours = sample_bilinear(x, points)
    assert ours.shape == (2, count, 3)
    for channel in range(2):
        at = [points[..., 1], points[..., 0]]
        theirs = ndimage.map_coordinates(x[channel], at, order=1, mode="nearest")
        np.testing.assert_allclose(ours[channel], theirs, atol=1e-12)


@few
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=8, unique=True), st.integers(0, 99))
def test_U05_agrees_with_numpy(positions, seed):
    positions, values = np.array(positions, float), numbers(seed, len(positions))
    at = np.random.default_rng(seed).uniform(-60, 60, 20)
    order = np.argsort(positions)
    np.testing.assert_allclose(
        interpolate_1d(at, positions, values), np.interp(at, positions[order], values[order]), atol=1e-12
    )


@few
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8, unique=True), st.integers(0, 99))
def test_U03_the_nearer_of_two_samples_agrees_with_scipy(positions, seed):
    positions, values = np.array(positions, float), numbers(seed, len(positions))
    at = np.random.default_rng(seed).uniform(positions.min(), positions.max(), 20)
    at = np.concatenate([at, (positions[:-1] + positions[1:]) / 2])
    theirs = interp1d(positions, values, kind="nearest-up")(at)
    np.testing.assert_array_equal(interpolate_1d(at, positions, values, "nearest"), theirs)


def test_U05_beyond_the_ends_the_last_value_holds():
    line = (np.array([1.0, 2]), np.array([10.0, 20]))
    for method in ("linear", "nearest"):
        np.testing.assert_array_equal(interpolate_1d(np.array([-9.0, 9]), *line, method), [10, 20])


@pytest.mark.parametrize(("point", "is_outside"), [((0.0, 1.0), False), ((-0.5, 0.0), True), ((0.0, 1.5), True)])
def test_a_point_outside_is_said_to_be_held(point, is_outside):
    for x, place in (("right", point), ("down", point[::-1])):
        first = sample_bilinear.trace(np.ones((2, 3)), np.array(place), x=x).steps[0]
        assert ("outside" in first.text) == is_outside


@given(st.floats(-9, 9), st.floats(-9, 9), st.sampled_from(["linear", "nearest"]))
def test_a_lone_sample_lies_between_no_two(at, value, method):
    trace = interpolate_1d.trace(np.array([at]), np.array([1.0]), np.array([value]), method)
    assert trace.output.tolist() == [value]
    assert [step.rule for step in trace.steps] == ["copy"]
    assert "where the only sample is" in trace.steps[0].text
