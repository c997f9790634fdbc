"""The verbs that are named like tasks: `repix denoise photo.jpg` converts with the model that comes with repix."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from repix.cli._converting import converting_command
from repix.errors import WrongUse

MODEL = inspect.Parameter(
    "model",
    inspect.Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="Another model that comes with repix, by its name, or your own: a file or a run's folder.",
        ),
    ],
    default=None,
)
MORE = "What `repix convert --help` says about tiles, memory, what is kept, folders and their journal holds here too."


def task_command(
    task: str,
    help_text: str,
    more: inspect.Parameter | None = None,
    choose: Callable[..., Path] | None = None,
    instead: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """The verb of a task. Where it has one option `more`, its value is what `choose` finds the model by.

    `instead` has options that people look for and that it has not, and the sentence that each is answered with.
    """

    def path_of(model: str | None, **said: Any) -> Path:
        from repix.conversion import read_model
        from repix.models import model_for, model_named

        for name, sentence in instead.items():
            value = said.pop(name)
            if value is not None:
                raise WrongUse(sentence.format(value))
        if model is None:
            return model_for(task) if choose is None else choose(**said)
        if more is not None and said[more.name] is not None:
            raise WrongUse(f"Both --model and --{more.name} are given; the model says it already, so leave one out.")
        path = model_named(model)
        found = read_model(path).contract.task
        if found != task:
            raise WrongUse(
                f"{model} is a model for {found} and not for {task}; use `repix {found}` or `repix convert`."
            )
        return path

    options = [MODEL, *([more] if more else []), *map(_answered, instead)]
    return converting_command(task, f"{help_text}\n\n{MORE}", options, path_of)


def _answered(name: str) -> inspect.Parameter:
    """An option that no help lists."""
    kind = Annotated[str | None, typer.Option(f"--{name}", hidden=True)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=None)
