import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from torch.nn import functional

from repix.arithmetic import cross_entropy, softmax

from .drawing import few, numbers


def test_S09_softmax_of_the_decks_scores():
    np.testing.assert_allclose(softmax(np.array([0.07, -0.65, 0.81])), [0.279, 0.136, 0.585], atol=5e-4)


def test_S09_cross_entropy_of_the_decks_probabilities():
    probabilities = np.array([0.60, 0.13, 0.27])
    assert cross_entropy(probabilities, 0) == pytest.approx(0.511, abs=5e-4)
    assert cross_entropy(probabilities, np.array([1.0, 0, 0])) == cross_entropy(probabilities, 0)


@few
@given(st.sampled_from([(5,), (4, 5), (3, 2, 4), (2, 3, 4, 2)]), st.integers(0, 99), st.sampled_from([1, 400]))
def test_S09_softmax_agrees_with_scipy(shape, seed, spread):
    scores = spread * numbers(seed, *shape)
    axis = 0 if len(shape) % 2 else 1
    np.testing.assert_allclose(softmax(scores), special.softmax(scores, axis=axis), rtol=1e-12, atol=1e-300)


@few
@given(st.integers(0, 99))
def test_S08_mean_over_pixels_agrees_with_torch(seed):
    scores = numbers(seed, 2, 3, 4, 5)
    classes = np.random.default_rng(seed).integers(0, 3, (2, 4, 5))
    theirs = functional.cross_entropy(torch.tensor(scores), torch.tensor(classes)).item()
    one_hot = np.moveaxis(np.eye(3)[classes], -1, 1)
    assert cross_entropy(softmax(scores), classes) == pytest.approx(theirs, rel=1e-12)
    assert cross_entropy(softmax(scores), one_hot) == pytest.approx(theirs, rel=1e-12)


def test_no_probability_at_all_is_an_infinite_loss():
    probabilities = np.array([1.0, 0.0])
    assert cross_entropy(probabilities, 1) == np.inf
    assert cross_entropy.trace(probabilities, 1).replay() == np.inf


def test_type_stays():
    probabilities = softmax(np.zeros((3, 2, 2), np.float32))
    assert probabilities.dtype == np.float32
    assert cross_entropy(probabilities, np.zeros((2, 2), int)).dtype == np.float32


def test_scores_far_apart_leave_one_class_and_no_warning():
    np.testing.assert_array_equal(softmax(np.array([1e308, -1e308])), [1.0, 0.0])
    np.testing.assert_array_equal(softmax.trace(np.array([1e308, -1e308])).replay(), [1.0, 0.0])
