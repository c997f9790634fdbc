"""Train a model on a folder of pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repix import registry
from repix.cli._commands import command, count_or_folder, name_and_value
from repix.cli._progress import with_progress
from repix.errors import WrongUse

if TYPE_CHECKING:
    from repix.training import Recipe

TASKS = ", ".join(registry.available("tasks"))


def train(
    task: Annotated[str | None, typer.Argument(metavar="TASK", help=f"The task: {TASKS}.")] = None,
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The folder of pictures.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="RUN", help="The run's new folder.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for the whole command, in minutes; default: 10.")] = None,
    steps: Annotated[int | None, typer.Option(help="Training steps, instead of minutes.")] = None,
    network: Annotated[str | None, typer.Option(help="The network; `repix networks` lists them.")] = None,
    upsampler: Annotated[
        str | None, typer.Option(help="The upsampler in it, with its settings: 'transposed kernel=4'.")
    ] = None,
    color: Annotated[bool | None, typer.Option("--color/--gray", help="Train for color or gray pictures.")] = None,
    scale: Annotated[int | None, typer.Option(help="For upscale: scale factor.")] = None,
    sigma: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LEAST MOST", help="For denoise and restore: range of the noise level."),
    ] = None,
    patch_size: Annotated[int | None, typer.Option(help="Height and width of patches, in pixels.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Patches per step.")] = None,
    lr: Annotated[float | None, typer.Option(help="The highest learning rate.")] = None,
    optimizer: Annotated[
        Literal["muon", "adamw"] | None, typer.Option(help="The optimizer; default: the one that suits the task.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the task (loss=l1) or the network (unshuffle=4)."
        ),
    ] = None,
    holdout: Annotated[
        str | None, typer.Option(metavar="N|FOLDER", help="Examples to hold out: their number, or a folder.")
    ] = None,
    ignore_index: Annotated[int | None, typer.Option(min=0, help="Value of ignored pixels in the masks.")] = None,
    init_from: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Initial weights: a bundled model's name, a model file, a run, or a recipe."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Random seed; default: 0.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None, typer.Option(help="The device; default: auto, a GPU if torch finds one.")
    ] = None,
    precision: Annotated[
        Literal["auto", "bf16", "fp32"] | None,
        typer.Option(help="Precision; default: auto, bf16 if the processor has it."),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take all settings from a TOML file, such as a run.toml.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in RUN; needs only -o.")] = False,
) -> None:
    """Train a model on a folder of pictures: `repix train denoise photos -o run --minutes 10 --gray`.

    The folder is checked as by `repix check`. The network is trained, and validated on held-out pictures. The model,
    RUN/model.onnx, is compared with the unchanged source and with the best filter. Ctrl-C stops the training and
    exports the model; --resume continues after any interruption.

    A recipe may be trained on a folder of your own: `repix train photos --recipe recipe.toml -o run`.
    """
    begun = perf_counter()
    if output is None:
        raise WrongUse("Name the folder of the run: -o RUN.")
    options = {
        "network": network,
        "upsampler": upsampler,
        "minutes": minutes,
        "steps": steps,
        "patch_size": patch_size,
        "batch_size": batch_size,
        "lr": lr,
        "optimizer": optimizer,
        "holdout": count_or_folder(holdout),
        "ignore_index": ignore_index,
        "init_from": init_from,
        "seed": seed,
        "device": device,
        "precision": precision,
    }
    task_settings = {"color": color, "scale": scale, "sigma": sigma}
    asked = _Asked(task, folder, _given(options), _given(task_settings), _words(settings or []))
    from repix import training

    training.require_libraries()
    reporter = training.Reporter(progress=with_progress)
    if resume:
        asked.require_nothing_else(output, recipe)
        trained = training.resume(output, reporter)
    else:
        made = asked.recipe() if recipe is None else asked.recipe_of(recipe)
        trained = training.train(made, output, reporter, lambda: perf_counter() - begun)
    if not trained.complete:
        raise typer.Exit(130)


@dataclass(frozen=True)
class _Asked:
    """The arguments and options that were given."""

    task: str | None
    folder: Path | None
    options: Mapping[str, Any]
    """By the names of a recipe."""
    task_settings: Mapping[str, Any]
    """Settings of the task that have an option, by name."""
    words: Mapping[str, str]
    """The settings of --set, by name."""

    def recipe(self) -> "Recipe":
        """Return the recipe of the options."""
        from repix.training import Recipe
        from repix.training.setting_words import with_settings

        if self.task is None or self.folder is None:
            raise WrongUse("Name a task and a folder: repix train TASK FOLDER -o RUN.")
        task = registry.spelled(self.task, registry.available("tasks"))
        made = Recipe(task, str(self.folder), settings=self.task_settings, **self.options)
        return with_settings(made, self.words)

    def recipe_of(self, file: Path) -> "Recipe":
        """Return the recipe of a file; the one argument, if any, is another folder of pictures."""
        from repix.training.recipe import read_recipe

        self._require_none("--recipe", self.folder)
        made = read_recipe(file)
        return made if self.task is None else replace(made, folder=self.task)

    def require_nothing_else(self, run: Path, recipe: Path | None) -> None:
        """Refuse options that --resume does not take."""
        from repix.training.run_folder import refuse_longer

        if {"minutes", "steps"} & set(self.options):
            refuse_longer(run)
        self._require_none("--resume", self.task, self.folder, recipe)

    def _require_none(self, option: str, *others: object) -> None:
        if self.options or self.task_settings or self.words or any(one is not None for one in others):
            raise WrongUse(f"{option} takes everything else from the recipe; leave the other options out.")


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _words(settings: list[str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for word in settings:
        name, value = name_and_value(word)
        if name in words:
            raise WrongUse(f"{name} is set twice.")
        words[name] = value
    return words


VERB = command(train)
