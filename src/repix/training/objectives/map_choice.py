"""Map choice: the part of a steered network that chooses the perception map is trained; all other weights stay.

The map of a picture is chosen so that the result is near its target by both measures at once: the squared error, which
is least at 0, and the distance of features, which is least towards 1.
"""

from dataclasses import dataclass
from typing import Annotated

from repix.errors import WrongUse
from repix.losses.perceptual import perceptual
from repix.parameters import Bounds
from repix.settings import Settings
from repix.side_inputs import CHOSEN
from repix.tasks import Task
from repix.training.feature_network import DEFAULT, feature_network
from repix.training.objectives import Batch, Ingredients, Objective
from repix.training.objectives._perception_map import map_of, require_map

PART = "choice."
"""The beginning of the names of the weights that are trained."""


@dataclass(frozen=True)
class MapChoiceSettings(Settings):
    """The weights of both measures."""

    squares: Annotated[float, "weight of the squared error", Bounds(0)] = 250.0
    features: Annotated[float, "weight of the distance of the bundled network's features", Bounds(0)] = 1.0


class MapChoice(Objective):
    """One network, of which a part is trained, with the map left to it."""

    config = MapChoiceSettings
    exports_last = True

    def __init__(self, ingredients: Ingredients) -> None:
        chosen = [name for name, _ in ingredients.network.named_parameters() if name.startswith(PART)]
        if not chosen:
            raise WrongUse(
                "The objective map-choice trains the part of a network that chooses the map, which this one has not; "
                "give the network sft the setting choice, such as 24."
            )
        for name, weight in ingredients.network.named_parameters():
            weight.requires_grad_(name in chosen)
        super().__init__(ingredients)
        given = ingredients.config
        assert isinstance(given, MapChoiceSettings)  # noqa: S101 (for the type checker)
        self.given, self.features = given, feature_network(DEFAULT).to(self.fabric.device)

    @classmethod
    def require_fits(cls, task: Task) -> None:
        """Refuse a task without a perception map."""
        require_map("map-choice", task)

    def step(self, batch: Batch, number: int) -> dict[str, float]:
        """Update the part by both measures of the result with the map that it chooses."""
        part, (source, target) = self.parts["model"], batch
        part.optimizer.zero_grad()
        left = source.clone()
        map_of(left, self.task).fill_(CHOSEN)
        with self.fabric.autocast():
            prediction = part.wrapped(left).float()
        distance = perceptual(self.task.picture(prediction, source), self.task.picture(target, source), self.features)
        terms = {
            "squares": self.given.squares * (prediction - target).square().mean(),
            "features": self.given.features * distance,
        }
        return self.update(part, terms, number)


OBJECTIVE = MapChoice
