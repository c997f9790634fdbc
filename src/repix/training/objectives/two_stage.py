"""Two-stage training against impulse noise: the loss of the mask, plus the task's loss of the estimates."""

import torch
from torch import Tensor
from torch.nn import functional

from repix.errors import WrongUse
from repix.tasks import Task
from repix.training.objectives import Batch, Objective


class TwoStage(Objective):
    """One network with a mask as its last output channel, trained with the true mask.

    The estimates count where a pixel is corrupted, whether the mask finds it or not. So neither of the two losses
    depends on where the model draws the line between clean and corrupted.
    """

    @classmethod
    def require_fits(cls, task: Task) -> None:
        """Refuse a task without a mask."""
        if task.corrupted is None:
            raise WrongUse(
                f"The objective two-stage needs a task with a mask, which {task.name} with these settings "
                "has not; give the setting impulse_mask, or leave the objective out."
            )

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Compute both losses and their gradients, clip them, and update the weights."""
        part = self.parts["model"]
        part.optimizer.zero_grad()
        with self.fabric.autocast():
            prediction = part.wrapped(batch[0]).float()
        mask, picture = two_stage_losses(prediction, self.task, batch)
        return self.update(part, {"mask": mask, "picture": picture}, number)


def two_stage_losses(prediction: Tensor, task: Task, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the binary cross-entropy of the mask, and the task's loss of a picture whose mask would be right.

    Args:
        prediction: estimates and mask, N×(C+1)×H×W in 32 bits.
        task: the task, whose loss compares pictures.
        batch: sources and targets, N×C×H×W.
    """
    source, target = batch
    estimate, probability = prediction[:, :-1], prediction[:, -1:]
    true = true_mask(source, target)
    mask = functional.binary_cross_entropy(probability, true)
    return mask, task.loss(torch.where(true > 0, estimate, target), target)


def true_mask(source: Tensor, target: Tensor) -> Tensor:
    """Return 1 where a pixel differs from its target in any channel, else 0: N×1×H×W.

    >>> true_mask(torch.tensor([[[[0.0, 0.5]]]]), torch.tensor([[[[0.25, 0.5]]]])).tolist()
    [[[[1.0, 0.0]]]]
    """
    return (source != target).any(1, keepdim=True).to(source.dtype)


OBJECTIVE = TwoStage
