"""A flat picture stays flat up to its border, whatever its color and size, in both precisions."""

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from repix import models, registry
from repix.conversion import Contract, convert, open_model
from repix.conversion.engine import Bf16Unavailable, EngineOptions
from repix.conversion.model_file import read_model
from repix.networks import efficient_unet
from repix.pictures import Picture
from repix.training.export import export
from repix.training.flat import FULL, HINT_REACH, SURROUNDINGS, FlatSettled, hinted, variation
from tests.given import seeds
from tests.training.making import quick

MENDING = [name for name, bundled in models.catalog().items() if bundled.task in ("denoise", "deblur", "upscale")]
COLORING = [name for name, bundled in models.catalog().items() if bundled.task in ("colorize", "restore")]


def flat_picture(seed):
    """A color at random, sometimes the strongest there are, of at most 100×100 pixels, sometimes of very few."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, rng.choice([4, 30, 101]), 2)
    color = rng.integers(0, 256, 3) if rng.random() < 0.7 else rng.choice([0, 255], 3)
    return Picture(np.broadcast_to(color.astype(np.uint8), (*size, 3)).copy()), color.astype(int)


@pytest.fixture(scope="module", autouse=True)
def engines_are_freed():
    yield
    engine_of.cache_clear()


@cache
def engine_of(name, fast):
    try:
        return registry.get("engines", "openvino")(read_model(models.model_named(name)), EngineOptions(fast=fast))
    except Bf16Unavailable:
        pytest.skip("this processor has no bf16")


@pytest.mark.parametrize("fast", [False, True], ids=["exact", "bf16"])
@pytest.mark.parametrize("name", MENDING)
@seeds(2, 100)
def test_what_is_flat_stays_as_it_was_within_a_level(name, fast, seed):
    picture, color = flat_picture(seed)
    assert np.abs(convert(picture, engine_of(name, fast)).pixels.astype(int) - color).max() <= 1


@pytest.mark.parametrize("fast", [False, True], ids=["exact", "bf16"])
@pytest.mark.parametrize("name", COLORING)
@seeds(2, 100)
def test_what_is_flat_gets_one_color(name, fast, seed):
    picture, _ = flat_picture(seed)
    pixels = convert(picture, engine_of(name, fast)).pixels.astype(int)
    assert np.ptp(pixels, axis=(0, 1)).max() <= 1


@pytest.mark.parametrize("conditioned", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@seeds(3, 300)
def test_any_weights_leave_a_flat_picture_alone(conditioned, channels, seed):
    """Kernels at random, as large as a training may make them."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    unshuffle = int(rng.choice([1, 2, 4]))
    widths = {"widths": (6, 8), "blocks": (1, 1)}
    module = efficient_unet(
        in_channels=channels, out_channels=channels, unshuffle=unshuffle, conditioned=conditioned, **widths
    ).eval()
    sides = rng.integers(1, 5, 2) * (16 if conditioned else 2 * unshuffle)
    x = torch.rand(1, channels, 1, 1).expand(-1, -1, *(int(side) for side in sides))
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn_like(weight) / weight[0].numel() ** 0.5)
        torch.testing.assert_close(module(x), x, atol=2e-5, rtol=0)


