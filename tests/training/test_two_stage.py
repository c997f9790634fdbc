"""Training with the true mask: losses and gradients beside torch's own, and what is refused."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from repix import registry
from repix.data import check
from repix.errors import WrongUse
from repix.training import resolve
from repix.training.device import Device
from repix.training.objectives import Ingredients, two_stage
from repix.training.optimizers import OptimizerSettings
from tests.training.making import recipe

SETTINGS = {"color": False, "sigma": "none", "density": [0.1, 0.5], "impulse_mask": True}
NETWORK = {
    "network": "two-stage",
    "network_settings": {
        "detector_widths": [4],
        "detector_blocks": [1],
        "estimator_widths": [4],
        "estimator_blocks": [1],
    },
}


def task(**more):
    return registry.get("tasks", "denoise")({**SETTINGS, **more})


@given(st.integers(1, 3), st.integers(1, 12), st.integers(1, 12), st.sampled_from(["mse", "log-mse", "l1"]))
def test_D06_the_gradients_are_those_of_torchs_own_losses(count, height, width, loss):
    """Cross-entropy of the logits, and the loss of the picture with the estimates at the corrupted pixels."""
    generator = torch.Generator().manual_seed(height)
    target = torch.rand(count, 1, height, width, generator=generator)
    source = torch.where(torch.rand(target.shape, generator=generator) < 0.3, torch.ones(()), target)
    estimate, logits = (torch.randn(target.shape, generator=generator).requires_grad_() for _ in range(2))
    made = torch.cat([estimate, logits.sigmoid()], 1)
    mask, picture = two_stage.two_stage_losses(made, task(loss=loss), (source, target))
    found = torch.autograd.grad(mask + picture, (estimate, logits))
    own = functional.binary_cross_entropy_with_logits(logits, (source != target).float())
    difference = (source != target) * (estimate - target)
    blended = {
        "mse": difference.square().mean(),
        "log-mse": (difference.square().mean((1, 2, 3)) + 1e-8).log().mean(),
        "l1": difference.abs().mean(),
    }[loss]
    torch.testing.assert_close(mask, own, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(picture, blended, rtol=1e-4, atol=1e-5)
    assert found[0][source == target].eq(0).all()
    expected = torch.autograd.grad(own + blended, (estimate, logits))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)


def test_a_pixel_is_corrupted_where_any_channel_differs():
    target = torch.zeros(1, 3, 2, 2)
    source = target.clone()
    source[0, 1, 0, 1] = 1e-7
    assert two_stage.true_mask(source, target).tolist() == [[[[0, 1], [0, 0]]]]


def test_steps_teach_both_networks_the_mask_and_the_picture():
    """Black pixels on gray: within some steps, the mask and the picture are nearly right."""
    torch.manual_seed(0)
    network = registry.get("networks", "two-stage")
    module = network.module(replace(network.small, in_channels=1, out_channels=2))
    fabric = Device("cpu", "fp32").fabric()
    objective = two_stage.OBJECTIVE(Ingredients(module, task(), OptimizerSettings("adamw", 0.01, False), fabric))
    target = 0.3 + 0.6 * torch.rand(4, 1, 1, 1).expand(4, 1, 16, 24)
    source = target * (torch.rand(target.shape) > 0.3)
    losses = [objective.step((source, target), step) for step in range(1, 61)]
    assert set(losses[0]) == {"loss", "mask", "picture"}
    assert losses[-1]["mask"] < 0.2 * losses[0]["mask"]
    assert losses[-1]["picture"] < 0.1 * losses[0]["picture"]
    y = objective.model.eval()(source).detach()
    called = y[:, 1:] > 0.5
    assert (called == (source != target)).float().mean() > 0.98


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"objective": "supervised"}, "^The objective supervised has no loss for the mask of impulse_mask; leave the"),
        ({"network": "dncnn", "network_settings": {}}, "^dncnn returns no mask of corrupted pixels, .* two-stage"),
        ({"settings": {"color": False}}, "^two-stage returns a mask of corrupted pixels, which denoise with these"),
    ],
)
def test_what_does_not_fit_a_mask_is_refused_before_any_picture_is_read(photos, more, reason):
    made = recipe(photos, **{"settings": SETTINGS, **NETWORK, **more})
    with pytest.raises(WrongUse, match=reason):
        resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index))


def test_the_objective_follows_from_the_task(photos):
    made = recipe(photos, settings=SETTINGS, **NETWORK)
    assert resolve(made, check(made.folder, made.task, made.holdout, made.ignore_index)).objective == "two-stage"


def test_the_objective_is_refused_for_a_task_without_a_mask():
    network = registry.get("networks", "pixelwise")
    plain = registry.get("tasks", "denoise")({})
    ingredients = Ingredients(network.module(), plain, OptimizerSettings("adamw", 0.01, False), None)
    with pytest.raises(WrongUse, match=r"^The objective two-stage needs a task with a mask, which denoise with these"):
        two_stage.OBJECTIVE(ingredients)
