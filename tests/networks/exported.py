"""Every network's model file, made once for all tests and all processes that run them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from repix import registry
from repix.conversion import Contract, Provenance, read_model
from repix.networks import Network
from repix.training.export import export
from tests.networks.measuring import prepared
from tests.networks.variants import NAMES, offered

CLASSES = {"values": [0, 1, 2]}
CHOSEN: dict[str, tuple[str, dict, dict]] = {
    "compact": ("upscale", {"scale": 2, "color": False}, {"multi_branch": False}),
    "dncnn": ("denoise", {"color": False}, {}),
    "efficient-unet": ("deblur", {}, {}),
    "encoder-decoder": ("segment", CLASSES, {"upsampler": "unpool"}),
    "fcn": ("segment", CLASSES | {"color": False}, {}),
    "hypercolumn": ("colorize", {}, {}),
    "luma-chroma": ("restore", {}, {}),
    "picture-unet": ("restore", {}, {}),
    "pixelwise": ("scene", {}, {}),
    "sft": ("upscale", {"scale": 4, "perception": True}, {}),
    "transunet": ("segment", CLASSES, {}),
    "two-stage": ("denoise", {"sigma": None, "density": [0.1, 0.5], "impulse_mask": True}, {}),
    "unet": ("segment", CLASSES | {"loss": "dice"}, {"upsampler": "bicubic"}),
    "unetmer": ("segment", CLASSES | {"color": False}, {}),
}
"""A task, its settings, and changes of the small configuration, so that every task is exported by some network."""


def suited() -> dict[str, tuple[str, dict, dict]]:
    """For each network what is chosen, or upscale if it enlarges, or a task that no other network does, or denoise."""
    left = sorted(set(registry.own_names("tasks")) - {task for task, _, _ in CHOSEN.values()} - {"upscale"})
    found = dict(CHOSEN)
    for name in (name for name in NAMES if name not in CHOSEN):
        scale = offered(name).scale(offered(name).small)
        found[name] = ("upscale", {"scale": scale}, {}) if scale > 1 else (left.pop() if left else "denoise", {}, {})
    return found


TASKS = suited()


@dataclass(frozen=True)
class Exported:
    """A model file and what it was made of."""

    path: Path
    network: Network[Any]
    config: Any
    module: torch.nn.Module
    contract: Contract


Exports = Callable[[str], Exported]


def fitting(name: str) -> tuple[Network[Any], Any, Any]:
    """A network, its configuration and its task."""
    task, settings, changes = TASKS[name]
    network = offered(name)
    made = registry.get("tasks", task)(settings)
    arriving, leaving = made.channels
    return network, replace(network.small, **{"in_channels": arriving, "out_channels": leaving} | changes), made


def exports(folder: Path) -> Exports:
    """A function that gives each network's model file; the folder keeps them for other processes."""
    made: dict[str, Exported] = {}

    def exported(name: str) -> Exported:
        if name not in made:
            network, config, task = fitting(name)
            module, path = distinct(prepared(network, config)), folder / f"{name}.onnx"
            if not path.exists():
                export(path, module, network, config, task, Provenance("abc", {"steps": 3}))
            made[name] = Exported(path, network, config, module, read_model(path).contract)
        return made[name]

    return exported


def distinct(module: torch.nn.Module) -> torch.nn.Module:
    """The module with no two equal weights, such as biases of 0, which a file would hold once."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.02 * torch.randn(weight.shape))
    return module
