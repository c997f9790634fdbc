"""Before training: two patches learnt by heart, which a network that can learn does in seconds; and how fast it is."""

import copy
from dataclasses import dataclass, replace

import torch
from torch import nn

from repix.tasks import Task
from repix.training.feed import Batch, Feed
from repix.training.learner import Diverged, loss_of
from repix.training.machine import Machine
from repix.training.optimizing import Optimizing
from repix.training.schedule import Phase, Schedule
from repix.training.time_budget import Clock

SECONDS, MOST_STEPS = 8.0, 400
LEARNT = 0.9
"""A loss that fell below this share of the first one shows that the network learns."""
FEW_STEPS = 25
"""After fewer, which is all that a slow machine or a short training has time for, little can be said."""
USELESS = "No weight of the network has any influence on the loss: the network cannot learn; choose another one."
TIMED_FOR = 5.0
"""Seconds in which steps are timed."""


@dataclass(frozen=True)
class Rehearsal:
    """What came of learning two patches by heart."""

    first: float
    last: float
    steps: int

    @property
    def learns(self) -> bool:
        """Whether the loss fell clearly."""
        return self.last < LEARNT * self.first or self.last - self.first < -0.3  # log losses fall by a difference

    def __str__(self) -> str:
        said = f"Two patches by heart: the loss went from {self.first:.4g} to {self.last:.4g} in {self.steps} steps"
        if self.learns or self.steps < FEW_STEPS:
            return f"{said}."
        return (
            f"{said}, which is little. This network may be too small for the task, or the rate too low or too high; "
            "training goes on."
        )


def rehearse(
    module: nn.Module, feed: Feed, optimizing: Optimizing, machine: Machine, clock: Clock, seconds: float = SECONDS
) -> Rehearsal:
    """Let a copy of the module learn two patches by heart for so long; refuse what cannot learn at all."""
    first = feed.schedule.phases[0]
    two = Schedule(1, (Phase(0, first.size, 2, 0),))
    batch = on(replace(feed, schedule=two)[0], machine)
    copied = copy.deepcopy(module).to(machine.device).train()
    optimizer = optimizing(copied)
    losses: list[float] = []
    begin = clock()
    while len(losses) < MOST_STEPS and (clock() - begin < seconds or len(losses) < 2):
        try:
            losses.append(_step(copied, feed.task, batch, optimizer, machine))
        except RuntimeError as problem:
            if "does not require grad" not in str(problem):
                raise
            raise Diverged(USELESS) from None
        if losses[-1] - losses[-1] != 0:
            raise Diverged(
                f"Learning two patches by heart, the loss became {losses[-1]} in step {len(losses)}: lower the rate, "
                f"which is {optimizing.rate:g}."
            )
        if len(losses) == 1 and not any(p.grad is not None and bool(p.grad.any()) for p in copied.parameters()):
            raise Diverged(USELESS)
    return Rehearsal(losses[0], min(losses[-5:]), len(losses))


def seconds_per_step(
    module: nn.Module, feed: Feed, optimizing: Optimizing, machine: Machine, clock: Clock, seconds: float = TIMED_FOR
) -> float:
    """How long a step takes here, its batch included; measured on a copy of the module, after a first, slower step."""
    copied = copy.deepcopy(module).to(machine.device).train()
    optimizer = optimizing(copied)
    _step(copied, feed.task, on(feed[0], machine), optimizer, machine)
    begin, count = clock(), 0
    while not count or clock() - begin < seconds:
        count += 1
        _step(copied, feed.task, on(feed[count], machine), optimizer, machine)
    return (clock() - begin) / count


def on(batch: Batch, machine: Machine) -> Batch:
    """The batch where the network computes."""
    source, target = batch
    return source.to(machine.device), target.to(machine.device)


def _step(module: nn.Module, task: Task, batch: Batch, optimizer: torch.optim.Optimizer, machine: Machine) -> float:
    optimizer.zero_grad()
    with machine.computing():
        loss = loss_of(module, task, batch)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return float(loss.detach())
