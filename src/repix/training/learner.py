"""Learner: one step of training, and the running average of the weights, which is what becomes the model."""

from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from repix.errors import RepixError
from repix.tasks import Task
from repix.training.feed import Batch
from repix.training.optimizing import Optimizing
from repix.training.schedule import Schedule

KEPT = 0.999
"""How much of the average each step keeps, once there were many steps."""
TOO_LONG, USUAL = 2.0, 0.02
"""A gradient so many times as long as is usual is cut to that; what is usual moves by this share with each step."""

SCHEDULE = "repix_schedule"
"""The name of the schedule in a saved state."""


class Diverged(RepixError):
    """Training went wrong beyond repair."""


class Learner(LightningModule):
    """A network that learns a task by a schedule."""

    def __init__(self, module: nn.Module, task: Task, schedule: Schedule, optimizing: Optimizing) -> None:
        super().__init__()
        self.module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = averaged(self.module)
        self.task, self.schedule, self.optimizing = task, schedule, optimizing
        self.register_buffer("usual_length", torch.zeros(()))
        self.loss = float("nan")
        """Of the last step."""
        self.validated = False
        """Held-out pictures went through the network after this step."""
        self.ends = False
        """No step follows: all were made, or the time is over."""
        self.replanned: Schedule | None = None
        """Another schedule to go on with, from the state that is saved after this step."""

    @property
    def planned(self) -> Schedule:
        """The schedule that a training goes on with from here."""
        return self.replanned or self.schedule

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the number of steps with the state, as it may have been replanned."""
        checkpoint[SCHEDULE] = self.planned.plain()

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """The loss of a batch, which must be a number."""
        loss = loss_of(self.module, self.task, batch)
        self.loss = float(loss.detach())
        if self.loss - self.loss != 0:
            raise Diverged(
                f"The loss became {self.loss} in step {self.global_step + 1}. Train again with a lower rate "
                f"(it was {self.optimizing.rate:g}), or with precision fp32; the state before is kept."
            )
        return loss

    def on_before_optimizer_step(self, *_: Any) -> None:
        """Cut gradients that are much longer than usual; how long that is depends on the loss and the network."""
        cut_surprises(list(self.module.parameters()), self.get_buffer("usual_length"))

    def optimizer_step(self, *given: Any, **named: Any) -> None:
        """Lightning's step, and the average after it."""
        super().optimizer_step(*given, **named)
        self.average.update_parameters(self.module)

    def configure_optimizers(self) -> Any:
        """The optimizer, with the schedule's rate for each step."""
        optimizer = self.optimizing(self.module)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": LambdaLR(optimizer, self.schedule.rate), "interval": "step"},
        }


def learning(module: LightningModule) -> Learner:
    """The learner that Lightning hands to callbacks as a module of any kind."""
    if not isinstance(module, Learner):
        raise TypeError(f"{type(module).__name__} is no Learner")
    return module


def cut_surprises(weights: list[nn.Parameter], usual: Tensor) -> None:
    """Shorten gradients that are much longer than the usual length, which is brought up to date in place.

    >>> weight, usual = nn.Parameter(torch.zeros(2)), torch.tensor(1.0)
    >>> weight.grad = torch.tensor([30.0, 40.0])
    >>> cut_surprises([weight], usual)
    >>> round(weight.grad.norm().item(), 3), round(usual.item(), 3)
    (2.0, 1.02)
    """
    length = nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
    most = torch.where(usual > 0, TOO_LONG * usual, length)
    nn.utils.clip_grads_with_norm_(weights, float(most), length)
    usual.copy_(torch.where(usual > 0, usual.lerp(torch.minimum(length, most), USUAL), length))


def loss_of(module: nn.Module, task: Task, batch: Batch) -> Tensor:
    """How far a module is from the targets; computed in 32 bits whatever the module computes in."""
    source, target = batch
    return task.loss(module(source).float(), target)


def averaged(module: nn.Module) -> AveragedModel:
    """The running average of a module, of what batch normalisation has seen too: it must suit the averaged weights."""
    return AveragedModel(module, multi_avg_fn=_average, use_buffers=True)


def _average(averages: Any, values: Any, count: Tensor | int) -> None:
    """Move the averages towards the values; in the beginning faster, so that they forget where they began."""
    if not averages[0].is_floating_point():  # counts of batches
        torch._foreach_copy_(averages, values)
        return
    kept = min(KEPT, (1 + int(count)) / (10 + int(count)))
    torch._foreach_lerp_(averages, values, 1 - kept)
