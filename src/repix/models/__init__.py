"""Bundled models and their catalog."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from repix import registry
from repix.errors import MissingModel, UnknownName, Unreadable, WrongUse

FOLDER = Path(__file__).parent
MODEL, WEIGHTS, RECIPE = "model.onnx", "model.safetensors", "run.toml"
"""Files in a run folder: the exported model, the best weights, and the recipe."""


@dataclass(frozen=True)
class Bundled:
    """The catalog entry of a bundled model."""

    name: str
    task: str
    purpose: str
    limits: str
    """Known limitations."""
    pictures: str
    """Training data."""
    made: str
    """Training time and hardware."""
    sha256: str
    """SHA-256 of the file."""
    domain: Mapping[str, Any]
    """The pictures it is for: fields of `repix.tasks.Domain`."""
    default: bool = False
    """The task's default model."""

    @property
    def path(self) -> Path:
        """Path of the model file."""
        return FOLDER / f"{self.name}.onnx"


@cache
def catalog() -> Mapping[str, Bundled]:
    """Return the bundled models by name.

    >>> catalog()["deblur"].task
    'deblur'
    """
    tables = tomllib.loads((FOLDER / "catalog.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: Bundled(name, **table) for name, table in tables.items()})


def is_bundled(said: str) -> bool:
    """Return True for the name of a bundled model, in American or British spelling.

    >>> is_bundled("denoise-gray"), is_bundled("photos")
    (True, False)
    """
    return registry.spelled(said, catalog()) in catalog()


def model_for(task: str, name: str | None = None) -> Path:
    """Return the path of a task's bundled model.

    Args:
        task: name of the task.
        name: name of the model; by default the task's default model.

    Raises:
        MissingModel: no bundled model fits.

    >>> model_for("guess")
    Traceback (most recent call last):
    repix.errors.MissingModel: There is no bundled model for guess; train one with `repix train guess FOLDER ...
    """
    for bundled in catalog().values():
        if bundled.task == task and (bundled.default if name is None else bundled.name == name):
            return bundled.path
    what = f"'{name}'" if name else f"for {task}"
    raise MissingModel(
        f"There is no bundled model {what}; train one with `repix train {task} FOLDER -o run`, then use --model run."
    )


def model_named(said: str) -> Path:
    """Return the path of a model file.

    Args:
        said: the name of a bundled model, a run folder, or the path of a model file.

    Raises:
        UnknownName: there is neither a bundled model nor a file of this name.
        WrongUse: both a bundled model and a file have this name.
        Unreadable: the run folder contains no model.

    >>> model_named("denoise-color").name
    'denoise-color.onnx'
    >>> model_named("denoise-colr")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no file or bundled model 'denoise-colr'; did you mean 'denoise-color'?...
    """
    found, path = catalog().get(registry.spelled(said, catalog())), Path(said)
    if found is not None:
        if path.is_file() or (path / MODEL).is_file():
            what = "file" if path.is_file() else "run"
            raise WrongUse(f"{said} is both a bundled model and a {what}; write ./{said} for the {what}.")
        return found.path
    if path.suffix or path.name != said or os.path.lexists(path):
        return model_in(path)
    raise UnknownName(f"There is no file or bundled model '{said}'; {registry.closest(said, tuple(catalog()))}")


def model_in(path: Path) -> Path:
    """Return the path of the model file in a run folder; any other path is returned unchanged.

    Raises:
        Unreadable: the folder contains no model.

    >>> model_in(Path("model.onnx"))
    PosixPath('model.onnx')
    """
    if not path.is_dir():
        return path
    if (path / MODEL).is_file():
        return path / MODEL
    if (path / WEIGHTS).is_file():
        raise Unreadable(
            f"The run {path} contains no {MODEL} yet, because its training has not finished; `repix export {path}` "
            f"exports its best weights so far, and `repix train --resume -o {path}` continues the training."
        )
    if (path / RECIPE).is_file():
        raise Unreadable(
            f"The run {path} contains no {MODEL} yet, because its training has not reached a validation; "
            f"`repix train --resume -o {path}` continues the training."
        )

    raise Unreadable(f"{path} is a folder without {MODEL}; name a model file, or the folder that `repix train` wrote.")
