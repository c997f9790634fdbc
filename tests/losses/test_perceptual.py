"""The perceptual loss: beside NumPy, frozen features, layers by name, and the order of pairs that MSE gets wrong."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from repix.errors import WrongUse
from repix.losses.perceptual import SHARE, feature_maps, perceptual


class Pyramid(nn.Module):
    """Two maps."""

    def __init__(self, norm=False):
        super().__init__()
        torch.manual_seed(3)
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6) if norm else nn.Identity()
        self.second = nn.Conv2d(6, 5, 3, stride=2, padding=1)
        self.spare = nn.Conv2d(1, 1, 1)

    def forward(self, x):
        x = self.norm(self.first(x).relu())
        return x, self.second(x)


def pair(seed=0, size=(12, 10)):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, 2, 3, *size, generator=generator)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 9))
def test_T09_the_distance_is_that_of_unit_vectors(seed, height, width):
    prediction, target = pair(seed, (height, width)).double()
    features = Pyramid().double()
    terms = []
    for found, wanted in zip(features(prediction), features(target), strict=True):
        units = []
        for one in (found, wanted):
            squares = (one.detach().numpy() ** 2).sum(1, keepdims=True)
            units.append(one.detach().numpy() / np.sqrt(squares + SHARE * squares.mean((1, 2, 3), keepdims=True)))
        terms.append(((units[0] - units[1]) ** 2).sum(1).mean())
    assert perceptual(prediction, target, features).item() == pytest.approx(np.mean(terms), rel=1e-5)


def test_zero_at_the_target_and_the_same_for_a_list_a_tuple_or_layers():
    prediction, target = pair()
    features = Pyramid()
    assert perceptual(target, target, features).item() == 0
    whole = perceptual(prediction, target, features)
    assert whole > 0
    body = nn.Sequential(features.first, nn.ReLU(), features.second)
    torch.testing.assert_close(perceptual(prediction, target, body, layers=["1", "2"]), whole)


def test_the_features_stay_as_they_are_and_get_no_gradients():
    prediction, target = pair()
    prediction.requires_grad_()
    target.requires_grad_()
    features = Pyramid(norm=True).train()
    before = copy.deepcopy(features.state_dict())
    perceptual(prediction, target, features).backward()
    assert prediction.grad.any()
    assert target.grad is None
    assert all(weight.grad is None for weight in features.parameters())
    assert all(weight.requires_grad for weight in features.parameters())
    assert not features.training
    for name, value in features.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_no_hook_is_left_behind():
    features = Pyramid()
    feature_maps(features, pair()[0], ["first", "second"])
    with pytest.raises(RuntimeError):
        feature_maps(features, pair()[0][:, :2], ["first"])
    assert not any(one._forward_hooks for one in features.modules())


def test_a_map_of_zeros_gives_a_finite_gradient():
    prediction = torch.zeros(1, 3, 4, 4, requires_grad=True)
    perceptual(prediction, pair()[0][:1, :, :4, :4], nn.ReLU()).backward()
    assert prediction.grad.isfinite().all()


@pytest.mark.parametrize(
    ("layers", "reason"),
    [(["frist"], "no layer 'frist'; did you mean 'first'"), (["spare"], "does not use its layer 'spare'")],
)
def test_wrong_layers_are_refused(layers, reason):
    prediction, target = pair()
    with pytest.raises(WrongUse, match=reason):
        perceptual(prediction, target, Pyramid(), layers=layers)
