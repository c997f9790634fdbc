"""Objectives: what a step does with a batch; a plugin's may train several networks."""

import pytest
import torch
from torch import nn

from repix import registry
from repix.training import Recipe, resume, train
from repix.training.device import Device
from repix.training.loop import Loop
from repix.training.objectives import Ingredients, Objective, task_loss
from repix.training.optimizers import OptimizerSettings
from tests.training.making import Told, built, recipe


class Rivals(Objective):
    """A discriminator beside the network: two networks, two optimizers, two learning rates."""

    def __init__(self, ingredients: Ingredients) -> None:
        super().__init__(ingredients)
        torch.manual_seed(5)
        self.add("discriminator", nn.Conv2d(1, 1, 3), OptimizerSettings("adamw", 0.5))

    def step(self, batch, number):
        source, target = batch
        model, other = self.parts["model"], self.parts["discriminator"]
        model.optimizer.zero_grad()
        loss = task_loss(model.wrapped, self.task, batch) - 0.01 * other.wrapped(model.wrapped(source)).mean()
        value = self.require_finite(loss, number)
        self.fabric.backward(loss)
        model.optimizer.step()
        other.optimizer.zero_grad()
        real = (other.wrapped(model.wrapped(source).detach()) - other.wrapped(target)).mean()
        self.fabric.backward(real)
        other.clipping.clip(other.network)
        other.optimizer.step()
        return {"loss": value, "discriminator": float(real.detach())}


@pytest.fixture
def plugin(monkeypatch):
    """An objective of another distribution."""
    found, names = registry.get, registry.available
    monkeypatch.setattr(registry, "available", lambda family: names(family) + (("rivals",) * (family == "objectives")))
    monkeypatch.setattr(registry, "get", lambda family, name: Rivals if name == "rivals" else found(family, name))


def test_two_networks_learn_and_go_on_exactly(plugin, photos, lean, tmp_path, monkeypatch):
    made, states = recipe(photos, steps=6, objective="rivals"), []
    run = Loop.run
    monkeypatch.setattr(Loop, "run", lambda self: states.append(run(self)) or states[-1])
    train(made, tmp_path / "whole", Told().reporter())

    class Killed(BaseException):
        pass

    def killing(self, state):
        if state.step == 4:
            raise Killed
        return validate(self, state)

    validate = Loop.validate_when_due
    with monkeypatch.context() as patch:
        patch.setattr(Loop, "validate_when_due", killing)
        with pytest.raises(Killed):
            train(made, tmp_path / "run", Told().reporter())
    assert resume(tmp_path / "run", Told().reporter()).complete
    whole, resumed = states[0], states[-1]
    assert set(whole.objective.parts) == {"model", "discriminator"}
    for name, part in whole.objective.parts.items():
        for key, weights in part.network.state_dict().items():
            assert torch.equal(weights, resumed.objective.parts[name].network.state_dict()[key]), (name, key)
    rates = [part.optimizer.param_groups[0]["lr"] for part in whole.objective.parts.values()]
    assert rates[1] / rates[0] == pytest.approx(0.5 / 0.01)
    header = (tmp_path / "whole" / "metrics.csv").read_text().splitlines()[0]
    assert header.startswith("step,seconds,lr,loss,discriminator,psnr-gray")
    first, second = (tmp_path / name / "model.safetensors" for name in ("whole", "run"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_pictures_reach_the_network_unrounded(precision):
    """A network adds its result to the picture in 32 bits; Fabric alone would round what goes in to 16."""
    seen = []

    class Look(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(1, 1, 1)

        def forward(self, x):
            seen.append(x)
            return x + self.layer(x).float()

    fabric = Device("cpu", precision).fabric()
    picture = torch.rand(1, 1, 4, 4)
    result = fabric.setup(Look())(picture)
    assert torch.equal(seen[0], picture)
    assert result.dtype == torch.float32


def test_an_unknown_objective_is_refused():
    with pytest.raises(Exception, match="no 'supervized' among the objectives; did you mean 'supervised'"):
        Recipe("denoise", "photos", objective="supervized")


def test_the_learning_rate_follows_the_schedule(photos):
    training = built(recipe(photos, lr=0.5))
    objective = training.objective(training.random_network(), training.config.compute.fabric())
    objective.set_lr(0.25)
    assert [group["lr"] for group in objective.parts["model"].optimizer.param_groups] == [0.125]
