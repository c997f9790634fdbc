"""An adversary: a discriminator beside the model of an objective, its losses, and who is winning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import Tensor

from repix.errors import WrongShape
from repix.parameters import Bounds
from repix.settings import Settings
from repix.training.discriminators import DISCRIMINATORS, DiscriminatorName
from repix.training.gan_losses import GAN_LOSSES, GanName
from repix.training.objectives import Diverged, Objective
from repix.training.objectives._picture_terms import picture_channels
from repix.training.optimizers import OptimizerSettings

WON = 0.02
"""The discriminator wins if its loss stays below this share of that of an undecided one ..."""
WON_STEPS = 500
"""... for this many steps, more than the overfit check makes: two patches are easily told apart."""
MOMENTUM = 0.05
"""Weight of a step in the moving averages of both losses."""


@dataclass(frozen=True)
class AdversarySettings(Settings):
    """The kind of adversarial loss, and the discriminator."""

    gan: Annotated[GanName, "kind of adversarial loss"] = "relativistic"
    discriminator: Annotated[DiscriminatorName, "the discriminator: scores of patches of 70×70, or of pixels"] = "patch"
    width: Annotated[int, "channels of the discriminator's first convolution", Bounds(1, 1024)] = 32
    lr: Annotated[float, "highest learning rate of the discriminator, by AdamW", Bounds(high=10, above=0)] = 2e-4
    warm_up: Annotated[int, "first steps without discriminator", Bounds(0, 10**9)] = 0


@dataclass
class Balance:
    """Notices a discriminator that wins: its loss stays near 0, and the generator's grows."""

    threshold: float
    """The discriminator's loss below which it may have won."""
    discriminator: float = float("nan")
    """Moving average of its loss."""
    generator: float = float("nan")
    """Moving average of the generator's adversarial loss."""
    steps: int = 0
    """Steps in a row with a loss below the threshold."""
    before: float = 0.0
    """The generator's loss at the first of them."""

    def update(self, discriminator: float, generator: float) -> bool:
        """Add the losses of a step; return True if the discriminator wins.

        >>> balance = Balance(0.01)
        >>> any(balance.update(0.001, 5 + step / 1000) for step in range(WON_STEPS - 1))
        False
        >>> balance.update(0.001, 6)
        True
        """
        first = self.discriminator != self.discriminator
        self.discriminator = discriminator if first else _moved(self.discriminator, discriminator)
        self.generator = generator if first else _moved(self.generator, generator)
        below = self.discriminator < self.threshold
        if below and not self.steps:
            self.before = self.generator
        self.steps = self.steps + 1 if below else 0
        return self.steps >= WON_STEPS and self.generator > self.before


def _moved(average: float, value: float) -> float:
    return average + MOMENTUM * (value - average)


class Adversary:
    """A discriminator, which becomes a part of an objective, and its balance with the generator, which is the model."""

    def __init__(self, objective: Objective, settings: AdversarySettings) -> None:
        self.objective, self.given, self.gan = objective, settings, GAN_LOSSES[settings.gan]
        self.balance = Balance(WON * self.gan.undecided)
        network = DISCRIMINATORS[settings.discriminator](picture_channels(objective.task), settings.width)
        self.least = network.least
        self.part = objective.add("discriminator", network, OptimizerSettings("adamw", settings.lr))

    def deceived(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the generator's adversarial loss; the discriminator gets no gradients."""
        self.require_size(real)
        part = self.part
        part.network.requires_grad_(False)
        with torch.no_grad():
            scores = part.wrapped(real).float() if self.gan.compares else real
        loss = self.gan.generator(scores, part.wrapped(fake).float())
        part.network.requires_grad_(True)
        return loss

    def discriminate(self, real: Tensor, fake: Tensor, number: int, deceived: float) -> dict[str, float]:
        """Update the discriminator; return its loss, and its mean scores of both kinds of pictures.

        Args:
            real: true pictures.
            fake: results of the generator; it gets no gradients.
            number: the step, from 1.
            deceived: the generator's adversarial loss in this step, for the balance.
        """
        part = self.part
        part.optimizer.zero_grad()
        true, false = part.wrapped(torch.cat([real, fake.detach()])).float().chunk(2)
        loss = self.objective.update(part, {"discriminator": self.gan.discriminator(true, false)}, number)["loss"]
        if self.balance.update(loss, deceived):
            raise self.won(number)
        return {"discriminator": loss, "real": float(true.detach().mean()), "fake": float(false.detach().mean())}

    def require_size(self, pictures: Tensor) -> None:
        """Refuse patches that are smaller than the discriminator takes."""
        height, width = pictures.shape[2:]
        if min(height, width) < self.least:
            raise WrongShape(
                f"The patches of the target are {height}×{width}, but the discriminator {self.given.discriminator} "
                f"takes {self.least}×{self.least} or more; train with a larger --patch-size."
            )

    def won(self, number: int) -> Diverged:
        """Return the error for a discriminator that wins."""
        return Diverged(
            f"The discriminator wins: up to step {number}, its loss stayed below {self.balance.threshold:.2g} for "
            f"{self.balance.steps} steps while the generator's grew, so the model no longer learns from it. Train "
            f"again with a lower lr in objective_settings (it was {self.given.lr:g}), a smaller width (it was "
            f"{self.given.width}), or a longer warm_up; the last checkpoint is kept."
        )

    def state_dict(self) -> dict[str, Any]:
        """Return the state that `load_state_dict` takes; the objective saves the discriminator itself."""
        return dict(vars(self.balance))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore a saved state."""
        self.balance = Balance(**state)
