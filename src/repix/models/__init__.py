"""Models: the trained ones that come with repix, and their catalogue."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from repix import members
from repix.errors import MissingModel, UnknownName, Unreadable, WrongUse

FOLDER = Path(__file__).parent
MODEL, WEIGHTS, RECIPE = "model.onnx", "model.safetensors", "run.toml"
"""What the folder of a run holds its model as, its best weights so far, and the recipe that it begins with."""


@dataclass(frozen=True)
class Bundled:
    """A model that comes with repix: what its file cannot say of itself."""

    name: str
    task: str
    purpose: str
    limits: str
    """What it cannot do."""
    pictures: str
    """What it was trained on."""
    made: str
    """How long its training took, and on what."""
    sha256: str
    """Of the file."""
    default: bool = False
    """Whether the verb of its task takes it where nobody names one."""

    @property
    def path(self) -> Path:
        """Its file."""
        return FOLDER / f"{self.name}.onnx"


@cache
def catalogue() -> Mapping[str, Bundled]:
    """The models by their names."""
    tables = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: Bundled(name, **table) for name, table in tables.items()})


def is_bundled(said: str) -> bool:
    """Return whether this is the name of a model that comes with repix, in American or British spelling.

    >>> is_bundled("denoise-gray"), is_bundled("photos")
    (True, False)
    """
    return members.spelled(said, catalogue()) in catalogue()


def model_for(task: str, name: str | None = None) -> Path:
    """The model that comes with repix for a task: its default, or the one of this name.

    >>> model_for("guess")
    Traceback (most recent call last):
    repix.errors.MissingModel: No model for guess comes with repix; train one with `repix train guess FOLDER ...
    """
    for bundled in catalogue().values():
        if bundled.task == task and (bundled.default if name is None else bundled.name == name):
            return bundled.path
    what = name or f"for {task}"
    raise MissingModel(
        f"No model {what} comes with repix; train one with `repix train {task} FOLDER -o run` and name it: --model run."
    )


def model_named(said: str) -> Path:
    """The file of a model that comes with repix, by its name, of a run, by its folder, or any other by its path.

    >>> model_named("denoise-color").name
    'denoise-colour.onnx'
    >>> model_named("denoise-colr")
    Traceback (most recent call last):
    repix.errors.UnknownName: There is no file and no model 'denoise-colr'; did you mean 'denoise-colour'?...
    """
    found, path = catalogue().get(members.spelled(said, catalogue())), Path(said)
    if found is not None:
        if path.is_file() or (path / MODEL).is_file():
            what = "file" if path.is_file() else "run"
            raise WrongUse(f"{said} is a model of repix and a {what} here too; write ./{said} for the {what}.")
        return found.path
    if path.suffix or path.name != said or os.path.lexists(path):
        return model_in(path)
    raise UnknownName(f"There is no file and no model '{said}'; {members.closest(said, tuple(catalogue()))}")


def model_in(path: Path) -> Path:
    """The model in the folder of a run; a path that is no folder stays what it is.

    >>> model_in(Path("model.onnx"))
    PosixPath('model.onnx')
    """
    if not path.is_dir():
        return path
    if (path / MODEL).is_file():
        return path / MODEL
    if (path / WEIGHTS).is_file():
        raise Unreadable(
            f"The run {path} holds no {MODEL} yet, because its training has not ended; `repix export {path}` makes one "
            f"of its best weights so far, and `repix train --resume -o {path}` goes on."
        )
    if (path / RECIPE).is_file():
        raise Unreadable(
            f"The run {path} holds no {MODEL} yet, because its training has not come far; "
            f"`repix train --resume -o {path}` goes on."
        )
    raise Unreadable(f"{path} is a folder without {MODEL}; name a model file, or the folder that `repix train` wrote.")
