"""The mask of corrupted pixels: all others keep their values to the bit, whatever the model estimated there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repix import Picture, registry
from repix.errors import WrongUse
from tests.tasks.drawn import drawn

THRESHOLD = 0.75
IMPULSES = {"sigma": "none", "density": [0.1, 0.5]}


def tasks(color: bool):
    """The task with a mask, and the one without."""
    make = registry.get("tasks", "denoise")
    masked = {"impulse_mask": True, "mask_threshold": THRESHOLD}
    return make({**IMPULSES, "color": color, **masked}), make({**IMPULSES, "color": color})


def bits(picture: Picture) -> np.ndarray:
    """The pixels as integers, so that no two floats are equal that differ in a bit."""
    return picture.pixels.view(np.uint32) if picture.depth == "float" else picture.pixels


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 4),
    st.sampled_from(["8", "16", "float"]),
    st.booleans(),
    st.integers(0, 99),
)
def test_D06_clean_pixels_are_bit_equal_and_the_others_are_the_estimates(height, width, channels, depth, color, seed):
    masked, plain = tasks(color)
    rng = np.random.default_rng(seed)
    source = drawn((height, width), channels, depth, seed)
    y = rng.random((len(plain.encode(source)), masked.channels[1], height, width), np.float32)
    y[:, -1][rng.random(y[:, -1].shape) < 0.1] = THRESHOLD  # is not above it
    result, estimate = masked.decode(y, source), plain.decode(y[:, :-1], source)
    assert (result.depth, result.notes) == (source.depth, estimate.notes)
    called = np.broadcast_to((y[:, -1] > THRESHOLD).transpose(1, 2, 0), source.colors().shape)
    if source.has_alpha:
        called = np.concatenate([called, np.zeros((height, width, 1), bool)], axis=2)
    np.testing.assert_array_equal(bits(result)[~called], bits(source)[~called])
    np.testing.assert_array_equal(bits(result)[called], bits(estimate)[called])
    mask = masked.corrupted(y)
    assert mask.shape == (height, width)
    assert (bits(result) == bits(source)).all(axis=2)[~mask].all()


def test_float_pixels_outside_the_range_are_kept():
    source = Picture(np.array([[[-0.5], [1.5], [0.1]]], np.float32))
    y = np.array([[[[0.5, 0.5, 0.5]], [[0.0, 0.0, 1.0]]]], np.float32)
    result = tasks(color=False)[0].decode(y, source)
    np.testing.assert_array_equal(result.pixels, np.array([[[-0.5], [1.5], [0.5]]], np.float32))


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("kind", ["density", "random_valued"])
def test_the_source_of_a_pair_differs_from_its_target_at_the_share_of_the_density(kind, color):
    """Elsewhere both are equal as floats, from which training takes the true mask."""
    settings = {"sigma": "none", kind: [0.3, 0.3], "impulse_mask": True, "color": color}
    task = registry.get("tasks", "denoise")(settings)
    source, target = task.make_pair(drawn((200, 150)), np.random.default_rng(2))
    differs = (task.encode(source) != task.encode_target(target)).any(axis=1)
    assert differs.mean() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(
    "other", [{"sigma": [0, 25]}, {"speckle": [0, 0.1]}, {"clipped": 0.5}, {"degradations": ["jpeg quality=50..90"]}]
)
def test_a_mask_is_for_impulses_only(other):
    with pytest.raises(WrongUse, match=r"^impulse_mask is true, but only impulse noise leaves pixels unchanged; give"):
        registry.get("tasks", "denoise")({**IMPULSES, "impulse_mask": True, **other})


def test_no_mask_without_impulses():
    settings = registry.get("tasks", "denoise")(IMPULSES | {"impulse_mask": True}).settings
    with pytest.raises(WrongUse, match="are all none; give at least one"):
        replace(settings, density=None)


def test_random_valued_impulses_have_no_limit_of_the_noise_that_they_are_measured_as():
    domain = registry.get("tasks", "denoise")({"sigma": "none", "random_valued": [0, 0.6]}).domain
    assert (domain.removes, domain.noise, domain.impulses) == (("impulses",), None, 0.6)
