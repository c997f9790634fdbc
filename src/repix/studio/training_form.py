"""Form of a training: what a request may ask for, as a recipe whose paths are below the studio's folder."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from repix import registry
from repix.models import is_bundled
from repix.parameters import require_plain
from repix.settings import Schema
from repix.studio.folder import NotServed, ServedFolder
from repix.training import Recipe

Name = Annotated[str, Field(min_length=1, max_length=1024)]


class TrainingForm(BaseModel):
    """A training that is asked for; what is left out gets the defaults of `repix train`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: Annotated[Name, Field(description="The run's new folder, below the studio's folder.")]
    task: Annotated[Name, Field(description="The task; /training-form lists them.")]
    folder: Annotated[Name, Field(description="The folder of pictures, below the studio's folder.")]
    minutes: Annotated[float | None, Field(gt=0, le=100_000, description="Time for all stages.")] = None
    steps: Annotated[int | None, Field(ge=1, le=10**9, description="Training steps, instead of minutes.")] = None
    validations: Annotated[int | None, Field(description="Validations, each with a point of the curves.")] = None
    network: Annotated[str | None, Field(description="The network; left out: the one that suits the task.")] = None
    holdout: Annotated[int | None, Field(ge=0, le=10**9, description="Examples to hold out.")] = None
    patch_size: Annotated[int | None, Field(description="Height and width of patches.")] = None
    batch_size: Annotated[int | None, Field(description="Patches per step.")] = None
    lr: Annotated[float | None, Field(description="The highest learning rate.")] = None
    seed: Annotated[int, Field(description="Random seed.")] = 0
    init_from: Annotated[
        str | None, Field(description="Initial weights: a bundled model, or a run below the studio's folder.")
    ] = None
    audit_above: Annotated[float | None, Field(description="Checkerboard score in dB that is warned of.")] = None
    classical: Annotated[bool, Field(description="Compare with the best classical filter, too.")] = True
    settings: Annotated[dict[str, Any], Field(description="Settings of the task.")] = {}
    network_settings: Annotated[dict[str, Any], Field(description="Settings of the network.")] = {}

    def recipe(self, folder: ServedFolder) -> Recipe:
        """Return the recipe; raise WrongUse if the parts do not fit, NotServed for paths outside of the folder."""
        require_plain([self.settings, self.network_settings], "The form")
        pictures = folder.inside(self.folder)
        if not pictures.is_dir():
            raise NotServed("The folder of pictures is a file; name the folder that contains it.", 422)
        if folder.inside(self.name, exists=False).is_relative_to(pictures):
            raise NotServed("The run's folder is in the folder of pictures; name another one, such as runs/first.", 422)
        given = self.model_dump(exclude={"name", "folder", "init_from", "network"})
        made = Recipe(
            **given, folder=str(pictures), network=self.network or None, init_from=self._initial_weights(folder)
        )
        _require_settings(made)
        return made

    def _initial_weights(self, folder: ServedFolder) -> str | None:
        """Return a bundled model, or the path of a run; a recipe to train first is refused."""
        if not self.init_from or is_bundled(self.init_from):
            return self.init_from or None
        path = folder.inside(self.init_from)
        if not path.is_dir():
            raise NotServed("Initial weights are those of a bundled model, or of a run below the studio's folder.", 422)
        return str(path)


def _require_settings(made: Recipe) -> None:
    """Refuse wrong settings of a task, unless the check of its pictures has to complete them first."""
    known = registry.get("tasks", made.task).settings
    if not known.schema()["required"]:
        known.from_dict(made.settings)


def task_schemas() -> dict[str, Schema]:
    """Return the JSON Schema of each task's settings.

    >>> task_schemas()["upscale"]["properties"]["scale"]["default"]
    2
    """
    return {name: registry.get("tasks", name).settings.schema() for name in registry.available("tasks")}


def suited_networks() -> dict[str, str]:
    """Return the network that a training of each task takes by default.

    >>> suited_networks()["upscale"]
    'compact'
    """
    return {name: registry.get("tasks", name).training.network for name in registry.available("tasks")}


def task_summaries() -> dict[str, str]:
    """Return what each task is, in a line."""
    return {name: registry.summary("tasks", name) for name in registry.available("tasks")}
