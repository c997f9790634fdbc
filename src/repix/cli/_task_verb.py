"""The verbs that are named like tasks: `repix denoise photo.jpg` converts with the model that comes with repix."""

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from repix.cli._converting import converting_command
from repix.errors import WrongUse

MODEL = inspect.Parameter(
    "model",
    inspect.Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        Path | None,
        typer.Option("--model", metavar="MODEL", help="A model of your own in place of the one that comes with repix."),
    ],
    default=None,
)
MORE = "What `repix convert --help` says about tiles, memory, what is kept, folders and their journal holds here too."


def task_command(task: str, help_text: str) -> Any:
    """The verb of a task."""

    def path_of(said: Path | None) -> Path:
        from repix.conversion import read_model
        from repix.models import model_for

        if said is None:
            return model_for(task)
        found = read_model(said).contract.task
        if found != task:
            raise WrongUse(f"{said} is a model for {found} and not for {task}; use `repix {found}` or `repix convert`.")
        return said

    return converting_command(task, f"{help_text}\n\n{MORE}", MODEL, path_of)
