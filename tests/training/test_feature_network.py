"""Feature networks: bundled models and runs, frozen, for any size; they order pairs that MSE gets wrong."""

import copy

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage import data

from repix.conversion import open_model
from repix.errors import RepixError
from repix.losses import mse, perceptual
from repix.models import model_named
from repix.training import train
from repix.training.feature_network import DEFAULT, MAPS, feature_network, middle_layers
from tests.training.making import Told, recipe


@pytest.fixture(scope="module")
def default():
    return feature_network(DEFAULT)


def picture(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])).float()


def test_it_is_the_bundled_network():
    """Its result, not only its features, is that of the model file."""
    network = feature_network("denoise-photo").network
    x = torch.rand(1, 3, 32, 40)
    expected = open_model(model_named("denoise-photo"), precision="exact").run(x.numpy())
    assert np.abs(network(x).numpy() - expected).max() < 2e-3


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", [DEFAULT, "segment-street", "denoise-gray", "upscale-x2", "colorize"])
def test_gray_and_color_pictures_of_any_size(name, channels):
    features = feature_network(name)
    x = torch.rand(1, channels, 21, 17, requires_grad=True)
    maps = features(x)
    assert len(maps) == (5 if name == DEFAULT else MAPS)
    assert all(one.ndim == 4 for one in maps)
    (gradient,) = torch.autograd.grad(sum(one.square().sum() for one in maps), x)
    assert gradient.isfinite().all()
    assert gradient.any()
    assert not any(weight.requires_grad for weight in features.parameters())
    assert not any(one.training for one in features.modules())


def test_borders_are_replicated_up_to_the_step():
    features = feature_network("segment-street")
    step = features.step
    x = torch.rand(1, 3, step + 3, 2 * step - 1)
    larger = torch.from_numpy(np.pad(x.numpy(), ((0, 0), (0, 0), (0, step - 3), (0, 1)), mode="edge"))
    assert all(torch.equal(one, other) for one, other in zip(features(x), features(larger), strict=True))


@pytest.fixture(scope="module")
def crops():
    """Three photos; the same order was measured on more in docs/adversarial.md."""
    return [photo[60:180, 80:200] / 255.0 for photo in (data.astronaut(), data.chelsea(), data.coffee())]


def blurred_alike(crop, error):
    """The crop with the Gaussian blur of this mean squared error."""
    low, high = 0.05, 16.0
    for _ in range(30):
        middle = (low * high) ** 0.5
        blurred = gaussian_filter(crop, (middle, middle, 0))
        low, high = (middle, high) if ((blurred - crop) ** 2).mean() < error else (low, middle)
    return blurred


@pytest.mark.parametrize("change", ["one pixel", "two pixels", "gain"])
def test_a_shift_or_a_gain_is_nearer_than_a_blur_of_equal_mse(change, crops, default):
    """By construction, MSE calls both equal; an eye sees a difference only in the blur."""
    for crop in crops:
        changed = 1.1 * crop if change == "gain" else np.roll(crop, {"one pixel": 1, "two pixels": 2}[change], 1)
        inner = np.s_[8:-8, 8:-8]
        blurred = blurred_alike(crop[inner], ((changed - crop)[inner] ** 2).mean())
        target, near, far = (picture(one) for one in (crop[inner], changed[inner], blurred))
        assert mse(near, target).item() == pytest.approx(mse(far, target).item(), rel=1e-2)
        assert perceptual(near, target, default) < perceptual(far, target, default)


def test_a_run_is_a_feature_network(photos, lean, tmp_path):
    train(recipe(photos, network_settings={"widths": [4, 4, 4]}), tmp_path / "run", Told().reporter())
    features = feature_network(str(tmp_path / "run"))
    assert [one.shape for one in features(torch.rand(1, 3, 5, 6))] == [(3, 4, 5, 6)] * 3  # a gray network
    other = copy.deepcopy(features)
    assert other.fingerprint == features.fingerprint
    with torch.no_grad():
        next(other.parameters()).add_(1e-6)
    assert other.fingerprint != features.fingerprint


def test_layers_are_spread_over_the_network():
    layers = torch.nn.Sequential(*(torch.nn.Conv2d(1, 1, 1) for _ in range(20)))
    assert middle_layers(layers, torch.zeros(1, 1, 1, 1)) == ["3", "7", "11", "15"]
    assert middle_layers(layers[:2], torch.zeros(1, 1, 1, 1)) == ["0"]


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(
        RepixError, match="features is 'segment-stret', which is neither 'features', a bundled model nor a path"
    ):
        feature_network("segment-stret")
    with pytest.raises(RepixError, match=r"contains no run\.toml"):
        feature_network(str(tmp_path))
