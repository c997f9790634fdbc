"""Defaults of each task: the network and its settings, patches, learning rate, settings of the task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from repix.networks import Network
from repix.tasks import Task
from repix.training.recipe import OptimizerName


@dataclass(frozen=True)
class Defaults:
    """A network with the settings that training is tuned for."""

    network: str
    patch_size: int = 128
    batch_size: int = 8
    lr: float = 1e-3
    optimizer: OptimizerName = "adamw"
    network_settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of this network. Where there are any, all the rest was tuned with them, for no other network."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the task. They count only where no network is named: who names one says all settings."""


def _wide_context(unshuffle: int) -> dict[str, Any]:
    """An efficient U-Net with a wide receptive field, whose result is not added to the picture."""
    return {
        "widths": (32, 64, 128, 160),
        "blocks": (1, 1, 2, 2),
        "unshuffle": unshuffle,
        "norm": "batch",
        "global_residual": False,
    }


RESTORER = Defaults("efficient-unet", patch_size=64, lr=2e-3, optimizer="muon")
DEFAULTS = {
    "denoise": RESTORER,
    "restore": Defaults(
        "efficient-unet",
        patch_size=160,
        batch_size=6,
        lr=2e-3,
        optimizer="muon",
        network_settings=_wide_context(2),
        settings={"zoom": (0.6, 1.5), "vivid": 1.1},
    ),
    "deblur": replace(RESTORER, patch_size=160, batch_size=4, network_settings={"conditioned": True}),
    "upscale": Defaults("compact", patch_size=48, batch_size=16, lr=2e-3, optimizer="muon"),
    "segment": Defaults(
        "efficient-unet",
        patch_size=224,
        lr=2e-3,
        optimizer="muon",
        network_settings=_wide_context(2),
        settings={"zoom": (0.7, 1.6), "light": 0.3},
    ),
    "colorize": Defaults(
        "efficient-unet",
        patch_size=192,
        lr=1.5e-3,
        network_settings=_wide_context(4),
        settings={"zoom": (0.6, 1.5), "vivid": 1.3},
    ),
    "scene": Defaults(
        "efficient-unet",
        network_settings=_wide_context(2) | {"upsampler": "resize-conv method=bilinear"},
        settings={"loss": "lines"},
    ),
}
OTHERWISE = Defaults("unet")


def suited(task: str, network: str | None = None) -> Defaults:
    """Return the defaults of a task; a plugin's task gets a U-Net. Optimizer and learning rate suit one network only.

    >>> suited("segment").patch_size, suited("segment", "unet").patch_size, suited("denoise", "dncnn").patch_size
    (224, 128, 64)
    >>> suited("denoise", "efficient-unet").optimizer, suited("denoise", "dncnn").optimizer
    ('muon', 'adamw')
    """
    found = DEFAULTS.get(task, OTHERWISE)
    if network is None:
        return found
    if network == found.network:
        return replace(found, settings={})
    return (
        OTHERWISE
        if found.network_settings
        else replace(OTHERWISE, patch_size=found.patch_size, batch_size=found.batch_size)
    )


def configured(network: Network[Any], task: Task, given: dict[str, Any]) -> Any:
    """Return the network's configuration for a task: channels and scale follow from the task, the rest is as given."""
    fixed: dict[str, Any] = {"in_channels": task.channels[0], "out_channels": task.channels[1]}
    if hasattr(network.config(), "scale"):
        fixed["scale"] = task.scale
    return network.from_dict({**given, **fixed})
