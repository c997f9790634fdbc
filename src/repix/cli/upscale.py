"""Make pictures larger, with more detail than interpolation gives."""

import inspect
from pathlib import Path
from typing import Annotated

import typer

from repix.cli._task_verb import task_command

HELP = """Make pictures larger: `repix upscale small.png --scale 2`; with a model of your own, --model says how much.

The models were trained on pictures that were shrunk without any further damage: what is blurred, noisy or full of
JPEG's blocks stays so, only larger; mend that first.
"""

SCALE = inspect.Parameter(
    "scale",
    inspect.Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        int | None, typer.Option(min=2, max=4, help="How many times higher and wider, where there is a model for it.")
    ],
    default=None,
)


def _choose(scale: int | None) -> Path:
    from repix.models import model_for

    return model_for("upscale", None if scale is None else f"upscale-x{scale}")


VERB = task_command("upscale", HELP, SCALE, _choose)
