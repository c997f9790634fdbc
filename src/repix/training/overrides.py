"""Overrides, `--set NAME=VALUE`: `loss=l1` is a setting of the task, `skip=none` one of the network."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from repix import registry
from repix.errors import WrongUse
from repix.networks import Network
from repix.parameters import parameters
from repix.training.defaults import suited
from repix.training.recipe import Recipe

OPTIONS = (
    *("network", "upsampler", "minutes", "steps", "patch_size", "batch_size", "lr", "optimizer", "holdout"),
    *("ignore_index", "init_from", "seed", "device", "precision"),
)
"""What has an option; a task may have a setting of the same name."""


def overridden(recipe: Recipe, words: Mapping[str, str]) -> Recipe:
    """Return the recipe with each override given to the task if it has a setting of that name, else to the network.

    >>> made = overridden(Recipe("denoise", "photos"), {"loss": "l1", "widths": "16 32 48"})
    >>> made.settings, made.network_settings
    ({'loss': 'l1'}, {'widths': (16, 32, 48)})
    """
    network: Network[Any] = registry.get("networks", recipe.network or suited(recipe.task).network)
    task = parameters(registry.get("tasks", recipe.task).settings)
    own = parameters(network.config)
    for_task, for_network = dict(recipe.settings), dict(recipe.network_settings)
    for word, text in words.items():
        name = registry.spelled(word, (*task, *own))
        option = "ignore_index" if name == "ignored" else name
        if name == "ignored" or (name in OPTIONS and name not in task and name not in own):
            raise WrongUse(
                f"--set {name}={text}: there is an option for it; write --{option.replace('_', '-')} {text}."
            )
        if name in task:
            for_task[name] = task[name].read(text)
        elif name in own:
            for_network[name] = own[name].read(text)
        else:
            known = tuple(dict.fromkeys((*task, *own)))
            raise WrongUse(
                f"Neither {recipe.task} nor {network.name} has a setting '{name}'; {registry.closest(name, known)}"
            )
    return replace(recipe, settings=for_task, network_settings=for_network)
