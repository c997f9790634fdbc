"""Network interpolation: the weights between those of two runs, for a compromise between their results.

Wang et al., 2018: between a network trained for fidelity and one that was trained further for sharp results, the
weights (1 - T)·first + T·second give results in between, without further training.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repix import registry
from repix.conversion import Provenance
from repix.errors import WrongUse
from repix.networks import Network
from repix.printable import shown
from repix.training.network_config import configured
from repix.training.pretrained import read_weights
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder


@dataclass(frozen=True)
class Interpolation:
    """A second run, and the share of its weights."""

    other: Path
    """The folder of the second run."""
    share: float
    """T, from 0 (the first run) to 1 (the second)."""

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0 <= self.share <= 1:
            raise WrongUse(f"The share of the interpolation is {self.share:g}; it must be from 0 to 1.")

    def weights(self, first: RunFolder, recipe: Recipe) -> dict[str, Tensor]:
        """Return the weights between those of the first run, which has this recipe, and those of the second."""
        self._require_equal(first, recipe)
        return interpolated(read_weights(first.path), read_weights(self.other), self.share)

    def provenance(self, about: Provenance) -> Provenance:
        """Return the record of the model: both trainings; metrics of the first are not those of the model."""
        record = RunFolder(self.other).read_recipe()[1]
        others = {f"other_{name}": value for name, value in record.get("trained", {}).items()}
        data = about.data if about.data == record.get("data", "") else ""
        trained = {**about.trained, "interpolation": self.share, **others}
        return replace(about, data=data, trained=trained, metrics=())

    def _require_equal(self, first: RunFolder, recipe: Recipe) -> None:
        """Refuse runs of different tasks or networks, or with different settings of them."""
        second = RunFolder(self.other).read_recipe()[0]
        both = [_described(one) for one in (recipe, second)]
        for what, one in both[0].items():
            another = both[1].get(what)
            if one != another:
                raise WrongUse(
                    f"{first.path} has the {what} {shown(one)}, but {self.other} has {shown(another)}; only the "
                    "weights of equal networks for one task with equal settings can be interpolated."
                )


def _described(recipe: Recipe) -> dict[str, Any]:
    """Return what must be equal: task, network, and all settings of both."""
    if recipe.network is None:
        raise WrongUse("A run does not name its network; it was changed.")
    network: Network[Any] = registry.get("networks", recipe.network)
    task = registry.get("tasks", recipe.task)(recipe.settings)
    own = configured(network, task, recipe.network_settings).to_dict()
    return {
        "task": task.name,
        "network": network.name,
        **{f"setting {name} of the task": value for name, value in task.settings.to_dict().items()},
        **{f"setting {name} of the network": value for name, value in own.items()},
    }


def interpolated(first: Mapping[str, Tensor], second: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Return (1 - share)·first + share·second for each tensor of floats; counters are those of the first.

    Args:
        first: weights by name.
        second: weights with the same names and shapes.
        share: from 0, which returns the first, to 1, which returns the second, to the bit.

    >>> interpolated({"w": torch.tensor([1.0])}, {"w": torch.tensor([3.0])}, 0.25)
    {'w': tensor([1.5000])}
    """
    return {
        name: torch.lerp(one, second[name], share) if one.is_floating_point() else one for name, one in first.items()
    }
