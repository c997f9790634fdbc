"""Defaults of training: those that the task's file says, as far as they suit the network that is chosen."""

from dataclasses import replace
from typing import Any

from repix import registry
from repix.networks import Network
from repix.tasks import Task, TaskMaker, TrainingDefaults


def suited(task: str, network: str | None = None) -> TrainingDefaults:
    """Return the defaults of a task; a plugin's task gets a U-Net. Optimizer and learning rate suit one network only.

    >>> suited("segment").patch_size, suited("segment", "unet").patch_size, suited("denoise", "dncnn").patch_size
    (224, 128, 64)
    >>> suited("denoise", "efficient-unet").optimizer, suited("denoise", "dncnn").optimizer
    ('muon', 'adamw')
    """
    maker: TaskMaker[Any] = registry.get("tasks", task)
    found, general = maker.training, TrainingDefaults()
    if network is None:
        return found
    if network == found.network:
        return replace(found, settings={})
    return (
        general
        if found.network_settings
        else replace(general, patch_size=found.patch_size, batch_size=found.batch_size)
    )


def configured(network: Network[Any], task: Task, given: dict[str, Any]) -> Any:
    """Return the network's configuration for a task: channels and scale follow from the task, the rest is as given."""
    fixed: dict[str, Any] = {"in_channels": task.channels[0], "out_channels": task.channels[1]}
    if hasattr(network.config(), "scale"):
        fixed["scale"] = task.scale
    return network.from_dict({**given, **fixed})
