"""Tiny folders and recipes to train with, and how to train without what a test does not look at."""

from pathlib import Path

import pytest

from repix import registry
from repix.conversion import Contract, Provenance
from repix.data import check
from repix.training import (
    Recipe,
    Reporter,
    checkpoint,
    comparison,
    export,
    overfit_check,
    resolve,
    resume,
    run_export,
    train,
)
from repix.training.build import Training, build
from repix.training.run_folder import Message, RunFolder
from repix.training.state import TrainingState
from tests.data.drawing import blobs, photo, put
from tests.environment import environment as environment

SIZE = (30, 26)  # height, width
TASKS = registry.own_names("tasks")
CLASSES = 3


def folder_for(task: str, root: Path, count: int = 5) -> Path:
    """Pictures, with masks where the task wants them."""
    for number in range(count):
        if registry.get("tasks", task).mask_settings is not None:
            put(root / "images" / f"{number}.png", photo(number, SIZE))
            put(root / "masks" / f"{number}.png", blobs(number, CLASSES, SIZE))
        else:
            put(root / f"{number}.png", photo(number, SIZE))
    return root


def recipe(folder: Path, task: str = "denoise", **more: object) -> Recipe:
    """Two steps on the processor, one example held out."""
    network = {"network": "pixelwise", "network_settings": {"widths": [4]}}
    short = {
        "steps": 2,
        "patch_size": 8,
        "batch_size": 2,
        "lr": 0.01,
        "holdout": 1,
        "device": "cpu",
        "precision": "fp32",
    }
    short |= {"validations": 12}
    settings = {"settings": {"color": False}} if task == "denoise" else {}
    return Recipe(task, str(folder), **{**network, **short, **settings, **more})


def built(made: Recipe) -> Training:
    """What a recipe comes to on its folder."""
    findings = check(made.folder, made.task, made.holdout, made.ignore_index)
    return build(resolve(made, findings), findings)


class Told(list):
    """Every message."""

    def reporter(self) -> Reporter:
        return Reporter(self.append)

    @property
    def text(self) -> str:
        return "\n".join(self)


CHECKED = 2
"""Steps of the overfit check, where it is quick."""


def quick(patch: pytest.MonkeyPatch) -> None:
    """Without the slow parts, which have tests of their own.

    An overfit check of two steps, one engine, no classical filter, and no process that measures memory in each export.
    """
    patch.setattr(overfit_check, "MOST_STEPS", CHECKED)
    patch.setattr(export, "ENGINES", ("openvino",))
    patch.setattr(export, "bytes_per_pixel", lambda _: 1000)
    patch.setattr("repix.training.comparison.classical", lambda _: None)


def learning_only(patch: pytest.MonkeyPatch) -> None:
    """No export and no comparison: the run's weights are all that is looked at."""
    quick(patch)

    contracts = []

    def exported(
        recipe: Recipe, folder: RunFolder, about: Provenance, complete: bool, message: Message
    ) -> run_export.ExportedRun:
        folder.model.write_bytes(b"stands for a model")
        contracts.append(Contract(recipe.task, recipe.settings, trained=about.trained))
        return run_export.ExportedRun(folder.model, contracts[-1], recipe, complete)

    patch.setattr(run_export, "_exported", exported)
    patch.setattr(comparison, "add_precisions", lambda *_: None)
    patch.setattr(comparison, "to_compare", lambda *_: ((), ()))
    patch.setattr(comparison, "add_metrics", lambda *_: contracts[-1])


def learned_whole_and_in_two_parts(made: Recipe, root: Path, patch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """The weights of a run, and those of the same one that was stopped after its third step and resumed."""
    whole, stopped = root / "whole", root / "stopped"
    train(made, whole, Told().reporter())
    save = checkpoint.Checkpoint.save

    def stopping(kept: checkpoint.Checkpoint, state: TrainingState) -> None:
        save(kept, state)
        if state.step == 3:
            raise KeyboardInterrupt

    with patch.context() as stops:
        stops.setattr(checkpoint, "EVERY", -1)
        stops.setattr(checkpoint.Checkpoint, "save", stopping)
        with pytest.raises(KeyboardInterrupt):
            train(made, stopped, Told().reporter())
    resume(stopped, Told().reporter())
    return RunFolder(whole).weights.read_bytes(), RunFolder(stopped).weights.read_bytes()
