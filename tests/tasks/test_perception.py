"""Perception map of upscale: what is drawn for training, and that results without one are those of zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import Picture, registry
from repix.tasks._perception import ramp


def task(**settings):
    return registry.get("tasks", "upscale")({"perception": True, **settings})


def maps(count=300, size=(12, 9)):
    one = Picture(np.zeros((*size, 3), np.uint8))
    return [task().side.draw(one, one, np.random.default_rng(seed)) for seed in range(count)]


def test_maps_are_zero_constant_or_varying():
    drawn = maps()
    spread = np.array([np.ptp(one) for one in drawn])
    zero = np.array([not one.any() for one in drawn])
    assert 0.15 < zero.mean() < 0.35
    assert 0.2 < (spread > 0).mean() < 0.4
    constant = np.array([one[0, 0, 0] for one in drawn])[~zero & (spread == 0)]
    assert constant.min() < 0.1
    assert constant.max() > 0.9


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_a_ramp_is_in_range_and_has_the_size_of_the_picture(height, width, seed):
    found = ramp((height, width), np.random.default_rng(seed))
    assert found.shape == (height, width, 1)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


def test_a_ramp_has_one_direction():
    """Where it is not cut, the second differences are zero along both sides."""
    found = ramp((20, 20), np.random.default_rng(3))[:, :, 0].astype(np.float64)
    inside = (found > 0) & (found < 1)
    rows = inside[2:] & inside[1:-1] & inside[:-2]
    assert rows.any()
    np.testing.assert_allclose(np.diff(found, 2, axis=0)[rows], 0, atol=1e-6)


@pytest.mark.parametrize(("color", "channels"), [(True, (4, 3)), (False, (2, 1))])
def test_the_map_is_the_last_channel_and_zero_by_default(color, channels):
    found, plain = task(color=color), registry.get("tasks", "upscale")({"color": color})
    picture = Picture(np.random.default_rng(0).integers(0, 256, (5, 6, 4), np.uint8))
    assert found.channels == channels
    x = found.encode(picture)
    np.testing.assert_array_equal(x[:, :-1], plain.encode(picture))
    assert not x[:, -1].any()
    assert found.objective == "objective-map"
    assert plain.side.inputs == ()
    assert [(one.name, one.range, one.default) for one in found.side.inputs] == [("perception", (0.0, 1.0), 0.0)]


def test_the_trained_model_is_measured_at_a_half_and_at_one():
    one = Picture(np.zeros((4, 3, 3), np.uint8))
    examples = task().side.examples
    values = {name: draw(one, one, np.random.default_rng(0)) for name, draw in examples.items()}
    assert {name: (float(a.min()), float(a.max())) for name, a in values.items()} == {
        "perception 0.5": (0.5, 0.5),
        "perception 1": (1.0, 1.0),
    }
