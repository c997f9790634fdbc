"""Adversarial and perceptual training: what learns, what stays fixed, the balance, and what is refused."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from repix import registry
from repix.data import check
from repix.errors import Unreadable, WrongShape, WrongUse
from repix.losses import mse, perceptual
from repix.training import Recipe, resolve, train
from repix.training.device import Device
from repix.training.gan_losses import GAN_LOSSES
from repix.training.objectives import Diverged, Ingredients, _adversary, adversarial
from repix.training.objectives import perceptual as perceptual_objective
from repix.training.objectives._adversary import WON, WON_STEPS, Balance
from repix.training.objectives._picture_terms import picture_channels
from repix.training.objectives.adversarial import AdversarialSettings
from repix.training.optimizers import OptimizerSettings
from repix.training.pretrained import exported_weights
from repix.training.recipe import from_dict, read_recipe
from tests.training.making import Told, folder_for, recipe

RESTORERS = ("colorize", "deblur", "denoise", "restore", "scene", "upscale")
FEW = {"features": "upscale-x2-clean", "discriminator": "unet", "width": 2}


def objective(module=adversarial, rate=0.01, **given):
    """Of denoising, with one convolution as the model and the small discriminator of pixels."""
    torch.manual_seed(2)
    made = registry.get("tasks", "denoise")({"color": False})
    network = nn.Conv2d(*made.channels, 3, padding=1)
    shared = {"features": "upscale-x2-clean"} | ({"discriminator": "unet"} if module is adversarial else {})
    config = module.OBJECTIVE.config(**{**shared, **given})
    fabric = Device("cpu", "fp32").fabric()
    return module.OBJECTIVE(Ingredients(network, made, OptimizerSettings("adamw", rate), fabric, config))


def batch(size=24, channels=1, seed=0):
    target = torch.rand(2, channels, size, size, generator=torch.Generator().manual_seed(seed))
    return (target + 0.1).clamp(0, 1), target


def weights(module):
    return copy.deepcopy(module.state_dict())


def changed(module, before):
    return [name for name, value in module.state_dict().items() if not torch.equal(value, before[name])]


@pytest.mark.parametrize("gan", sorted(GAN_LOSSES))
@pytest.mark.parametrize("discriminator", ["patch", "unet"])
def test_both_networks_learn_and_the_features_do_not(gan, discriminator):
    made = objective(gan=gan, discriminator=discriminator, width=2)
    part, features = made.parts["discriminator"], made.terms.features
    before = [weights(one) for one in (made.model, part.network, features)]
    losses = made.step(batch(), 1)
    assert changed(made.model, before[0]) == ["weight", "bias"]
    learned = {name for name, _ in part.network.named_parameters()}
    shift = {"layers.4.bias", "last.bias"}  # moves all scores alike, which may change no loss
    assert learned - shift <= set(changed(part.network, before[1]))
    assert changed(features, before[2]) == []
    assert all(weight.requires_grad for weight in part.network.parameters())
    assert list(losses) == ["loss", "pixel", "perceptual", "adversarial", "discriminator", "real", "fake"]
    assert losses["loss"] == pytest.approx(losses["pixel"] + losses["perceptual"] + losses["adversarial"])


def test_T09_the_losses_are_the_weighted_ones_of_the_parts():
    made = objective(pixel=0.5, perceptual=0.25, adversarial=0.125, gan="hinge", width=2)
    source, target = batch()
    network, rival = copy.deepcopy(made.model), copy.deepcopy(made.parts["discriminator"].network)
    losses = made.step((source, target), 1)
    prediction = network(source)
    assert losses["pixel"] == pytest.approx(0.5 * mse(prediction, target).item(), rel=1e-5)
    assert losses["perceptual"] == pytest.approx(
        0.25 * perceptual(prediction, target, made.terms.features).item(), rel=1e-5
    )
    assert losses["adversarial"] == pytest.approx(-0.125 * rival(prediction).mean().item(), rel=1e-3)


def test_the_generators_gradient_is_that_of_the_sum():
    """The discriminator's own step leaves no trace in it, and the reverse."""
    made = objective(perceptual=0, adversarial=0.125, gan="least-squares", width=2)
    source, target = batch()
    network, rival = copy.deepcopy(made.model), copy.deepcopy(made.parts["discriminator"].network)
    made.step((source, target), 1)
    prediction = network(source)
    loss = mse(prediction, target) + 0.125 * (rival(prediction) - 1).square().mean() / 2
    expected = torch.autograd.grad(loss, tuple(network.parameters()))
    found = [weight.grad for weight in made.model.parameters()]
    torch.testing.assert_close(found, list(expected), rtol=1e-4, atol=1e-7)
    real, fake = rival(torch.cat([target, prediction.detach()])).chunk(2)
    both = ((real - 1).square().mean() + fake.square().mean()) / 2
    expected = torch.autograd.grad(both, tuple(rival.parameters()))
    found = [weight.grad for weight in made.parts["discriminator"].network.parameters()]
    torch.testing.assert_close(found, list(expected), rtol=1e-2, atol=1e-5)


