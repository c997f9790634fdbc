"""Objectives: one training step with a batch. One file each, which defines `OBJECTIVE`.

    objective = OBJECTIVE(Ingredients(network, task, optimizer_settings, fabric))
    losses = objective.step(batch, number)             # forward, backward, update of the weights
    objective.model                                    # the network that becomes the model

An objective owns its networks and their optimizers, one or several: adversarial training has a generator and a
discriminator, and `step` updates one after the other. The loop sets the learning rates, updates the EMA, and saves and
restores the state. An objective with settings of its own names their class in `config`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from repix import registry
from repix.errors import RepixError, WrongUse
from repix.parameters import parameters
from repix.settings import Settings
from repix.tasks import Task
from repix.training.clipping import GradientClipping
from repix.training.optimizers import OptimizerSettings
from repix.training.processes import averaged

Batch = tuple[Tensor, Tensor]
"""Sources N×C×H×W and targets; of classes, targets are N×H×W."""


class Diverged(RepixError):
    """The loss or the weights are no longer finite, or the network learns nothing."""


@dataclass(frozen=True)
class NoSettings(Settings):
    """The settings of an objective that has none."""


@dataclass(frozen=True, eq=False)
class Ingredients:
    """The parts that an objective is built from."""

    network: nn.Module
    """The network that becomes the model."""
    task: Task
    optimizer: OptimizerSettings
    fabric: Fabric
    config: Settings = NoSettings()
    """The objective's settings, of its class."""


@dataclass(eq=False)
class Part:
    """A network with its optimizer and gradient clipping."""

    network: nn.Module
    """The plain module; it shares its weights with `wrapped`."""
    wrapped: nn.Module
    """The network as Fabric runs it: on the device, with the precision."""
    optimizer: torch.optim.Optimizer
    clipping: GradientClipping


class Objective(ABC):
    """One training step with a batch; a subclass defines `step`."""

    config: ClassVar[type[Settings]] = NoSettings
    """The class of its settings."""
    warm_up: int = 0
    """The number of first steps that take less time than the later ones."""
    exports_last: ClassVar[bool] = False
    """Export the last weights, not the best by the first metric, which does not measure what the objective is for."""

    def __init__(self, ingredients: Ingredients) -> None:
        self.require_fits(ingredients.task)
        self.task, self.fabric, self.settings = ingredients.task, ingredients.fabric, ingredients.optimizer
        self.share = 1.0
        """The share of the batch that this process computes; the loop sets it, where there are several."""
        self.parts: dict[str, Part] = {}
        """The networks in training, by name."""
        self.model = self.add("model", ingredients.network, ingredients.optimizer).network

    @classmethod  # noqa: B027 (most objectives refuse no task)
    def require_fits(cls, task: Task) -> None:
        """Refuse a task that this objective cannot train; by default, none is refused."""

    @abstractmethod
    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Update the weights by one batch, and return the losses, `loss` first; `number` counts the steps from 1."""

    def add(self, name: str, network: nn.Module, settings: OptimizerSettings) -> Part:
        """Set up a network with its optimizer and clipping; its state is saved under this name."""
        of_volumes = any(weight.ndim == 5 for weight in network.parameters())
        last = torch.channels_last_3d if of_volumes else torch.channels_last
        network.to(memory_format=last)  # type: ignore[call-overload]
        wrapped, optimizer = self.fabric.setup(network.train(), settings.build(network))
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        self.parts[name] = Part(network, wrapped, optimizer, GradientClipping())
        return self.parts[name]

    def set_lr(self, factor: float) -> None:
        """Set every learning rate to this share of its highest."""
        for part in self.parts.values():
            for group in part.optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor

    def require_finite(self, loss: Tensor, number: int) -> float:
        """Return the loss as a float; one that is infinite or NaN ends the training."""
        value = float(loss.detach())
        if value - value != 0:
            raise Diverged(
                f"The loss became {value} in step {number}. Train again with a lower learning rate "
                f"(--lr; it was {self.settings.lr:g}), or with precision fp32; the last checkpoint is kept."
            )
        return value

    def update(self, part: Part, terms: Mapping[str, Tensor], number: int) -> dict[str, float]:
        """Update a network by the sum of some losses, and return it as `loss`, followed by the losses."""
        values = torch.stack(list(terms.values()))
        loss = values.sum()
        if self.fabric.world_size > 1:
            self.fabric.backward(loss)
            values = averaged(self.fabric, part.network, values, self.share)
            value = self.require_finite(values.sum(), number)
        else:
            value = self.require_finite(loss, number)
            self.fabric.backward(loss)
        part.clipping.clip(part.network)
        part.optimizer.step()
        return {"loss": value, **{name: float(one.detach()) for name, one in zip(terms, values, strict=True)}}

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return the state that `load_state_dict` takes."""
        return {
            name: {
                "network": part.network.state_dict(),
                "optimizer": part.optimizer.state_dict(),
                "clipping": part.clipping.state_dict(),
            }
            for name, part in self.parts.items()
        }

    def load_state_dict(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Restore a saved state."""
        for name, part in self.parts.items():
            part.network.load_state_dict(state[name]["network"])
            part.optimizer.load_state_dict(state[name]["optimizer"])
            part.clipping.load_state_dict(state[name]["clipping"])


def configured(name: str, given: Mapping[str, Any], task: Task) -> Settings:
    """Return the settings of an objective from a table; a task that the objective cannot train is refused.

    >>> from repix import registry
    >>> configured("supervised", {"gan": "hinge"}, registry.get("tasks", "denoise")({}))
    Traceback (most recent call last):
    repix.errors.WrongUse: The objective supervised has no settings; leave objective_settings out.
    """
    objective: type[Objective] = registry.get("objectives", name)
    if given and not parameters(objective.config):
        raise WrongUse(f"The objective {name} has no settings; leave objective_settings out.")
    objective.require_fits(task)
    return objective.config.from_dict(given)


def task_loss(network: nn.Module, task: Task, batch: Batch) -> Tensor:
    """Return the task's loss of a network on a batch, in 32 bits whatever the precision of the network.

    The slices of volumes are compared as one picture, one below another.
    """
    source, target = batch
    y = network(source).float()
    return task.loss(y, target) if y.ndim == 4 else task.loss(y.flatten(2, 3), target.flatten(1, 2))
