"""Network configuration: what follows from the task, and what was chosen."""

from collections.abc import Mapping
from typing import Any

from repix.networks import Network
from repix.side_inputs import channels_of_kind
from repix.tasks import Task


def configured(network: Network[Any], task: Task, given: Mapping[str, Any]) -> Any:
    """Return a network's configuration: channels, noise level and scale as the task needs them, the rest as given.

    Older runs and model files do not say which channel is a noise level; their task does.
    """
    follows: dict[str, Any] = {"in_channels": task.channels[0], "out_channels": task.channels[1]}
    usual = network.config()
    if hasattr(usual, "noise_level"):
        follows["noise_level"] = bool(channels_of_kind(task.side.inputs, "noise-level"))
    if hasattr(usual, "scale"):
        follows["scale"] = task.scale
    return network.from_dict({**given, **follows})
