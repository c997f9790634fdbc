"""Losses of adversarial training, of a discriminator's scores for real pictures and for results of the generator.

A score is a number without limits (a logit); a high one means real.

    loss = GAN_LOSSES["relativistic"]
    loss.discriminator(real, fake)             # the discriminator minimizes it
    loss.generator(real, fake)                 # the generator minimizes it; gradients reach it through `fake`
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn.functional import softplus

GanName = Literal["relativistic", "least-squares", "hinge"]
TwoScores = Callable[[Tensor, Tensor], Tensor]
"""Returns a scalar for the scores of real pictures and of results."""


@dataclass(frozen=True)
class GanLoss:
    """The two losses of a kind of adversarial training."""

    discriminator: TwoScores
    generator: TwoScores
    undecided: float
    """The discriminator's loss if it cannot tell one from the other."""
    compares: bool = False
    """True if the generator's loss depends on the scores of real pictures."""


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Return the cross-entropy of "real is more real than the average result", and of the opposite (halved sum).

    >>> import torch
    >>> round(relativistic_discriminator(torch.tensor([2.0]), torch.tensor([0.0])).item(), 4)
    0.1269
    """
    return (softplus(fake.mean() - real).mean() + softplus(fake - real.mean()).mean()) / 2


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Return the discriminator's loss with real and fake exchanged.

    >>> import torch
    >>> round(relativistic_generator(torch.tensor([2.0]), torch.tensor([0.0])).item(), 4)
    2.1269
    """
    return relativistic_discriminator(fake, real)


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Return half the squared distances of real scores from 1, and of others from 0.

    >>> import torch
    >>> least_squares_discriminator(torch.tensor([1.0, 0.0]), torch.tensor([1.0])).item()
    0.75
    """
    return ((real - 1).square().mean() + fake.square().mean()) / 2


def least_squares_generator(_: Tensor, fake: Tensor) -> Tensor:
    """Return half the squared distance of the results' scores from 1.

    >>> import torch
    >>> least_squares_generator(torch.tensor([9.0]), torch.tensor([0.0, 1.0])).item()
    0.25
    """
    return (fake - 1).square().mean() / 2


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Return how far real scores are below 1, plus how far others are above -1.

    >>> import torch
    >>> hinge_discriminator(torch.tensor([0.5, 3.0]), torch.tensor([-0.5])).item()
    0.75
    """
    return (1 - real).relu().mean() + (1 + fake).relu().mean()


def hinge_generator(_: Tensor, fake: Tensor) -> Tensor:
    """Return the negative mean of the results' scores.

    >>> import torch
    >>> hinge_generator(torch.tensor([9.0]), torch.tensor([0.0, 1.0])).item()
    -0.5
    """
    return -fake.mean()


GAN_LOSSES: Mapping[GanName, GanLoss] = {
    "relativistic": GanLoss(relativistic_discriminator, relativistic_generator, math.log(2), compares=True),
    "least-squares": GanLoss(least_squares_discriminator, least_squares_generator, 0.25),
    "hinge": GanLoss(hinge_discriminator, hinge_generator, 2.0),
}
"""The kinds by name."""
