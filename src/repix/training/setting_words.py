"""Settings as words on the command line, NAME=VALUE, for a recipe's task and network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from repix import registry
from repix.errors import WrongUse
from repix.parameters import parameters
from repix.training.recipe import Recipe

OPTIONS = (
    *("network", "upsampler", "minutes", "steps", "patch_size", "batch_size", "lr", "optimizer", "holdout"),
    *("ignore_index", "init_from", "seed", "device", "precision"),
)
"""The settings of a recipe that have an option; a task or network may have a setting of the same name."""


def with_settings(recipe: Recipe, words: Mapping[str, str]) -> Recipe:
    """Return the recipe with each NAME=VALUE of --set as a setting of the task, or else of the network.

    >>> made = with_settings(Recipe("denoise", "photos"), {"loss": "l1", "widths": "16 32 48"})
    >>> made.settings, made.network_settings
    ({'loss': 'l1'}, {'widths': (16, 32, 48)})
    """
    task = registry.get("tasks", recipe.task)
    network = registry.get("networks", recipe.network or task.training.network)
    of_task, of_network = parameters(task.settings), parameters(network.config)
    for_task, for_network = dict(recipe.settings), dict(recipe.network_settings)
    for word, text in words.items():
        name = registry.spelled(word, (*of_task, *of_network))
        _require_no_option(name, text, (*of_task, *of_network))
        if name in of_task:
            for_task[name] = of_task[name].read(text)
        elif name in of_network:
            for_network[name] = of_network[name].read(text)
        else:
            known = tuple(dict.fromkeys((*of_task, *of_network)))
            raise WrongUse(
                f"Neither {recipe.task} nor {network.name} has a setting '{name}'; {registry.closest(name, known)}"
            )
    return replace(recipe, settings=for_task, network_settings=for_network)


def _require_no_option(name: str, text: str, settings: Sequence[str]) -> None:
    """Refuse a setting that has an option, such as --ignore-index, which the check of the folder needs, too."""
    option = "ignore_index" if name == "ignored" else name
    if name == "ignored" or (name in OPTIONS and name not in settings):
        raise WrongUse(f"--set {name}={text}: there is an option for it; write --{option.replace('_', '-')} {text}.")
