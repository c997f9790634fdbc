"""The feature network: its layers against SciPy, its order of changes on photos, and its recipe."""

from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import correlate
from skimage import data

from repix.degradations import gaussian, gaussian_blur
from repix.networks import bundled_features
from repix.networks._features import WIDTHS, Downsample, PictureFeatures, distance

PHOTOS = {name: getattr(data, name)()[60:220, 60:220] / 255 for name in ("astronaut", "coffee", "chelsea")}


@pytest.fixture(scope="module")
def recipe():
    """The recipe as a module, with tiny batches."""
    path = Path(__file__).parents[2] / "recipes" / "features.py"
    spec = spec_from_file_location("features_recipe", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.BATCH = 2
    return module


def tensor(picture):
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))[None]).float()


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_downsampling_is_scipys_binomial_filter(height, width, seed):
    plane = np.random.default_rng(seed).random((height, width, 2))
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    expected = np.stack([correlate(plane[:, :, c], kernel, mode="nearest")[::2, ::2] for c in range(2)])
    found = Downsample()(tensor(plane))[0].numpy()
    assert found == pytest.approx(expected, abs=1e-6)


@given(st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=10, deadline=None)
def test_any_size_has_features_at_five_scales_and_flat_stays_flat(height, width):
    maps = bundled_features()(torch.full((1, 3, height, width), 0.3))
    for k, one in enumerate(maps):
        assert one.shape == (1, WIDTHS[k], -(-height // 2**k), -(-width // 2**k))
        assert (one.amax((2, 3)) - one.amin((2, 3))).max() < 1e-4


def test_the_weights_have_16_bits_and_few_bytes():
    with files("repix.networks").joinpath("features.npz").open("rb") as file:
        known = dict(np.load(file))
    assert {one.dtype for one in known.values()} == {np.dtype(np.float16)}
    assert sum(one.nbytes for one in known.values()) < 1_000_000


@pytest.mark.parametrize("name", PHOTOS)
def test_shift_and_gain_are_nearer_than_blur_and_noise_of_the_same_error(name):
    photo, network = PHOTOS[name], bundled_features()
    first = network(tensor(photo[8:-8, 8:-8]))
    for harmless in (np.roll(photo, 1, 1), np.clip(1.1 * photo, 0, 1)):
        error = np.square(harmless - photo)[8:-8, 8:-8].mean()
        rng = np.random.default_rng(0)
        for far in (gaussian(photo, rng, 255 * error**0.5), same_error(photo, error)):
            assert np.square(far - photo)[8:-8, 8:-8].mean() == pytest.approx(error, rel=0.1)
            measured = [distance(first, network(tensor(one[8:-8, 8:-8]))).item() for one in (harmless, far)]
            assert measured[0] < measured[1]


def same_error(photo, wanted):
    """The photo, blurred so that its error is as wanted."""
    low, high = 0.2, 12.0
    for _ in range(14):
        middle = (low + high) / 2
        error = np.square(gaussian_blur(photo, middle) - photo)[8:-8, 8:-8].mean()
        low, high = (middle, high) if error < wanted else (low, middle)
    return gaussian_blur(photo, low)


def test_a_gradient_reaches_the_picture_and_not_the_weights():
    network = bundled_features()
    x = tensor(PHOTOS["coffee"][:32, :32]).requires_grad_()
    distance(network(x), network(tensor(PHOTOS["coffee"][1:33, :32]))).sum().backward()
    assert x.grad.abs().sum() > 0
    assert all(one.grad is None for one in network.parameters())


def test_the_recipe_folds_normalization_without_a_change(recipe):
    torch.manual_seed(0)
    network = PictureFeatures(norm=True)
    x = torch.rand(2, 3, 40, 33)
    with torch.no_grad():
        network(x)  # statistics other than 0 and 1
        plain = PictureFeatures()
        plain.load_state_dict(recipe.folded(network))
        for one, other in zip(network.eval()(x), plain(x), strict=True):
            torch.testing.assert_close(one, other)


def test_the_recipe_makes_views_of_equal_errors(recipe):
    crop = PHOTOS["chelsea"][:70, :70].astype(np.float32)
    strengths = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        first, harmless, degraded, strength, comparable = recipe.three_views(crop, rng, 1 + seed % 4)
        errors = [float(np.square(one - first).mean()) for one in (harmless, degraded)]
        assert first.shape == harmless.shape == degraded.shape == (64, 64, 3)
        assert not comparable or errors[1] >= errors[0] * (1 - 1e-3)
        strengths.append(strength)
    assert 0 < min(strengths) <= max(strengths) <= 1


def test_the_recipe_continues_bit_identically(recipe, tmp_path, monkeypatch):
    for name in ("a", "b"):
        Image.fromarray((255 * PHOTOS["coffee"]).astype(np.uint8)).save(tmp_path / f"{name}.png")
    monkeypatch.setattr(recipe, "SAVED", 2)
    sources, drawn = [recipe.photos(tmp_path)], recipe.drawn

    def trained(checkpoint):
        torch.manual_seed(0)
        learner = recipe.Learner(3)
        recipe.train(learner, sources, 4, tmp_path / checkpoint)
        return learner.features.state_dict()

    def stopped(given, rng):
        if (tmp_path / "parts.ckpt").exists():
            raise KeyboardInterrupt
        return drawn(given, rng)

    whole = trained("whole.ckpt")
    monkeypatch.setattr(recipe, "drawn", stopped)
    with pytest.raises(KeyboardInterrupt):
        trained("parts.ckpt")
    monkeypatch.setattr(recipe, "drawn", drawn)
    parts = trained("parts.ckpt")
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