def test_in_the_warm_up_the_discriminator_rests():
    made = objective(warm_up=3, width=2)
    before = weights(made.parts["discriminator"].network)
    assert [list(made.step(batch(), number)) for number in (1, 3)] == [["loss", "pixel", "perceptual"]] * 2
    assert changed(made.parts["discriminator"].network, before) == []
    assert "adversarial" in made.step(batch(), 4)
    assert made.warm_up == 3


def test_a_weight_of_zero_leaves_a_loss_out():
    made = objective(perceptual=0, width=2)
    assert made.terms.features is None
    assert "perceptual" not in made.step(batch(), 1)
    assert "pixel" not in objective(pixel=0, width=2).step(batch(), 1)
    with pytest.raises(WrongUse, match="pixel and perceptual are both 0"):
        AdversarialSettings(pixel=0, perceptual=0)


def test_perceptual_training_needs_no_adversary():
    made = objective(perceptual_objective, pixel=0, perceptual=1)
    assert set(made.parts) == {"model"}
    losses = [made.step(batch(16), number) for number in range(1, 6)]
    assert list(losses[0]) == ["loss", "perceptual"]
    assert losses[-1]["perceptual"] < losses[0]["perceptual"]


def test_each_network_has_its_learning_rate():
    made = objective(perceptual=0, rate=0.5, lr=0.125)
    made.set_lr(0.25)
    rates = {name: part.optimizer.param_groups[0]["lr"] for name, part in made.parts.items()}
    assert rates == {"model": 0.125, "discriminator": 0.03125}


@pytest.mark.parametrize("task", RESTORERS)
def test_every_restoring_task_takes_a_step(task):
    made = registry.get("tasks", task)()
    config = AdversarialSettings(**FEW, perceptual=0)
    network = nn.Sequential(nn.Upsample(scale_factor=made.scale), nn.Conv2d(*made.channels, 1))
    fabric = Device("cpu", "fp32").fabric()
    found = adversarial.OBJECTIVE(Ingredients(network, made, OptimizerSettings("adamw", 0.01), fabric, config))
    source, target = torch.rand(1, made.channels[0], 8, 8), torch.rand(1, made.channels[1], *(8 * made.scale,) * 2)
    assert "discriminator" in found.step((source, target), 1)


@pytest.mark.parametrize("task", ["colorize", "upscale"])
def test_a_whole_training(task, lean, photos, tmp_path):
    """With the overfit check and a validation; colorize compares RGB pictures."""
    network = {"network": "compact", "network_settings": {"depth": 1, "width": 4}} if task == "upscale" else {}
    told = Told()
    made = recipe(photos, task, objective="adversarial", objective_settings=FEW, **network)
    assert train(made, tmp_path / "run", told.reporter()).complete
    assert "perceptual" in told.text
    assert (tmp_path / "run" / "terms.svg").stat().st_size > 500


def test_colorize_is_compared_in_rgb():
    from repix.arithmetic.color import rgb_to_ycbcr

    task = registry.get("tasks", "colorize")()
    rgb = torch.rand(2, 5, 4, 3, dtype=torch.float64).numpy()
    planes = torch.stack([torch.from_numpy(rgb_to_ycbcr(one)).movedim(2, 0) for one in rgb])
    found = task.picture(planes[:, 1:], planes[:, :1])
    torch.testing.assert_close(found, torch.from_numpy(rgb).movedim(3, 1), rtol=0, atol=1e-9)
    assert picture_channels(task) == 3


