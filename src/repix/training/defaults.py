"""What suits a task where nobody chooses: the network, the patches, the rate."""

from dataclasses import dataclass
from typing import Any

from repix.networks import Network
from repix.tasks import Task


@dataclass(frozen=True)
class Defaults:
    """A network with the settings that training is tuned for."""

    network: str
    size: int = 128
    batch: int = 8
    rate: float = 1e-3


RESTORER = Defaults("efficient-unet", size=64)
DEFAULTS = {
    "denoise": RESTORER,
    "restore": RESTORER,
    "deblur": RESTORER,
    "upscale": Defaults("compact", size=48, batch=16, rate=2e-3),
}
OTHERWISE = Defaults("unet")


def suited(task: str) -> Defaults:
    """What suits a task of this name; a third party's task gets a U-Net."""
    return DEFAULTS.get(task, OTHERWISE)


def configured(network: Network[Any], task: Task, given: dict[str, Any]) -> Any:
    """The network's configuration for a task: its channels and scale follow from the task, the rest is as given."""
    fixed: dict[str, Any] = {"channels_in": task.channels[0], "channels_out": task.channels[1]}
    if hasattr(network.config(), "scale"):
        fixed["scale"] = task.scale
    return network.read({**given, **fixed})