@pytest.mark.parametrize("mean_free", [True, False])
@seeds(3, 300)
def test_any_weights_and_any_noise_level_leave_a_flat_picture_alone(mean_free, seed):
    """A black one, where the kernels are not mean-free."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    unshuffle, channels = int(rng.choice([1, 2, 4])), int(rng.choice([1, 3]))
    settings = {"unshuffle": unshuffle, "widths": (6, 8), "blocks": (1, 2), "mean_free": mean_free}
    module = efficient_unet(in_channels=channels + 1, out_channels=channels, noise_level=True, **settings).eval()
    height, width = (int(side) for side in rng.integers(1, 5, 2) * 2 * unshuffle)
    x = torch.rand(1, channels, 1, 1).expand(-1, -1, height, width) * mean_free
    level = torch.full((1, 1, height, width), float(rng.random()))
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn_like(weight) / weight[0].numel() ** 0.5)
        torch.testing.assert_close(module(torch.cat([x, level], 1)), x, atol=2e-5, rtol=0)


@seeds(3, 300)
def test_a_result_counts_by_how_much_the_surroundings_vary(seed):
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 90, 2))
    x = torch.full((1, 1, height, width), float(rng.random()))
    row, column = int(rng.integers(height)), int(rng.integers(width))
    step = float(rng.choice([FULL / 2, FULL, 1]))
    x[0, 0, row, column] += step
    result = FlatSettled(torch.neg, torch.zeros_like)(x)[0, 0]  # the network gives -x, a flat picture nothing
    near = np.maximum(np.abs(np.arange(height) - row)[:, None], np.abs(np.arange(width) - column)) <= SURROUNDINGS
    share = torch.from_numpy(near * min(step / FULL, 1)).float() if height * width > 1 else torch.zeros(1, 1)
    torch.testing.assert_close(result, -x[0, 0] * share, atol=1e-4, rtol=0)


@pytest.mark.parametrize("task", ["colorize", "restore"])
def test_an_untrained_model_of_colors_leaves_what_is_flat_gray(tmp_path, task, monkeypatch):
    quick(monkeypatch)
    made, network = registry.get("tasks", task)(), registry.get("networks", "unet")
    config = network.config(*made.channels, widths=(4, 6), upsampler="transposed kernel=3")
    contract = export(tmp_path / "a.onnx", network.module(config), network, config, made)
    picture = Picture(np.full((70, 41), 90, np.uint8))
    result = convert(picture, open_model(tmp_path / "a.onnx")).pixels.astype(int)
    assert np.abs(result - 90).max() <= 1
    assert isinstance(contract, Contract)


def test_the_halo_holds_what_settles_flat_areas(tmp_path, monkeypatch):
    """A network that sees three pixels far, and a range that is looked for in sixteen."""
    quick(monkeypatch)
    made, network = registry.get("tasks", "colorize")(), registry.get("networks", "pixelwise")
    config = network.config(*made.channels)
    contract = export(tmp_path / "a.onnx", network.module(config), network, config, made)
    assert contract.halo == SURROUNDINGS
    assert int((variation(torch.nn.functional.pad(torch.ones(1, 1, 1, 1), (40,) * 4)) > 0).sum()) == 33**2


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
def test_near_a_hint_nothing_is_corrected_up_to_the_border(height, width, down, right):
    row, column = int(down * (height - 1)), int(right * (width - 1))
    side = torch.zeros(1, 3, height, width)
    side[0, 1, row, column] = -0.1
    rows, columns = np.abs(np.arange(height) - row)[:, None], np.abs(np.arange(width) - column)
    np.testing.assert_array_equal(hinted(side)[0, 0].numpy() > 0, np.maximum(rows, columns) <= HINT_REACH)
    x = torch.cat([torch.full((1, 1, height, width), 0.5), side], 1)
    result = FlatSettled(lambda given: 2 + given[:, :1], torch.zeros_like, 3)(x)[0, 0].numpy()
    np.testing.assert_array_equal(result, np.where(np.maximum(rows, columns) <= HINT_REACH, 2.5, 0))


def test_a_noise_level_is_no_hint():
    """A flat area stays corrected, whatever the level; a hint beside the level counts."""
    x = torch.cat([torch.full((1, 2, 4, 5), 0.5), torch.zeros(1, 3, 4, 5)], 1)
    x[:, 1] = 0.1  # the level
    corrected = FlatSettled(lambda given: 2 + given[:, :1], torch.zeros_like, 4, (slice(1, 4),))
    assert (corrected(x) == 0).all()
    x[0, 2, 1, 1] = -0.2
    assert (corrected(x) == 2.5).all()
    level_only = FlatSettled(lambda given: 2 + given[:, :1], torch.zeros_like, 1, ())
    assert (level_only(x[:, :2]) == 0).all()
