"""Train a model on a folder of pictures."""

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repix import registry
from repix.cli._commands import (
    BatchSize,
    Holdout,
    IgnoreIndex,
    LearningRate,
    Optimizer,
    PatchSize,
    command_of,
    parameters_of,
)
from repix.cli._progress import with_progress
from repix.errors import WrongUse

if TYPE_CHECKING:
    from repix.training import Recipe

TASKS = ", ".join(registry.available("tasks"))
HELP = """Train a model on a folder of pictures: `repix train denoise photos -o run --minutes 10 --gray`.

The folder is checked as by `repix check`. The network is trained, and validated on held-out pictures. The model,
RUN/model.onnx, is compared with the unchanged source and with the best filter. Ctrl-C stops the training and
exports the model; --resume continues after any interruption.

A recipe may be trained on a folder of your own: `repix train photos --recipe recipe.toml -o run`.
"""


@dataclass(frozen=True)
class TrainArguments:
    """The arguments and options."""

    task: Annotated[str | None, typer.Argument(metavar="TASK", help=f"The task: {TASKS}.")] = None
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The folder of pictures.")] = None
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="RUN", help="The run's new folder.")] = None
    minutes: Annotated[float | None, typer.Option(help="Time for the whole command, in minutes; default: 10.")] = None
    steps: Annotated[int | None, typer.Option(help="Training steps, instead of minutes.")] = None
    network: Annotated[str | None, typer.Option(help="The network; `repix networks` lists them.")] = None
    upsampler: Annotated[
        str | None, typer.Option(help="The upsampler in it, with its settings: 'transposed kernel=4'.")
    ] = None
    color: Annotated[bool | None, typer.Option("--color/--gray", help="Train for color or gray pictures.")] = None
    scale: Annotated[int | None, typer.Option(help="For upscale: scale factor.")] = None
    sigma: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LEAST MOST", help="For denoise and restore: range of the noise level."),
    ] = None
    patch_size: PatchSize = None
    patch_slices: Annotated[
        int | None, typer.Option(help="Slices of the patches, for networks for volumes; default: 8.")
    ] = None
    batch_size: BatchSize = None
    lr: LearningRate = None
    optimizer: Optimizer = None
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the task (loss=l1) or the network (unshuffle=4)."
        ),
    ] = None
    holdout: Holdout = None
    ignore_index: IgnoreIndex = None
    init_from: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Initial weights: a bundled model's name, a model file, a run, or a recipe."
        ),
    ] = None
    audit_above: Annotated[
        float | None,
        typer.Option(metavar="DB", help="Warn if the checkerboard score is higher; 10 is visible. Default: no audit."),
    ] = None
    audit_stops: Annotated[
        bool | None, typer.Option("--audit-stops", help="Stop as Ctrl-C does, instead of a warning by --audit-above.")
    ] = None
    classical: Annotated[
        bool | None,
        typer.Option(
            "--classical/--no-classical",
            help="Compare also with the best classical filter, which may take minutes (BM3D); default: yes.",
        ),
    ] = None
    seed: Annotated[int | None, typer.Option(help="Random seed; default: 0.")] = None
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None, typer.Option(help="The device; default: auto, a GPU if torch finds one.")
    ] = None
    devices: Annotated[
        int | None, typer.Option(help="Processes, with a device each, that share every batch; default: 1.")
    ] = None
    nodes: Annotated[int | None, typer.Option(help="Machines with as many devices; default: 1.")] = None
    precision: Annotated[
        Literal["auto", "bf16", "fp32"] | None,
        typer.Option(help="Precision; default: auto, bf16 if the processor has it."),
    ] = None
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take all settings from a TOML file, such as a run.toml.")
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in RUN; needs only -o.")] = False

    @property
    def options(self) -> dict[str, Any]:
        """The settings of a recipe that were given."""
        from repix.data import read_holdout
        from repix.training.recipe import OPTIONS

        given = {name: getattr(self, name) for name in OPTIONS} | {"holdout": read_holdout(self.holdout)}
        return _given(given)

    @property
    def task_settings(self) -> dict[str, Any]:
        """The settings of the task that have an option and were given."""
        return _given({"color": self.color, "scale": self.scale, "sigma": self.sigma})

    def made_recipe(self) -> "Recipe":
        """Return the recipe of the options, or that of the file, which may be trained on another folder."""
        from repix.training.recipe import Recipe, read_recipe, with_settings

        if self.recipe is not None:
            self._require_none("--recipe", self.folder)
            made = read_recipe(self.recipe)
            return made if self.task is None else replace(made, folder=self.task)
        if self.task is None or self.folder is None:
            raise WrongUse("Name a task and a folder: repix train TASK FOLDER -o RUN.")
        task = registry.spelled(self.task, registry.available("tasks"))
        made = Recipe(task, str(self.folder), settings=self.task_settings, **self.options)
        return with_settings(made, self.settings or [])

    def require_nothing_else(self, run: Path) -> None:
        """Refuse options that --resume does not take."""
        from repix.training.run_folder import refuse_longer

        if self.minutes is not None or self.steps is not None:
            refuse_longer(run)
        self._require_none("--resume", self.task, self.folder, self.recipe)

    def _require_none(self, option: str, *others: object) -> None:
        if self.options or self.task_settings or self.settings or any(one is not None for one in others):
            raise WrongUse(f"{option} takes everything else from the recipe; leave the other options out.")


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _train(values: dict[str, Any]) -> int:
    begun = perf_counter()
    arguments = TrainArguments(**values)
    if arguments.output is None:
        raise WrongUse("Name the folder of the run: -o RUN.")
    from repix import training

    training.require_libraries()
    from repix.training.stop import terminable

    reporter = training.Reporter(progress=with_progress)
    with terminable():
        if arguments.resume:
            arguments.require_nothing_else(arguments.output)
            trained = training.resume(arguments.output, reporter)
        else:
            made = arguments.made_recipe()
            trained = training.train(made, arguments.output, reporter, lambda: perf_counter() - begun)
    return 0 if trained.complete else 130


VERB = command_of("train", HELP, parameters_of(TrainArguments), _train, ends_soon=False)
