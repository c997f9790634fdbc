"""Convert pictures or folders with any model."""

from pathlib import Path
from typing import Annotated

import typer

from repix.cli._commands import parameter
from repix.cli._conversion import conversion_command

HELP = """Convert pictures with a model: `repix convert model.onnx photo.jpg`, or `... photos -o results` for a folder.

MODEL is a model file, a run folder, or the name of a bundled model (`repix models` lists them).

Large pictures are converted in tiles within --memory; tiles do not change the result. Transparency, 16 bits, color
profile and EXIF are kept if the format of the result can hold them; --verbose prints it for each file.

An output folder gets a journal (.repix-journal.jsonl): the same command again converts only new and changed files, so
an interrupted run can be continued. Ctrl-C stops within one tile.
"""

MODEL = parameter(
    "model",
    Annotated[
        str, typer.Argument(metavar="MODEL", help="A model file (.onnx), a run folder, or a bundled model's name.")
    ],
)


def _path_of(model: str) -> Path:
    from repix.models import model_named

    return model_named(model)


VERB = conversion_command("convert", HELP, [MODEL], _path_of)
