"""Train a model on a folder of pictures."""

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Literal

import typer

from repix import registry
from repix.cli._commands import command, count_or_folder
from repix.cli._progress import with_progress
from repix.errors import WrongUse
from repix.printable import printable

TASKS = ", ".join(registry.available("tasks"))


def train(
    task: Annotated[str | None, typer.Argument(metavar="TASK", help=f"What to learn: {TASKS}.")] = None,
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The folder to learn from.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="RUN", help="The run's new folder.")] = None,
    minutes: Annotated[float | None, typer.Option(help="How long all of it may take; left out, 10.")] = None,
    steps: Annotated[int | None, typer.Option(help="How long to train, in steps instead of minutes.")] = None,
    network: Annotated[str | None, typer.Option(help="The network; `repix networks` lists them.")] = None,
    upsampler: Annotated[
        str | None, typer.Option(help="The upsampler in it, with its settings: 'transposed kernel=4'.")
    ] = None,
    color: Annotated[bool | None, typer.Option("--color/--gray", help="What kind of pictures the model takes.")] = None,
    scale: Annotated[int | None, typer.Option(help="For upscale: how many times larger.")] = None,
    sigma: Annotated[
        tuple[float, float] | None, typer.Option(metavar="LEAST MOST", help="For denoise and restore: the noise.")
    ] = None,
    patch_size: Annotated[int | None, typer.Option(help="Height and width of the patches, in pixels.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Patches in a step.")] = None,
    lr: Annotated[float | None, typer.Option(help="The highest learning rate.")] = None,
    optimizer: Annotated[
        Literal["muon", "adamw"] | None, typer.Option(help="The optimizer; left out, the one that suits the task.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the task (loss=l1) or the network (unshuffle=4)."
        ),
    ] = None,
    holdout: Annotated[
        str | None, typer.Option(metavar="N|FOLDER", help="How many examples to hold out, or a folder of them.")
    ] = None,
    ignore_index: Annotated[int | None, typer.Option(min=0, help="The label of masks that does not count.")] = None,
    init_from: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Initial weights: a bundled model's name, a model file, a run, or a recipe."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of all random choices; left out, 0.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None, typer.Option(help="Where to compute; left out, auto.")
    ] = None,
    precision: Annotated[
        Literal["auto", "bf16", "fp32"] | None,
        typer.Option(help="Left out, auto: bf16 where the processor has it."),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take all of this from a TOML file, such as a run's run.toml.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in RUN, which needs only -o.")] = False,
) -> None:
    """Train a model on a folder of pictures: `repix train denoise photos -o run --minutes 10 --gray`.

    First the folder is checked, as by `repix check`. Then the network is trained and validated on held-out pictures.
    Then RUN holds model.onnx, and it is compared with doing nothing and with the best filter. Ctrl-C ends the training
    after a step, with a model; --resume goes on, after any kind of end.

    A recipe may be trained on a folder of your own: `repix train photos --recipe recipe.toml -o run`.
    """
    begun = perf_counter()
    task = None if task is None else registry.spelled(task, registry.available("tasks"))
    if output is None:
        raise WrongUse("Name the folder of the run: -o RUN.")
    words = _words(settings or [])
    given: dict[str, Any] = {"network": network, "upsampler": upsampler, "minutes": minutes, "steps": steps}
    given |= {
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
    from repix import training

    training.require_libraries()
    from repix.training.overrides import overridden
    from repix.training.recipe import read_recipe
    from repix.training.run_folder import refuse_longer

    reporter = training.Reporter(_message, with_progress)
    named = {"color": color, "scale": scale, "sigma": sigma}
    task_settings = {name: value for name, value in named.items() if value is not None}
    if resume:
        if minutes is not None or steps is not None:
            refuse_longer(output)
        _refuse_with("--resume", task, folder, recipe, *given.values(), *task_settings, *words)
        trained = training.resume(output, reporter)
    else:
        if recipe is not None:
            _refuse_with("--recipe", folder, *given.values(), *task_settings, *words)
            made = read_recipe(recipe)
            made = made if task is None else replace(made, folder=task)
        elif task is None or folder is None:
            raise WrongUse("Name a task and a folder: repix train TASK FOLDER -o RUN.")
        else:
            made = training.Recipe(task, str(folder), **{name: one for name, one in given.items() if one is not None})
            made = overridden(replace(made, settings=task_settings), words)
        trained = training.train(made, output, reporter, lambda: perf_counter() - begun)
    if not trained.complete:
        raise typer.Exit(130)


def _message(text: str) -> None:
    print(printable(text), flush=True)


def _words(settings: list[str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for word in settings:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise WrongUse(f"--set {word} has no {'value' if name else 'name'}; write it as --set NAME=VALUE.")
        name = name.replace("-", "_")
        if name in words:
            raise WrongUse(f"{name} is set twice.")
        words[name] = value
    return words


def _refuse_with(option: str, *others: object) -> None:
    if any(one is not None for one in others):
        raise WrongUse(f"{option} takes everything else from the recipe; leave the other options out.")


VERB = command(train)
