"""The start of a swap by least squares, for every pair of upsamplers: laws, and NumPy's own least squares.

A layer is fitted on examples. On these examples, its error is at most that of any other weights: of zeros with the
best bias, of random ones, of NumPy's solution.
"""

import numpy as np
import pytest
import torch

from repix import registry
from repix.comparison import least_squares, swapped_network
from repix.comparison.swapped_network import converted, upsamplers_in
from repix.networks import with_upsampler
from tests.comparison.test_swapped_network import textures

OLD = [
    "nearest", "bilinear", "transposed kernel=4", "pixel-shuffle", "resize-conv", "checkerboard-free",
    "large-kernel-transposed",
]  # fmt: skip
NEW = [
    "transposed kernel=2", "transposed kernel=3 bias=no", "pixel-shuffle", "resize-conv", "checkerboard-free",
    "bilinear",
]  # fmt: skip
PAIRS = [(old, new) for old in OLD for new in NEW if old != new]
"""Kernels that fit, kernels that do not, and other numbers of biases."""
WIDTH = 3


class Fit:
    """The examples of a fit, by the layer's own arithmetic: torch."""

    def __init__(self, examples, window, layer):
        self.layer, self.scale = layer, window.scale
        self.inputs = torch.from_numpy(examples.inputs.astype(np.float32))
        self.wanted = examples.outputs.astype(np.float64)
        self.corner = window.before * window.scale

    def made(self, weights):
        """What the layer makes of the examples with these weights."""
        self.layer.load_state_dict(weights)
        inside = slice(self.corner, self.corner + self.scale)
        with torch.no_grad():
            return self.layer(self.inputs)[:, :, inside, inside].double().numpy()

    def error(self, weights):
        return float(((self.made(weights) - self.wanted) ** 2).sum())

    def least(self):
        """The error of NumPy's solution: a column for each weight."""
        own = self.layer.state_dict()
        columns = []
        for name, values in own.items():
            for place in range(values.numel()):
                one = {key: torch.zeros_like(value) for key, value in own.items()}
                one[name].view(-1)[place] = 1
                columns.append(self.made(one).ravel())
        design, wanted = np.stack(columns, 1), self.wanted.ravel()
        return float(((design @ np.linalg.lstsq(design, wanted, rcond=None)[0] - wanted) ** 2).sum())


def start(old, new, monkeypatch):
    """The network before and after, the random weights, the ways, and the examples of the last fit by torch."""
    network = registry.get("networks", "super-resolution")
    config = network.from_dict({"width": WIDTH, "depth": 1, "upsampler": old})
    torch.manual_seed(3)
    first = network.module(config)
    with torch.no_grad():
        for values in first.parameters():
            values.add_(0.05 * torch.randn(values.shape))
    torch.manual_seed(4)
    second = network.module(with_upsampler(network, config, new))
    random = {name: one.clone() for name, one in second.state_dict().items()}
    seen = []
    own = swapped_network.fitted
    monkeypatch.setattr(swapped_network, "fitted", lambda *given: seen.append(given) or own(*given))
    monkeypatch.setattr(least_squares, "RIDGE", 1e-10)
    found = converted(first, second, textures(3, 16), textures(1, 16, seed=9))
    return first, second, random, {one.layer: one for one in found}, seen


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_the_start_is_exact_or_the_best(old, new, monkeypatch):
    first, second, random, found, seen = start(old, new, monkeypatch)
    fitted = [name for name, one in found.items() if one.way == "least squares"]
    if not fitted:
        assert {one.way for one in found.values()} == {"exact"}
        picture = textures(1, 32, seed=2)[0]
        with torch.no_grad():
            before, after = (module.eval()(picture)[0, :, 12:-12, 12:-12] for module in (first, second))
        np.testing.assert_allclose(before, after, atol=1e-5)
        return
    assert len(fitted) == len(seen) == 1
    layer = second.get_submodule(fitted[0])
    weights = {name: one.clone() for name, one in layer.state_dict().items()}
    fit = Fit(*seen[0][:2], layer)
    error = fit.error(weights)
    nothing = float(((fit.wanted - fit.wanted.mean((0, 2, 3), keepdims=True)) ** 2).sum())
    beside = {name: random[f"{fitted[0]}.{name}"] for name in weights}
    assert error < nothing
    assert error < fit.error(beside)
    if new == "checkerboard-free":  # fitted as a transposed convolution, and then made even
        assert error >= fit.least() * (1 - 1e-6)
    else:
        assert error == pytest.approx(fit.least(), rel=1e-3, abs=1e-6 * nothing)


def test_the_places_where_networks_have_upsamplers_are_those_that_are_fitted(monkeypatch):
    _, second, _, found, _ = start("transposed kernel=4", "transposed kernel=2", monkeypatch)
    assert [name for name, one in found.items() if one.way == "least squares"] == list(upsamplers_in(second))
