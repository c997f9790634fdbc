"""Losses of a picture beside its target, without an adversary: the task's own loss and the perceptual loss."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import torch
from lightning.fabric import Fabric
from torch import Tensor

from repix.errors import Unreadable, WrongUse
from repix.losses.perceptual import perceptual
from repix.parameters import Bounds
from repix.settings import Settings
from repix.tasks import Task
from repix.training.feature_network import DEFAULT, feature_network
from repix.training.objectives import Batch


@dataclass(frozen=True)
class PerceptualSettings(Settings):
    """The weights of both losses, and the feature network."""

    pixel: Annotated[float, "weight of the task's loss", Bounds(0)] = 1.0
    perceptual: Annotated[float, "weight of the perceptual loss", Bounds(0)] = 0.1
    features: Annotated[str, "feature network: 'features', a bundled model's name, a model file or a run"] = DEFAULT

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.pixel and not self.perceptual:
            raise WrongUse("pixel and perceptual are both 0, so nothing compares a result with its target; give one.")


class PictureTerms:
    """Computes both losses, with their weights."""

    def __init__(self, task: Task, settings: PerceptualSettings, fabric: Fabric) -> None:
        self.task, self.settings = task, settings
        self.features = None
        if settings.perceptual:
            self.features = feature_network(settings.features).to(fabric.device)

    def __call__(self, prediction: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the weighted losses by name, without those whose weight is 0."""
        (source, target), given, terms = batch, self.settings, dict[str, Tensor]()
        if given.pixel:
            terms["pixel"] = given.pixel * self.task.loss(prediction, target)
        if self.features is not None:
            found, wanted = (self.task.picture(one, source) for one in (prediction, target))
            terms["perceptual"] = given.perceptual * perceptual(found, wanted, self.features)
        return terms

    def state_dict(self) -> dict[str, str]:
        """Return the fingerprint of the feature network, which a continued run compares."""
        return {"features": "" if self.features is None else self.features.fingerprint}

    def load_state_dict(self, state: Mapping[str, str]) -> None:
        """Refuse another feature network than that of the saved state."""
        if state["features"] != self.state_dict()["features"]:
            raise Unreadable(
                f"The feature network {self.settings.features} is not the one that this run began with, so the run "
                "cannot be continued exactly; restore that model, or train a new run."
            )


def picture_channels(task: Task) -> int:
    """Return the number of channels of a result as a picture.

    >>> from repix import registry
    >>> [picture_channels(registry.get("tasks", name)()) for name in ("denoise", "colorize")]
    [3, 3]
    """
    source, prediction = (torch.zeros(1, count, 1, 1) for count in task.channels)
    return task.picture(prediction, source).shape[1]


def require_pictures(name: str, task: Task) -> None:
    """Refuse a task whose results are classes, or have a mask."""
    if task.masks is not None or task.logits:
        raise WrongUse(
            f"The objective {name} compares pictures, but the results of {task.name} are classes; leave the objective "
            "out."
        )
    if task.corrupted is not None:
        raise WrongUse(
            f"The objective {name} has no loss for the mask of impulse_mask; leave the objective out: it is "
            f"{task.objective}."
        )
    count = picture_channels(task)
    if count not in (1, 3):
        raise WrongUse(
            f"The objective {name} compares gray or RGB pictures, but the results of {task.name} have {count} "
            "channels; its `picture` must convert them."
        )
