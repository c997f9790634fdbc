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
from repix.training.schedule import Schedule

KEPT = 0.999
"""How much of the average each step keeps, once there were many steps."""
DECAY = 1e-4
"""AdamW's weight decay."""
CLIPPED_AT = 1.0
"""The largest length of a gradient."""


class Diverged(RepixError):
    """Training went wrong beyond repair."""


class Learner(LightningModule):
    """A network that learns a task by a schedule."""

    def __init__(self, module: nn.Module, task: Task, schedule: Schedule, rate: float) -> None:
        super().__init__()
        self.module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(self.module, multi_avg_fn=_average)
        self.task, self.schedule, self.highest_rate = task, schedule, rate
        self.loss = float("nan")
        """Of the last step."""

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """The loss of a batch, which must be a number."""
        loss = loss_of(self.module, self.task, batch)
        self.loss = float(loss.detach())
        if self.loss - self.loss != 0:
            raise Diverged(
                f"The loss became {self.loss} in step {self.global_step + 1}. Train again with a lower rate "
                f"(it was {self.highest_rate:g}), or with precision fp32; the state before is kept."
            )
        return loss

    def on_before_optimizer_step(self, *_: Any) -> None:
        """Cut gradients that are too long. Lightning's own clipping refuses fused optimizers."""
        nn.utils.clip_grad_norm_(self.module.parameters(), CLIPPED_AT)

    def optimizer_step(self, *given: Any, **named: Any) -> None:
        """Lightning's step, and the average after it."""
        super().optimizer_step(*given, **named)
        self.average.update_parameters(self.module)

    def configure_optimizers(self) -> Any:
        """AdamW, with the schedule's rate for each step."""
        optimizer = adamw(self.module, self.highest_rate)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": LambdaLR(optimizer, self.schedule.rate), "interval": "step"},
        }


def learning(module: LightningModule) -> Learner:
    """The learner that Lightning hands to callbacks as a module of any kind."""
    if not isinstance(module, Learner):
        raise TypeError(f"{type(module).__name__} is no Learner")
    return module


def loss_of(module: nn.Module, task: Task, batch: Batch) -> Tensor:
    """How far a module is from the targets; computed in 32 bits whatever the module computes in."""
    source, target = batch
    return task.loss(module(source).float(), target)


def adamw(module: nn.Module, rate: float) -> torch.optim.Optimizer:
    """The optimizer of all trainings."""
    return torch.optim.AdamW(module.parameters(), rate, weight_decay=DECAY, fused=True)


def _average(averages: Any, weights: Any, count: Tensor | int) -> None:
    """Move the averages towards the weights; in the beginning faster, so that they forget where they began."""
    kept = min(KEPT, (1 + int(count)) / (10 + int(count)))
    torch._foreach_lerp_(averages, weights, 1 - kept)
