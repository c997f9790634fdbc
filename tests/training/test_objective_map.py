"""Objective map: terms beside SciPy's arithmetic, what the map steers, exact resuming, and what is refused."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given
from hypothesis import strategies as st

from repix import registry
from repix.data import check
from repix.errors import WrongUse
from repix.losses import perceptual
from repix.networks import bundled_features
from repix.training import resolve
from repix.training.device import Device
from repix.training.objectives import Ingredients, objective_map
from repix.training.objectives._detail import band_energies, detail_error, period_error
from repix.training.objectives.objective_map import ObjectiveMapSettings, Term, mixed, steered_losses, terms_for
from repix.training.optimizers import OptimizerSettings
from tests.training.making import folder_for, learned_whole_and_in_two_parts, learning_only, recipe

SETTINGS = {"scale": 2, "perception": True}
DETAIL = ObjectiveMapSettings(period=0)
NETWORK = {"network": "sft", "network_settings": {"depth": 2, "width": 6, "condition": 3}}


def absolute(prediction, target):
    return (prediction - target).abs().mean(1, keepdim=True)


@given(st.integers(9, 40), st.integers(9, 40), st.integers(1, 3))
def test_band_energies_are_those_of_scipys_filters(height, width, channels):
    x = np.random.default_rng(height).random((channels, height, width))
    luma = x.mean(0)
    for energy in band_energies(torch.from_numpy(x)[None]):
        coarse = luma
        for axis in (0, 1):
            coarse = scipy.ndimage.convolve1d(coarse, np.array([1, 4, 6, 4, 1]) / 16, axis=axis, mode="nearest")
        squares = (luma - coarse) ** 2
        tall, wide = (-(-side // 4) for side in luma.shape)
        areas = np.array(
            [[squares[4 * i : 4 * i + 4, 4 * j : 4 * j + 4].mean() for j in range(wide)] for i in range(tall)]
        )
        np.testing.assert_allclose(energy[0, 0].numpy(), np.sqrt(areas + 1 / 255**2), rtol=1e-4, atol=1e-6)
        luma = coarse[::2, ::2]


def test_the_error_of_detail_is_zero_at_the_target_and_equal_for_missing_and_for_invented_texture():
    texture = 0.5 + 0.2 * torch.randn(1, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    flat = torch.full_like(texture, 0.5)
    assert detail_error(texture, texture).abs().max() == 0
    torch.testing.assert_close(detail_error(flat, texture), detail_error(texture, flat))
    assert detail_error(texture.flip(2), texture).mean() < 0.4 * detail_error(flat, texture).mean()


@given(st.integers(1, 20), st.integers(1, 20), st.integers(2, 4))
def test_the_error_of_periods_is_that_of_folded_means(height, width, scale):
    rng = np.random.default_rng(height)
    wrong = rng.normal(0, 0.1, (2, 3, scale * height, scale * width))
    blocks = wrong.reshape(2, 3, height, scale, width, scale).transpose(0, 1, 3, 5, 2, 4)
    blocks = blocks - blocks.mean((2, 3), keepdims=True)
    for row, column in np.ndindex(-(-height // 16), -(-width // 16)):
        part = blocks[..., 16 * row : 16 * row + 16, 16 * column : 16 * column + 16].mean((-1, -2))
        found = period_error(torch.from_numpy(wrong), torch.zeros(wrong.shape), scale)[:, 0, row, column]
        np.testing.assert_allclose(found.numpy(), np.abs(part).mean((1, 2, 3)), rtol=1e-4, atol=1e-6)


@given(st.floats(0, 1), st.floats(0.1, 5))
def test_a_constant_map_multiplies_a_term(value, weight):
    generator = torch.Generator().manual_seed(1)
    one, other = (torch.rand(2, 3, 8, 12, generator=generator) for _ in range(2))
    level = torch.full((2, 1, 4, 6), value)
    found = steered_losses(one, other, level, [Term("absolute", weight, absolute)])
    torch.testing.assert_close(found["absolute"], value * weight * (one - other).abs().mean(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_term_of_features_is_the_perceptual_loss_times_the_map(channels):
    generator = torch.Generator().manual_seed(2)
    one, other = (torch.rand(2, channels, 32, 48, generator=generator) for _ in range(2))
    (term,) = terms_for(ObjectiveMapSettings(detail=0, period=0, features=0.5), 4, Device("cpu", "fp32").fabric())
    found = steered_losses(one, other, torch.full((2, 1, 8, 12), 0.25), [term])
    wanted = 0.125 * perceptual(one.expand(-1, 3, -1, -1), other.expand(-1, 3, -1, -1), bundled_features())
    torch.testing.assert_close(found["features"], wanted, rtol=1e-4, atol=1e-6)
    assert wanted > 0


def test_a_term_without_weight_is_not_computed():
    fabric = Device("cpu", "fp32").fabric()
    assert [one.name for one in terms_for(ObjectiveMapSettings(), 4, fabric)] == ["detail", "period"]
    assert [one.name for one in terms_for(ObjectiveMapSettings(detail=0, period=0, features=0), 4, fabric)] == []


def test_a_map_weighs_each_pixel_and_leaves_the_others_without_gradient():
    one = torch.rand(1, 3, 8, 12, requires_grad=True)
    level = torch.zeros(1, 1, 4, 6)
    level[:, :, 1, 2] = 1
    loss = steered_losses(one, torch.zeros(1, 3, 8, 12), level, [Term("absolute", 1.0, absolute)])["absolute"]
    torch.testing.assert_close(loss, one[:, :, 2:4, 4:6].sum() / (3 * 8 * 12))
    (gradient,) = torch.autograd.grad(loss, one)
    assert gradient[:, :, 2:4, 4:6].ne(0).all()
    assert gradient.count_nonzero() == 3 * 4


def test_steps_teach_detail_where_the_map_asks_for_it():
    """The target is texture that the source does not tell: at 0 its mean is learned, at 1 its energy."""
    torch.manual_seed(0)
    network = registry.get("networks", "sft")
    module = network.module(replace(network.small, scale=2, width=12))
    fabric = Device("cpu", "fp32").fabric()
    task = registry.get("tasks", "upscale")(SETTINGS)
    objective = objective_map.OBJECTIVE(
        Ingredients(module, task, OptimizerSettings("adamw", 0.004, False), fabric, DETAIL)
    )
    losses = []
    for number in range(1, 51):
        x, target = 0.5 + 0.1 * torch.randn(4, 3, 12, 12), 0.5 + 0.1 * torch.randn(4, 3, 24, 24)
        level = torch.tensor([0.0, 0.0, 0.5, 1.0])[:, None, None, None].expand(4, 1, 12, 12)
        losses.append(objective.step((torch.cat([x, level], 1), target), number))
    assert list(losses[0]) == ["loss", "pixels", "detail"]
    assert losses[-1]["loss"] < losses[0]["loss"]
    x, module = 0.5 + 0.1 * torch.randn(8, 3, 12, 12), objective.model.eval()
    with torch.no_grad():
        none, half, full = (
            band_energies(module(torch.cat([x, torch.full((8, 1, 12, 12), t)], 1)))[0].mean() for t in (0.0, 0.5, 1.0)
        )
    assert none < half < full
    assert full > 1.5 * none


def test_the_last_weights_are_exported_because_a_metric_of_fidelity_would_select_the_first():
    assert objective_map.OBJECTIVE.exports_last is True
    assert registry.get("objectives", "supervised").exports_last is False


def test_a_resumed_run_learns_the_same_to_the_bit(tmp_path, monkeypatch):
    folder = folder_for("upscale", tmp_path / "pictures")
    learning_only(monkeypatch)
    made = recipe(folder, "upscale", settings=SETTINGS, steps=5, validations=5, holdout=2, **NETWORK)
    whole, resumed = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == resumed


def steered(**settings):
    """An objective with a discriminator, and a batch whose map rises from 0 to 1."""
    torch.manual_seed(0)
    network = registry.get("networks", "sft")
    module = network.module(replace(network.small, scale=2))
    task = registry.get("tasks", "upscale")(SETTINGS)
    few = ObjectiveMapSettings(detail=0, period=0, discriminator="unet", width=2, **settings)
    made = objective_map.OBJECTIVE(
        Ingredients(module, task, OptimizerSettings("adamw", 0.004, False), Device("cpu", "fp32").fabric(), few)
    )
    level = torch.linspace(0, 1, 12).expand(2, 1, 12, 12)
    return made, (torch.cat([torch.rand(2, 3, 12, 12), level], 1), torch.rand(2, 3, 24, 24))


def test_the_adversary_judges_the_target_and_what_the_map_asks_for():
    made, (source, target) = steered(adversarial=0.125, gan="hinge")
    network, rival = copy.deepcopy(made.model), copy.deepcopy(made.parts["discriminator"].network)
    losses = made.step((source, target), 1)
    assert list(losses) == ["loss", "pixels", "adversarial", "discriminator", "real", "fake"]
    fake = mixed(network(source), target, source[:, 3:])
    assert losses["adversarial"] == pytest.approx(-0.125 * rival(fake).mean().item(), rel=1e-3)


def test_where_the_map_is_0_the_adversary_changes_nothing():
    prediction = torch.rand(1, 3, 8, 12, requires_grad=True)
    level = torch.zeros(1, 1, 4, 6)
    level[:, :, 1, 2], level[:, :, 3, 4] = 1, 0.5
    judged = mixed(prediction, torch.rand(1, 3, 8, 12), level)
    (gradient,) = torch.autograd.grad(judged.sum(), prediction)
    expected = torch.zeros(8, 12)
    expected[2:4, 4:6], expected[6:8, 8:10] = 1, 0.5
    assert torch.equal(gradient, expected.expand(1, 3, 8, 12))


def test_in_the_warm_up_and_without_weight_there_is_no_adversary():
    made, batch = steered(adversarial=0.1, warm_up=2)
    assert list(made.step(batch, 2)) == ["loss", "pixels"]
    assert "adversarial" in made.step(batch, 3)
    made, batch = steered()
    assert set(made.parts) == {"model"}
    assert list(made.step(batch, 1)) == ["loss", "pixels"]


def test_a_resumed_run_with_an_adversary_learns_the_same_to_the_bit(tmp_path, monkeypatch):
    folder = folder_for("upscale", tmp_path / "pictures")
    learning_only(monkeypatch)
    adversary = {"adversarial": 0.01, "discriminator": "unet", "width": 2}
    made = recipe(
        folder, "upscale", settings=SETTINGS, steps=5, validations=5, holdout=2, objective_settings=adversary, **NETWORK
    )
    whole, resumed = learned_whole_and_in_two_parts(made, tmp_path, monkeypatch)
    assert whole == resumed


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"objective": "supervised"}, "^The objective supervised has no term that a perception map could steer"),
        ({"network": "compact", "network_settings": {}}, "^compact takes no perception map, .* take the network sft"),
        ({"settings": {"scale": 2}}, "^sft takes a perception map, which upscale with these settings does not give"),
    ],
)
def test_what_does_not_fit_a_map_is_refused_before_any_picture_is_read(photos, more, reason):
    made = recipe(photos, "upscale", **{"settings": SETTINGS, **NETWORK, **more})
    with pytest.raises(WrongUse, match=reason):
        resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))


def test_the_objective_follows_from_the_task(photos):
    made = recipe(photos, "upscale", settings=SETTINGS, **NETWORK)
    assert resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index)).objective == "objective-map"


def test_the_objective_is_refused_for_a_task_without_a_map():
    network = registry.get("networks", "pixelwise")
    plain = registry.get("tasks", "denoise")({})
    ingredients = Ingredients(network.module(), plain, OptimizerSettings("adamw", 0.01, False), None)
    with pytest.raises(WrongUse, match=r"^The objective objective-map needs a task with a perception map, which"):
        objective_map.OBJECTIVE(ingredients)
