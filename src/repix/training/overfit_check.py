"""Overfit sanity check: a network that can learn overfits two patches within seconds."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import nn

from repix.training.build import Training
from repix.training.config import TrainingConfig
from repix.training.deadline import OVERFITTING, Clock
from repix.training.objectives import Diverged, Objective
from repix.training.run_folder import Message
from repix.training.schedule import Phase, Schedule

SECONDS, MOST_STEPS = 8.0, 400
CLEARLY, CLEARLY_LOG = 0.9, 0.3
"""The network learns if the loss falls below this share of the first one; a loss in logarithms, by this difference."""
FEW_STEPS = 25
"""After fewer steps, on a slow machine or in a short training, a small fall of the loss means nothing."""
USELESS = "The loss depends on no weight of the network, so the network cannot learn; choose another one."


@dataclass(frozen=True)
class OverfitCheck:
    """The loss on two patches at the beginning and at the end."""

    first: float
    last: float
    steps: int

    @property
    def learns(self) -> bool:
        """True if the loss fell enough."""
        return self.first - self.last > CLEARLY_LOG or (self.first > 0 and self.last < CLEARLY * self.first)

    def __str__(self) -> str:
        fell = f"from {self.first:.4g} to {self.last:.4g} in {self.steps} steps"
        text = f"Overfit check: on two patches the loss went {fell}"
        if self.learns or self.steps < FEW_STEPS:
            return f"{text}."
        return (
            f"{text}, which is little. The network may be too small for the task, or the learning rate too low or too "
            "high; training continues."
        )


def overfit_check(training: Training, network: nn.Module, clock: Clock, message: Message) -> None:
    """Train a copy of the network on two patches for some seconds; a network that cannot learn is refused."""
    seconds = min(SECONDS, OVERFITTING * 60 * training.config.minutes)
    most = most_steps(training.config)
    size = training.schedule.phases[0].size
    two = Schedule(1, (Phase(0, size, 2, 0),))
    fabric = training.config.compute.fabric()
    batch = fabric.to_device(replace(training.dataset(), schedule=two)[0])
    objective = training.objective(copy.deepcopy(network), fabric)
    losses: list[float] = []
    begin = clock()
    while len(losses) < most and (clock() - begin < seconds or len(losses) < 2):
        losses.append(_checked(lambda: objective.step(batch, len(losses) + 1)["loss"]))
        if len(losses) == 1:
            _require_gradients(objective)
    message(str(OverfitCheck(losses[0], min(losses[-5:]), len(losses))))


def most_steps(config: TrainingConfig) -> int:
    """Return the most steps of the check: of a run by steps a twentieth, but enough for a fall of the loss to count."""
    return MOST_STEPS if config.has_deadline else min(MOST_STEPS, max(FEW_STEPS, round(OVERFITTING * config.steps)))


def _checked(step: Callable[[], float]) -> float:
    """Make a step; an error says that it happened in the check."""
    try:
        return step()
    except Diverged as problem:
        raise Diverged(f"In the overfit check, on two patches: {problem}") from None
    except RuntimeError as problem:
        if "does not require grad" not in str(problem):
            raise
        raise Diverged(USELESS) from None


def _require_gradients(objective: Objective) -> None:
    gradients = [weight.grad for weight in objective.model.parameters()]
    if not any(gradient is not None and bool(gradient.any()) for gradient in gradients):
        raise Diverged(USELESS)
