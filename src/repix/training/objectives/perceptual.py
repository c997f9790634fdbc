"""Perceptual training: the task's loss plus the distance of features, without an adversary."""

from collections.abc import Mapping
from typing import Any

from repix.tasks import Task
from repix.training.objectives import Batch, Ingredients, Objective
from repix.training.objectives._picture_terms import PerceptualSettings, PictureTerms, require_pictures


class Perceptual(Objective):
    """One network and one optimizer; the feature network is frozen."""

    config = PerceptualSettings
    exports_last = True

    def __init__(self, ingredients: Ingredients) -> None:
        super().__init__(ingredients)
        assert isinstance(ingredients.config, PerceptualSettings)  # noqa: S101 (for the type checker)
        self.terms = PictureTerms(ingredients.task, ingredients.config, ingredients.fabric)

    @classmethod
    def require_fits(cls, task: Task) -> None:
        """Refuse a task whose results are not pictures."""
        require_pictures("perceptual", task)

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Compute both losses and their gradients, clip them, and update the weights."""
        part = self.parts["model"]
        part.optimizer.zero_grad()
        with self.fabric.autocast():
            terms = self.terms(part.wrapped(batch[0]).float(), batch)
        return self.update(part, terms, number)

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return the state that `load_state_dict` takes."""
        return super().state_dict() | {"terms": self.terms.state_dict()}

    def load_state_dict(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Restore a saved state."""
        self.terms.load_state_dict(state["terms"])
        super().load_state_dict(state)


OBJECTIVE = Perceptual
