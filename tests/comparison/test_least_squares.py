"""Least squares: NumPy's own solution, layers that are found again, and examples from the interior."""

import numpy as np
import pytest
import torch

from repix.comparison import least_squares
from repix.comparison.least_squares import Window, examples_at, explained, fitted
from repix.networks import parse_upsampler
from repix.upsampling._linear import LinearWeights, kernel_of

TEXTS = ["transposed kernel=4", "transposed kernel=3", "pixel-shuffle", "resize-conv", "resize-conv method=bilinear"]


def layer_of(text, scale, channels=(3, 2)):
    torch.manual_seed(1)
    return parse_upsampler(text).layer(*channels, scale).double()


def window_of(layer):
    scale = int(layer.spec.scale)
    return Window(scale, layer.upsampler.linear.basis(scale, layer.spec.settings))


def everything(total):
    return np.arange(total)


def planted(text, scale, noise=0.0):
    """A layer, and examples of what it does; its bias is the same for all pixels of a block."""
    layer, rng = layer_of(text, scale), np.random.default_rng(2)
    x = rng.normal(size=(3, 12, 11))
    with torch.no_grad():
        y = layer(torch.from_numpy(x[np.newaxis]))[0].numpy()
    return layer, examples_at(x, y + noise * rng.normal(size=y.shape), window_of(layer), 3, everything)


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("text", TEXTS)
def test_a_layer_is_found_again(text, scale, monkeypatch):
    if f"{text} {scale}" == "transposed kernel=3 3":
        text = "transposed kernel=5"
    monkeypatch.setattr(least_squares, "RIDGE", 1e-12)
    layer, examples = planted(text, scale)
    found = layer.upsampler.linear.write(layer.spec, fitted(examples, window_of(layer)))
    own = kernel_of(layer.upsampler, layer.spec, layer.upsampler.weights(layer))
    made = kernel_of(layer.upsampler, layer.spec, found)
    np.testing.assert_allclose(made.values, own.values, atol=1e-6)
    np.testing.assert_allclose(made.bias, own.bias, atol=1e-6)


@pytest.mark.parametrize("few", [False, True], ids=["more equations than weights", "fewer"])
def test_it_is_the_solution_of_an_independent_ridge_regression(few):
    """A convolution of one channel: the features are written out, and the penalty is more rows of equations."""
    _, examples = planted("resize-conv", 2, noise=0.3)
    window = Window(
        1, layer_of("transposed kernel=3", 2).upsampler.linear.basis(2, parse_upsampler("transposed kernel=3").settings)
    )
    count = 12 if few else 60
    rng = np.random.default_rng(0)
    inputs, outputs = rng.normal(size=(count, 2, 3, 3)), rng.normal(size=(count, 1, 1, 1))
    found = fitted(least_squares.Examples(inputs, outputs), window)
    features = np.concatenate([inputs[:, :, ::-1, ::-1].reshape(count, 18)], 1)
    centered = features - features.mean(0)
    penalty = least_squares.RIDGE * np.mean(centered**2) * count
    rows = np.concatenate([centered, penalty**0.5 * np.eye(18)])
    wanted = np.concatenate([outputs.ravel() - outputs.mean(), np.zeros(18)])
    expected = np.linalg.lstsq(rows, wanted, rcond=None)[0]
    np.testing.assert_allclose(found.factors[:, 0].ravel(), expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.bias.ravel(), outputs.mean() - features.mean(0) @ expected, rtol=1e-6)
    assert examples is not None


def test_no_other_weights_are_better():
    """The squared error grows if any weight is changed."""
    layer, examples = planted("resize-conv", 2, noise=0.5)
    window = window_of(layer)
    best = fitted(examples, window)

    def error(weights):
        total = 0.0
        for row, column in np.ndindex(2, 2):
            features = least_squares._features(examples.inputs, window.phases()[row], window.phases()[column])
            made = features @ weights.factors.transpose(0, 2, 3, 1).reshape(-1, 2) + weights.bias[:, row, column]
            total += ((examples.outputs[:, :, row, column] - made) ** 2).sum()
        return total

    least = error(best)
    for place in [(0, 0, 0, 0), (2, 1, 1, 1), (1, 0, 2, 0)]:
        for step in (-0.05, 0.05):
            factors = best.factors.copy()
            factors[place] += step
            assert error(LinearWeights(factors, best.bias)) > least


def test_examples_are_windows_and_blocks_from_the_interior():
    x = np.arange(48.0).reshape(1, 6, 8)
    y = x.repeat(2, 1).repeat(2, 2) + np.tile([[0, 0.25], [0.5, 0.75]], (6, 8))
    window = Window(
        2, layer_of("pixel-shuffle", 2).upsampler.linear.basis(2, parse_upsampler("pixel-shuffle").settings)
    )
    found = examples_at(x, y, window, 2, lambda total: np.array([total - 1]))
    assert found.inputs[0, 0].tolist() == [[20, 21, 22], [28, 29, 30], [36, 37, 38]]
    assert found.outputs[0, 0].tolist() == [[29, 29.25], [29.5, 29.75]]
    assert examples_at(x, y, window, 3, everything) is None


def test_the_share_of_variance():
    y = np.random.default_rng(0).normal(5.0, size=(2, 50))
    assert explained(y, y) == 1
    assert explained(y, np.broadcast_to(y.mean(1, keepdims=True), y.shape)) == pytest.approx(0)
    assert explained(y, y + 100) < 0
