"""Supervised training: minimizes the task's loss between the network's prediction and the target."""

from repix.training.objectives import Batch, Objective, task_loss


class Supervised(Objective):
    """One network, one optimizer, one loss."""

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Compute the loss and its gradients, clip them, and update the weights."""
        part = self.parts["model"]
        part.optimizer.zero_grad()
        with self.fabric.autocast():
            loss = task_loss(part.wrapped, self.task, batch)
        return self.update(part, {"loss": loss}, number)


OBJECTIVE = Supervised
