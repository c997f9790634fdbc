"""What suits a task where nobody chooses: the network and its settings, the patches, the rate, settings of the task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from repix.networks import Network
from repix.tasks import Task
from repix.training.recipe import Optimizer


@dataclass(frozen=True)
class Defaults:
    """A network with the settings that training is tuned for."""

    network: str
    size: int = 128
    batch: int = 8
    rate: float = 1e-3
    optimizer: Optimizer = "adamw"
    network_settings: Mapping[str, Any] = field(default_factory=dict)
    """Of this network. Where there are any, all the rest was tuned with them, and suits no other network."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the task, where nobody names a network: who names one, as every recipe does, says all."""


def _seeing_far(unshuffle: int) -> dict[str, Any]:
    """An efficient U-Net for what a pixel cannot say by itself: it sees far, and its result is no detail to add."""
    return {
        "widths": (32, 64, 128, 160),
        "blocks": (1, 1, 2, 2),
        "unshuffle": unshuffle,
        "norm": "batch",
        "global_residual": False,
    }


RESTORER = Defaults("efficient-unet", size=64, rate=2e-3, optimizer="muon")
DEFAULTS = {
    "denoise": RESTORER,
    "restore": Defaults(
        "efficient-unet",
        size=160,
        batch=6,
        rate=2e-3,
        optimizer="muon",
        network_settings=_seeing_far(2),
        settings={"zoom": (0.6, 1.5), "vivid": 1.1},
    ),
    "deblur": replace(RESTORER, size=160, batch=4, network_settings={"conditioned": True}),
    "upscale": Defaults("compact", size=48, batch=16, rate=2e-3, optimizer="muon"),
    "segment": Defaults(
        "efficient-unet",
        size=224,
        rate=2e-3,
        optimizer="muon",
        network_settings=_seeing_far(2),
        settings={"zoom": (0.7, 1.6), "light": 0.3},
    ),
    "colorize": Defaults(
        "efficient-unet",
        size=192,
        rate=1.5e-3,
        network_settings=_seeing_far(4),
        settings={"zoom": (0.6, 1.5), "vivid": 1.3},
    ),
    "scene": Defaults(
        "efficient-unet",
        network_settings=_seeing_far(2) | {"upsampler": "resize-conv method=bilinear"},
        settings={"loss": "lines"},
    ),
}
OTHERWISE = Defaults("unet")


def suited(task: str, network: str | None = None) -> Defaults:
    """What suits a task of this name; a third party's task gets a U-Net. The optimizer and rate suit one network only.

    >>> suited("segment").size, suited("segment", "unet").size, suited("denoise", "dncnn").size
    (224, 128, 64)
    >>> suited("denoise", "efficient-unet").optimizer, suited("denoise", "dncnn").optimizer
    ('muon', 'adamw')
    """
    found = DEFAULTS.get(task, OTHERWISE)
    if network is None:
        return found
    if network == found.network:
        return replace(found, settings={})
    return OTHERWISE if found.network_settings else replace(OTHERWISE, size=found.size, batch=found.batch)


def configured(network: Network[Any], task: Task, given: dict[str, Any]) -> Any:
    """The network's configuration for a task: its channels and scale follow from the task, the rest is as given."""
    fixed: dict[str, Any] = {"in_channels": task.channels[0], "out_channels": task.channels[1]}
    if hasattr(network.config(), "scale"):
        fixed["scale"] = task.scale
    return network.from_dict({**given, **fixed})
