"""A run's weights as a model file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from repix import members
from repix.conversion import About, Contract, read_model, write_model
from repix.errors import Unreadable
from repix.networks import Network
from repix.training.defaults import suited
from repix.training.export import export
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder, read_weights


def export_run(run: Path | str, output: Path | str | None = None) -> Contract:
    """Write the best weights of a run as a model, into the run's folder or to a file; what stood there is replaced."""
    folder = RunFolder(Path(run))
    recipe, record = folder.read_recipe()
    known = record.get("trained", {"of": recipe.steps})
    about = About(record.get("data", ""), known, tuple(record.get("metrics", ())))
    return export_weights(recipe, folder, about, Path(output) if output is not None else folder.model)


def export_weights(recipe: Recipe, folder: RunFolder, about: About, output: Path) -> Contract:
    """Write a run's best weights as a model file."""
    if not folder.weights.exists():
        raise Unreadable(f"{folder.path} holds no weights yet: it was stopped before its first judgement; resume it.")
    network: Network[Any] = members.member("networks", recipe.network or suited(recipe.task).network)
    config = network.read(recipe.network_settings)
    module = network.module(config)
    weights = read_weights(folder.weights)
    try:
        module.load_state_dict(weights)
    except RuntimeError:
        raise Unreadable(
            f"{folder.weights} does not fit the network of {folder.recipe}; one of them was changed."
        ) from None
    module, config = network.narrow(module, config)
    return export(output, module, network, config, members.member("tasks", recipe.task)(recipe.settings), about)


def add_metrics(model: Path, metrics: tuple[dict[str, Any], ...]) -> Contract:
    """Write into a model file how good it is."""
    found = read_model(model)
    contract = replace(found.contract, metrics=metrics)
    write_model(model, found.content, contract)
    return contract