@pytest.mark.parametrize("name", ["adversarial", "perceptual"])
def test_classes_and_masks_are_refused_before_any_picture_is_read(name, photos, tmp_path):
    made = recipe(folder_for("segment", tmp_path), "segment", objective=name)
    with pytest.raises(
        WrongUse, match=f"The objective {name} compares pictures, but the results of segment are classes"
    ):
        resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))
    masked = {"color": False, "sigma": "none", "density": [0.1, 0.5], "impulse_mask": True}
    made = recipe(photos, objective=name, settings=masked, network="two-stage", network_settings={})
    with pytest.raises(WrongUse, match=r"has no loss for the mask .* it is two-stage"):
        resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("adversarial", {"gam": "hinge"}, "adversarial has no setting 'gam'; did you mean 'gan'"),
        ("adversarial", {"gan": "wasserstein"}, "gan is 'wasserstein'"),
        ("adversarial", {"adversarial": 0}, "adversarial is 0; it must be more than 0"),
        ("perceptual", {"gan": "hinge"}, "perceptual has no setting 'gan'"),
        ("supervised", {"gan": "hinge"}, "The objective supervised has no settings; leave objective_settings out"),
    ],
)
def test_wrong_settings_are_refused(name, given, reason, photos):
    made = recipe(photos, objective=name, objective_settings=given)
    with pytest.raises(WrongUse, match=reason):
        resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))


def test_settings_need_a_table():
    with pytest.raises(WrongUse, match="objective_settings is 'hinge'; it must be a table"):
        Recipe("denoise", "photos", objective_settings="hinge")


def test_the_recipe_makes_a_round_trip(photos, tmp_path):
    made = recipe(photos, objective="adversarial", objective_settings={"gan": "hinge", "features": "upscale-x2"})
    config = resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))
    table = config.as_recipe().to_dict()
    assert table["objective_settings"] == AdversarialSettings(gan="hinge", features="upscale-x2").to_dict()
    assert from_dict(table) == from_dict(from_dict(table).to_dict())
    assert made.differs(config.as_recipe()) is None
    other = recipe(photos, objective="adversarial", objective_settings={"gan": "least-squares"})
    assert other.differs(config.as_recipe()) == "gan"
    (tmp_path / "one.toml").write_text(
        'task = "denoise"\nfolder = "photos"\nobjective = "perceptual"\n[objective_settings]\nfeatures = "runs/first"\n'
    )
    assert read_recipe(tmp_path / "one.toml").objective_settings["features"] == str((tmp_path / "runs/first").resolve())


def test_a_patch_that_is_too_small_is_refused_before_the_run_begins(photos, lean, tmp_path):
    made = recipe(photos, objective="adversarial", objective_settings={**FEW, "discriminator": "patch"})
    with pytest.raises(WrongShape, match=r"are 8×8, but the discriminator patch takes 24×24 or more; .*--patch-size"):
        train(made, tmp_path / "run", Told().reporter())
    assert not (tmp_path / "run" / "run.toml").exists()


def test_another_feature_network_is_refused_on_resume():
    made, other = objective(), objective(features="upscale-x2")
    with pytest.raises(Unreadable, match="The feature network upscale-x2 is not the one that this run began with"):
        other.load_state_dict(made.state_dict())


def test_the_exported_model_is_the_generator(finished, fast, tmp_path):
    given = {"objective": "adversarial", "objective_settings": {**FEW, "perceptual": 0}}
    trained = train(replace(finished.recipe, **given), tmp_path / "run", Told().reporter())
    weights = [exported_weights(one) for one in (trained.model, finished.trained.model)]
    assert {name: one.shape for name, one in weights[0].items()} == {
        name: one.shape for name, one in weights[1].items()
    }


def test_a_discriminator_that_wins_ends_the_training(monkeypatch):
    """Pictures that anyone can tell apart, a model that cannot learn, and a fast discriminator."""
    monkeypatch.setattr(_adversary, "WON_STEPS", 20)
    monkeypatch.setattr(_adversary, "WON", 0.5)
    made = objective(perceptual=0, width=2, rate=1e-9, lr=0.02)
    target = torch.zeros(2, 1, 8, 8)
    with pytest.raises(Diverged, match=r"^The discriminator wins: .* lower lr in objective_settings \(it was 0\.02\)"):
        [made.step((target + 1, target), number) for number in range(1, 200)]


def test_a_balance_that_swings_or_a_generator_that_gains_is_no_victory():
    swinging = Balance(0.01)
    assert not any(swinging.update(0.5 if step % 100 == 0 else 0.001, step) for step in range(3 * WON_STEPS))
    gaining = Balance(0.01)
    assert not any(gaining.update(0.001, 5 - step / 1000) for step in range(3 * WON_STEPS))


def test_the_balance_is_saved():
    made, other = objective(perceptual=0, width=2), objective(perceptual=0, width=2)
    made.step(batch(8), 1)
    other.load_state_dict(made.state_dict())
    assert other.adversary.balance == made.adversary.balance
    assert other.adversary.balance.threshold == WON * GAN_LOSSES["relativistic"].undecided
