"""Settings given as words: `loss=l1` is the task's, `skip=none` the network's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from repix import members
from repix.errors import WrongUse
from repix.networks import Network
from repix.parameters import parameters
from repix.training.defaults import suited
from repix.training.recipe import Recipe

OPTIONS = (
    *("network", "upsampler", "minutes", "steps", "size", "batch", "rate", "optimizer", "keep_out", "ignored"),
    *("start", "seed", "device", "precision"),
)
"""What a recipe says besides settings, each by an option of its own. A task may have a setting of the same name."""


def shared_out(recipe: Recipe, words: Mapping[str, str]) -> Recipe:
    """The recipe with each word given to the task, if it has a setting of that name, or else to the network.

    >>> made = shared_out(Recipe("denoise", "photos"), {"loss": "l1", "widths": "16 32 48"})
    >>> made.settings, made.network_settings
    ({'loss': 'l1'}, {'widths': (16, 32, 48)})
    """
    network: Network[Any] = members.member("networks", recipe.network or suited(recipe.task).network)
    task = parameters(members.member("tasks", recipe.task).settings)
    own = parameters(network.config)
    for_task, for_network = dict(recipe.settings), dict(recipe.network_settings)
    for word, text in words.items():
        name = members.spelled(word, (*task, *own))
        if name == "ignored" or (name in OPTIONS and name not in task and name not in own):
            raise WrongUse(
                f"--set {name}={text}: this has an option of its own; write --{name.replace('_', '-')} {text}."
            )
        if name in task:
            for_task[name] = task[name].read(text)
        elif name in own:
            for_network[name] = own[name].read(text)
        else:
            known = tuple(dict.fromkeys((*task, *own)))
            raise WrongUse(
                f"Neither {recipe.task} nor {network.name} has a setting '{name}'; {members.closest(name, known)}"
            )
    return replace(recipe, settings=for_task, network_settings=for_network)
