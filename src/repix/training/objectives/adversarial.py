"""Adversarial training: a discriminator learns to tell results from true pictures, the model to prevent it.

The loss of the model is the sum of the task's loss, the perceptual loss and the adversarial loss, with their weights.
The model is the generator, and the only network that is averaged, validated and exported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from repix.parameters import Bounds
from repix.tasks import Task
from repix.training.objectives import Batch, Ingredients, Objective
from repix.training.objectives._adversary import Adversary, AdversarySettings
from repix.training.objectives._picture_terms import PerceptualSettings, PictureTerms, require_pictures


@dataclass(frozen=True)
class AdversarialSettings(AdversarySettings, PerceptualSettings):
    """The weights of the losses, the kind of adversarial loss, and the discriminator."""

    adversarial: Annotated[float, "weight of the adversarial loss", Bounds(above=0)] = 0.005


class Adversarial(Objective):
    """A generator, which is the model, and a discriminator, each with its optimizer; one step updates both."""

    config = AdversarialSettings
    exports_last = True

    def __init__(self, ingredients: Ingredients) -> None:
        super().__init__(ingredients)
        given = ingredients.config
        assert isinstance(given, AdversarialSettings)  # noqa: S101 (for the type checker)
        self.weight, self.warm_up = given.adversarial, given.warm_up
        self.terms = PictureTerms(ingredients.task, given, ingredients.fabric)
        self.adversary = Adversary(self, given)

    @classmethod
    def require_fits(cls, task: Task) -> None:
        """Refuse a task whose results are not pictures."""
        require_pictures("adversarial", task)

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Update the generator; after the warm-up, also let it deceive the discriminator, and update that."""
        part, (source, target) = self.parts["model"], batch
        part.optimizer.zero_grad()
        with self.fabric.autocast():
            prediction = part.wrapped(source).float()
            terms = self.terms(prediction, batch)
        if number <= self.warm_up:
            return self.update(part, terms, number)
        real, fake = (self.task.picture(one, source) for one in (target, prediction))
        terms["adversarial"] = self.weight * self.adversary.deceived(real, fake)
        losses = self.update(part, terms, number)
        return losses | self.adversary.discriminate(real, fake, number, losses["adversarial"] / self.weight)

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return the state that `load_state_dict` takes."""
        own = {"terms": self.terms.state_dict(), "balance": self.adversary.state_dict()}
        return super().state_dict() | own

    def load_state_dict(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Restore a saved state."""
        self.terms.load_state_dict(state["terms"])
        super().load_state_dict(state)
        self.adversary.load_state_dict(state["balance"])


OBJECTIVE = Adversarial
