"""Convert pictures with a model: one, many, or folders of them, of any size."""

from pathlib import Path
from typing import Annotated

import typer

from repix.cli._commands import parameter
from repix.cli._conversion import conversion_command

HELP = """Convert pictures with a model: `repix convert model.onnx photo.jpg`, or `... photos -o results` for a folder.

MODEL is a file, the folder of a run, or the name of a model that comes with repix; `repix models` lists them.

Pictures of any size go through in tiles that change nothing, within --memory. What a file carries besides its pixels
(transparency, 16 bits, profile, EXIF) is kept where the result's format can hold it; --verbose says so for each file.

In a folder of results a journal (.repix-journal.jsonl) remembers what was made of what: the same command again makes
only what is missing or has changed, so a run that was stopped in any way just goes on. Ctrl-C stops within a tile.
"""

MODEL = parameter(
    "model", Annotated[str, typer.Argument(metavar="MODEL", help="A model file (.onnx), a run's folder, or a name.")]
)


def _path_of(model: str) -> Path:
    from repix.models import model_named

    return model_named(model)


VERB = conversion_command("convert", HELP, [MODEL], _path_of)
