"""Export of a run: its best weights as a model file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from repix import registry
from repix.conversion import Contract, Provenance, convert, open_model, read_model, write_model
from repix.data import Split, check
from repix.errors import BrokenPromise, RepixError, Unreadable, WrongUse
from repix.evaluation import Examples, measure, measured_precisions
from repix.networks import Network
from repix.training.build import Training
from repix.training.export import export
from repix.training.holdout import examples as examples_of
from repix.training.interpolation import Interpolation
from repix.training.network_config import configured
from repix.training.pretrained import read_weights
from repix.training.recipe import Recipe
from repix.training.run_folder import Message, RunFolder, further
from repix.training.state import TrainingState
from repix.training.weight_bits import WeightBits
from repix.volumes.stack import volume_of

MOST_LOST_DB, MOST_LOST = 0.01, 0.001
"""The largest loss by smaller weights on the held-out pictures: in decibels, and for other metrics."""


@dataclass(frozen=True)
class ExportedRun:
    """The model of a trained run."""

    model: Path
    contract: Contract
    recipe: Recipe
    """Repeats the run."""
    complete: bool
    """False where it was stopped before its last step."""


def export_trained(
    training: Training, state: TrainingState, folder: RunFolder, complete: bool, message: Message
) -> ExportedRun:
    """Write the best weights of a training as the model of its run."""
    config = training.config.planned(state.step if complete else state.schedule.steps, training.config.validations)
    if not state.history.best_step:  # stopped before the first validation
        folder.write_weights(state.ema.module.state_dict())
    trained = {
        "steps": state.step,
        "of": state.schedule.steps,
        "best": state.history.best_step or state.step,
        "seconds": round(state.history.seconds),
        "seed": config.seed,
        "device": config.device,
        "precision": config.precision,
        "examples": training.findings.split.slices["train"],
        "when": datetime.now(UTC).date().isoformat(),
    }
    return _exported(config.as_recipe(), folder, Provenance(training.cache.key, trained), complete, message)


def export_again(training: Training, folder: RunFolder, record: Mapping[str, Any], message: Message) -> ExportedRun:
    """Write the model of a complete run again, with the record of its training."""
    message(f"This run is complete; {further(folder.path)}")
    about = Provenance(training.cache.key, record.get("trained", {}))
    return _exported(training.config.as_recipe(), folder, about, complete=True, message=message)


def _exported(recipe: Recipe, folder: RunFolder, about: Provenance, complete: bool, message: Message) -> ExportedRun:
    contract = export_weights(recipe, folder, about, folder.model)
    message(f"{folder.model}: torch and the engines differ by at most {contract.export_error:.1e}")
    return ExportedRun(folder.model, contract, recipe, complete)


def export_run(
    run: Path | str,
    output: Path | str | None = None,
    *,
    weight_bits: WeightBits = 32,
    interpolation: Interpolation | None = None,
) -> Contract:
    """Write the best weights of a run as a model file, by default the run's own; an existing file is replaced.

    With an interpolation, the weights are between those of this run and another one, and the file must be named. With
    fewer than 32 weight bits, a loss of more than 0.01 dB is refused.
    """
    if interpolation is not None and output is None:
        raise WrongUse(
            f"Weights between two runs are the model of neither, so {run} keeps its own; name the file to write (-o)."
        )
    folder = RunFolder(Path(run))
    recipe, record = folder.read_recipe()
    known = record.get("trained", {"of": recipe.steps})
    about = Provenance(record.get("data", ""), known, tuple(record.get("metrics", ())))
    if interpolation is not None:
        about = interpolation.provenance(about)
    model = Path(output) if output is not None else folder.model
    with TemporaryDirectory(prefix="repix-") as place:
        trial = Path(place, "model.onnx")
        contract = export_weights(recipe, folder, about, trial, weight_bits=weight_bits, interpolation=interpolation)
        examples = _held_out(recipe, folder, contract)
        if weight_bits < 32:
            if examples is None:
                raise Unreadable(
                    f"The pictures that {folder.path} held out are not in {recipe.folder}, so the loss by smaller "
                    "weights cannot be measured; export without --weight-bits."
                )
            whole = Path(place, "whole.onnx")
            export_weights(recipe, folder, about, whole, interpolation=interpolation)
            _require_as_good(trial, whole, examples)
        if examples is not None:
            contract = add_precisions(trial, examples)
        write_model(model, read_model(trial).content, contract)
    return contract


def _require_as_good(model: Path, whole: Path, examples: Examples) -> None:
    """Refuse a model with smaller weights that is measurably worse than the one with 32 bits."""
    rounded, exact = (
        measure(partial(convert, model=open_model(path, precision="exact")), examples, examples.task.metrics[:1])
        for path in (model, whole)
    )
    lost = exact.deciding - rounded.deciding if exact.deciding != rounded.deciding else 0.0  # both may be infinite
    unit = exact.measurements[0].metric.unit
    most = MOST_LOST_DB if unit == "dB" else MOST_LOST
    if not lost <= most:
        raise BrokenPromise(
            f"The smaller weights lose {lost:.4f} {unit} by {exact.measurements[0].label}, and at most {most:g} is "
            "allowed; export with more --weight-bits."
        )


def export_weights(
    recipe: Recipe,
    folder: RunFolder,
    about: Provenance,
    output: Path,
    *,
    weight_bits: WeightBits = 32,
    interpolation: Interpolation | None = None,
) -> Contract:
    """Write a run's best weights, or those between it and another run, as a model file."""
    if not folder.weights.exists():
        raise Unreadable(
            f"{folder.path} contains no weights yet: it was stopped before its first validation; continue it: "
            f"repix train -o {folder.path} --resume."
        )
    if recipe.network is None:
        raise Unreadable(f"{folder.recipe} does not name its network; it was changed.")
    network: Network[Any] = registry.get("networks", recipe.network)
    task = registry.get("tasks", recipe.task)(recipe.settings)
    config = configured(network, task, recipe.network_settings)
    module = network.module(config)
    weights = read_weights(folder.weights) if interpolation is None else interpolation.weights(folder, recipe)
    try:
        module.load_state_dict(weights)
    except RuntimeError:
        raise Unreadable(
            f"{folder.weights} does not fit the network of {folder.recipe}; one of them was changed."
        ) from None
    module, config = network.reparameterize(module, config)
    return export(output, module, network, config, task, about, weight_bits=weight_bits)


def add_precisions(model: Path, examples: Examples) -> Contract:
    """Measure the results in bf16 against exact ones, and write the measurement into the model file."""
    found = read_model(model)
    contract = replace(found.contract, precisions=measured_precisions(model, examples))
    write_model(model, found.content, contract)
    return contract


def _held_out(recipe: Recipe, folder: RunFolder, contract: Contract) -> Examples | None:
    """Return the held-out pictures of the comparison; None if they are missing."""
    root = Path(recipe.folder)
    try:
        kept = Split.from_json(json.loads(folder.split.read_bytes())).halves[0]
        findings = check(root, recipe.task, recipe.holdout, recipe.ignore_index, volumes=recipe.of_volumes)
    except (OSError, ValueError, RecursionError, RepixError):
        return None
    if not kept or not all((root / volume_of(file)).exists() for item in kept for file in item.files):
        return None
    return examples_of(root, kept, contract.make_task(), contract.size, findings)


def add_metrics(model: Path, metrics: tuple[dict[str, Any], ...]) -> Contract:
    """Write metrics into a model file."""
    found = read_model(model)
    contract = replace(found.contract, metrics=metrics)
    write_model(model, found.content, contract)
    return contract
