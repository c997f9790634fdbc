"""A run's weights as a model file."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from repix import members
from repix.conversion import About, Contract, read_model, write_model
from repix.data import Split, check
from repix.errors import RepixError, Unreadable
from repix.evaluation import Examples, fast_measured
from repix.networks import Network
from repix.training.defaults import suited
from repix.training.export import export
from repix.training.middles import Middles
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder, read_weights


def export_run(run: Path | str, output: Path | str | None = None) -> Contract:
    """Write the best weights of a run as a model, into the run's folder or to a file; what stood there is replaced."""
    folder = RunFolder(Path(run))
    recipe, record = folder.read_recipe()
    known = record.get("trained", {"of": recipe.steps})
    about = About(record.get("data", ""), known, tuple(record.get("metrics", ())))
    model = Path(output) if output is not None else folder.model
    contract = export_weights(recipe, folder, about, model)
    examples = _kept_out_then(recipe, folder, contract)
    return contract if examples is None else add_fast(model, examples)


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


def add_fast(model: Path, examples: Examples) -> Contract:
    """Measure how far results with bf16 are from exact ones, and write it into the model file."""
    found = read_model(model)
    contract = replace(found.contract, fast=fast_measured(model, examples))
    write_model(model, found.content, contract)
    return contract


def _kept_out_then(recipe: Recipe, folder: RunFolder, contract: Contract) -> Examples | None:
    """The pictures that the run kept out; None where they are not there any more."""
    root = Path(recipe.folder)
    try:
        kept = Split.from_json(json.loads(folder.split.read_bytes())).validation
        encoding = check(root, recipe.task, recipe.keep_out, recipe.ignored).encoding
    except (OSError, ValueError, RepixError):
        return None
    if not kept or not all((root / file).is_file() for item in kept for file in item.files):
        return None
    task = contract.make_task()
    if contract.size is not None:
        return Middles(root, kept, task, contract.size, encoding)
    return Examples(root, kept, task, encoding=encoding)


def add_metrics(model: Path, metrics: tuple[dict[str, Any], ...]) -> Contract:
    """Write into a model file how good it is."""
    found = read_model(model)
    contract = replace(found.contract, metrics=metrics)
    write_model(model, found.content, contract)
    return contract
