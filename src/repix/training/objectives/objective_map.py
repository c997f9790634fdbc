"""Objective map: the weights of the losses are different at each pixel, as a map asks that the network sees too.

Park et al., 2023. Where the map t is 0, only the task's loss of pixels counts; towards 1, terms that favor sharp
results get more and more weight. So one network learns all compromises, and a user chooses among them at each pixel.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import torch
from lightning.fabric import Fabric
from torch import Tensor
from torch.nn import functional

from repix.losses.perceptual import feature_distances
from repix.parameters import Bounds
from repix.tasks import Task
from repix.training.feature_network import DEFAULT, FeatureNetwork, feature_network
from repix.training.objectives import Batch, Ingredients, Objective
from repix.training.objectives._adversary import Adversary, AdversarySettings
from repix.training.objectives._detail import detail_error, period_error
from repix.training.objectives._perception_map import map_of, require_map


@dataclass(frozen=True)
class Term:
    """A term of the loss that the map steers."""

    name: str
    weight: float
    """Its weight where the map is 1; it is proportional to the map."""
    error: Callable[[Tensor, Tensor], Tensor]
    """Returns the local errors N×1×h×w of a prediction and a target N×C×H×W; h×w may be coarser."""


@dataclass(frozen=True)
class ObjectiveMapSettings(AdversarySettings):
    """The weights of the terms where the map is 1; the other settings are those of the discriminator."""

    detail: Annotated[float, "weight of the error of fine structure's energy", Bounds(0)] = 5.0
    period: Annotated[float, "weight of errors that repeat with the scale factor", Bounds(0)] = 10.0
    features: Annotated[float, "weight of the distance of the bundled network's features", Bounds(0)] = 0.0
    adversarial: Annotated[float, "weight of the adversarial loss; 0: no discriminator", Bounds(0)] = 0.0


def terms_for(settings: ObjectiveMapSettings, scale: int, fabric: Fabric) -> Sequence[Term]:
    """Return the terms besides the loss of pixels whose weight is not 0, for a scale factor."""
    terms = [
        Term("detail", settings.detail, detail_error),
        Term("period", settings.period, partial(period_error, scale=scale)),
    ]
    if settings.features:
        network = feature_network(DEFAULT).to(fabric.device)
        terms.append(Term("features", settings.features, partial(_feature_error, network)))
    return [term for term in terms if term.weight]


def _feature_error(network: FeatureNetwork, prediction: Tensor, target: Tensor) -> Tensor:
    """Return the local distance of features, the mean over the network's scales: N×1×H×W."""
    found = feature_distances(prediction, target, network)
    alike = [functional.interpolate(one, size=found[0].shape[-2:], mode="nearest") for one in found]
    return torch.stack(alike).mean(0)


class ObjectiveMap(Objective):
    """One network with a perception map as an input."""

    config = ObjectiveMapSettings
    exports_last = True

    def __init__(self, ingredients: Ingredients) -> None:
        super().__init__(ingredients)
        given = ingredients.config
        assert isinstance(given, ObjectiveMapSettings)  # noqa: S101 (for the type checker)
        self.terms = terms_for(given, ingredients.task.scale, ingredients.fabric)
        self.weight, self.warm_up = given.adversarial, given.warm_up if given.adversarial else 0
        self.adversary = Adversary(self, given) if given.adversarial else None

    @classmethod
    def require_fits(cls, task: Task) -> None:
        """Refuse a task without a perception map."""
        require_map("objective-map", task)

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Update the weights by the pixels' loss and the steered terms; after the warm-up, the discriminator's, too."""
        part, (source, target) = self.parts["model"], batch
        part.optimizer.zero_grad()
        with self.fabric.autocast():
            prediction = part.wrapped(source).float()
        level = map_of(source, self.task)
        terms = {"pixels": self.task.loss(prediction, target)}
        terms |= steered_losses(prediction, target, level, self.terms)
        if self.adversary is None or number <= self.warm_up:
            return self.update(part, terms, number)
        fake = mixed(prediction, target, level)
        terms["adversarial"] = self.weight * self.adversary.deceived(target, fake)
        losses = self.update(part, terms, number)
        return losses | self.adversary.discriminate(target, fake, number, losses["adversarial"] / self.weight)

    def state_dict(self) -> dict[str, dict[str, Any]]:
        """Return the state that `load_state_dict` takes."""
        own = {"balance": self.adversary.state_dict()} if self.adversary else {}
        return super().state_dict() | own

    def load_state_dict(self, state: Mapping[str, Mapping[str, Any]]) -> None:
        """Restore a saved state."""
        super().load_state_dict(state)
        if self.adversary:
            self.adversary.load_state_dict(state["balance"])


def mixed(prediction: Tensor, target: Tensor, level: Tensor) -> Tensor:
    """Return the picture that a discriminator judges: the target, and the prediction as far as the map asks for detail.

    So the gradient of a pixel is proportional to the map.

    >>> import torch
    >>> level = torch.tensor([[[[0.0, 0.25, 1.0]]]])
    >>> mixed(torch.ones(1, 1, 1, 3), torch.zeros(1, 1, 1, 3), level).flatten().tolist()
    [0.0, 0.25, 1.0]
    """
    weights = functional.interpolate(level.float(), size=target.shape[-2:], mode="nearest")
    return target + weights * (prediction - target)


def steered_losses(prediction: Tensor, target: Tensor, level: Tensor, terms: Sequence[Term]) -> Mapping[str, Tensor]:
    """Return the mean of each term's local errors, weighted by the map.

    Args:
        prediction: the result of a network, N×C×H×W.
        target: the truth, of the same shape.
        level: the map, N×1×h×w, of any size; it is averaged, or repeated, to that of the errors.
        terms: the terms.

    >>> import torch
    >>> distance = Term("distance", 2.0, lambda a, b: (a - b).abs().mean(1, keepdim=True))
    >>> level = torch.tensor([[[[0.0, 1.0]]]])
    >>> one, other = torch.ones(1, 3, 4, 8), torch.zeros(1, 3, 4, 8)
    >>> steered_losses(one, other, level, [distance])["distance"].item()
    1.0
    """
    losses = {}
    for term in terms:
        errors = term.error(prediction, target)
        height, width = errors.shape[-2:]
        weights = functional.adaptive_avg_pool2d(level.float(), (height, width))
        losses[term.name] = term.weight * (weights * errors).mean()
    return losses


OBJECTIVE = ObjectiveMap
