"""Objectives: what one training step does with a batch. One file each, which offers `OBJECTIVE`.

    objective = OBJECTIVE(Ingredients(network, task, optimizer_settings, fabric))
    losses = objective.step(batch, number)             # forward, backward, update of the weights
    objective.model                                    # the network that becomes the model

An objective owns its networks and their optimizers, one or several: adversarial training has a generator and a
discriminator, and `step` updates one after the other. The loop sets the learning rates, averages the model's weights,
saves and restores everything; an objective does nothing but its step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from repix.errors import RepixError
from repix.tasks import Task
from repix.training.clipping import GradientClipping
from repix.training.optimizers import OptimizerSettings

Batch = tuple[Tensor, Tensor]
"""Sources N×C×H×W and targets; of classes, targets are N×H×W."""


class Diverged(RepixError):
    """Training went wrong beyond repair."""


@dataclass(frozen=True, eq=False)
class Ingredients:
    """What an objective is made from."""

    network: nn.Module
    """The network that becomes the model."""
    task: Task
    optimizer: OptimizerSettings
    fabric: Fabric


@dataclass(eq=False)
class Part:
    """A network that learns, its optimizer, and the clipping of its gradients."""

    network: nn.Module
    """As it was given; its weights are the ones that `wrapped` updates."""
    wrapped: nn.Module
    """The network as Fabric runs it: on the device, with the precision."""
    optimizer: torch.optim.Optimizer
    clipping: GradientClipping


class Objective(ABC):
    """What one training step does with a batch; a subclass writes `step` and nothing else needs to change."""

    def __init__(self, ingredients: Ingredients) -> None:
        self.task, self.fabric, self.settings = ingredients.task, ingredients.fabric, ingredients.optimizer
        self.parts: dict[str, Part] = {}
        """The networks that learn, by name."""
        self.model = self.add("model", ingredients.network, ingredients.optimizer).network

    @abstractmethod
    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Update the weights by one batch, as the step of this number from 1; return the losses, `loss` first."""

    def add(self, name: str, network: nn.Module, settings: OptimizerSettings) -> Part:
        """Return a network with its optimizer and clipping, ready to learn, saved and restored under this name."""
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
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
        """Return the loss as a number; end the training where it is none any more."""
        value = float(loss.detach())
        if value - value != 0:
            raise Diverged(
                f"The loss became {value} in step {number}. Train again with a lower learning rate "
                f"(--lr; it was {self.settings.lr:g}), or with precision fp32; the state before is kept."
            )
        return value

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return everything that `load_state_dict` needs to go on exactly."""
        return {
            name: {
                "network": part.network.state_dict(),
                "optimizer": part.optimizer.state_dict(),
                "clipping": part.clipping.state_dict(),
            }
            for name, part in self.parts.items()
        }

    def load_state_dict(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from a saved state."""
        for name, part in self.parts.items():
            part.network.load_state_dict(state[name]["network"])
            part.optimizer.load_state_dict(state[name]["optimizer"])
            part.clipping.load_state_dict(state[name]["clipping"])


def task_loss(network: nn.Module, task: Task, batch: Batch) -> Tensor:
    """Return the task's loss of a network on a batch, computed in 32 bits whatever the network computes in."""
    source, target = batch
    return task.loss(network(source).float(), target)
