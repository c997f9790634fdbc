"""Export of a run: its best weights become a model file."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from repix import registry
from repix.conversion import Contract, Provenance, convert, open_model, read_model, write_model
from repix.data import Split, check
from repix.errors import BrokenPromise, RepixError, Unreadable
from repix.evaluation import Examples, measure, measured_precisions
from repix.networks import Network
from repix.training.center_crop import CenterCrops
from repix.training.export import export
from repix.training.pretrained import read_weights
from repix.training.recipe import Recipe
from repix.training.run_folder import RunFolder

MOST_LOST_DB, MOST_LOST = 0.01, 0.001
"""What weights of 16 bits may cost on the held-out pictures: in decibels, or as a share."""


def export_run(run: Path | str, output: Path | str | None = None, *, half: bool = False) -> Contract:
    """Write the best weights of a run as a model, into the run's folder or to a file; what stood there is replaced.

    With `half`, weights have 16 bits; refused where that costs more than 0.01 dB.
    """
    folder = RunFolder(Path(run))
    recipe, record = folder.read_recipe()
    known = record.get("trained", {"of": recipe.steps})
    about = Provenance(record.get("data", ""), known, tuple(record.get("metrics", ())))
    model = Path(output) if output is not None else folder.model
    with TemporaryDirectory(prefix="repix-") as place:
        trial = Path(place, "model.onnx")
        contract = export_weights(recipe, folder, about, trial, half=half)
        examples = _held_out(recipe, folder, contract)
        if half:
            if examples is None:
                raise Unreadable(
                    f"No picture that {folder.path} held out is in {recipe.folder}, so what weights of 16 bits cost "
                    "cannot be measured; export without --half."
                )
            whole = Path(place, "whole.onnx")
            export_weights(recipe, folder, about, whole)
            _require_as_good(trial, whole, examples)
        if examples is not None:
            contract = add_fast(trial, examples)
        write_model(model, read_model(trial).content, contract)
    return contract


def _require_as_good(model: Path, whole: Path, examples: Examples) -> None:
    """Refuse a model that is measurably worse than the one with all bits of its weights."""
    rounded, exact = (
        measure(partial(convert, model=open_model(path, precision="exact")), examples, examples.task.metrics[:1])
        for path in (model, whole)
    )
    lost = exact.deciding - rounded.deciding if exact.deciding != rounded.deciding else 0.0  # both may be infinite
    unit = exact.measurements[0].metric.unit
    most = MOST_LOST_DB if unit == "dB" else MOST_LOST
    if not lost <= most:
        raise BrokenPromise(
            f"Weights of 16 bits would cost {lost:.4f} {unit} by {exact.measurements[0].label}, and at most {most:g} "
            "is allowed; export without --half."
        )


def export_weights(
    recipe: Recipe, folder: RunFolder, about: Provenance, output: Path, *, half: bool = False
) -> Contract:
    """Write a run's best weights as a model file."""
    if not folder.weights.exists():
        raise Unreadable(f"{folder.path} holds no weights yet: it was stopped before its first validation; resume it.")
    if recipe.network is None:
        raise Unreadable(f"{folder.recipe} does not name its network; it was changed.")
    network: Network[Any] = registry.get("networks", recipe.network)
    config = network.from_dict(recipe.network_settings)
    module = network.module(config)
    weights = read_weights(folder.weights)
    try:
        module.load_state_dict(weights)
    except RuntimeError:
        raise Unreadable(
            f"{folder.weights} does not fit the network of {folder.recipe}; one of them was changed."
        ) from None
    module, config = network.reparameterize(module, config)
    return export(
        output, module, network, config, registry.get("tasks", recipe.task)(recipe.settings), about, half=half
    )


def add_fast(model: Path, examples: Examples) -> Contract:
    """Measure how far results with bf16 are from exact ones, and write it into the model file."""
    found = read_model(model)
    contract = replace(found.contract, precisions=measured_precisions(model, examples))
    write_model(model, found.content, contract)
    return contract


def _held_out(recipe: Recipe, folder: RunFolder, contract: Contract) -> Examples | None:
    """The pictures that the run is measured on; None where they are not there any more."""
    root = Path(recipe.folder)
    try:
        kept = Split.from_json(json.loads(folder.split.read_bytes())).halves[0]
        encoding = check(root, recipe.task, recipe.holdout, recipe.ignore_index).encoding
    except (OSError, ValueError, RecursionError, RepixError):
        return None
    if not kept or not all((root / file).is_file() for item in kept for file in item.files):
        return None
    task = contract.make_task()
    if contract.size is not None:
        return CenterCrops(root, kept, task, contract.size, encoding)
    return Examples(root, kept, task, encoding=encoding)


def add_metrics(model: Path, metrics: tuple[dict[str, Any], ...]) -> Contract:
    """Write into a model file how good it is."""
    found = read_model(model)
    contract = replace(found.contract, metrics=metrics)
    write_model(model, found.content, contract)
    return contract
