"""Chain: several degradations, one after another.

Steps take the options of their commands, as name=value. Nothing is clipped or rounded between steps.
"""

import inspect
from typing import Annotated, Any

import numpy as np
import typer

from repix.cli._member_command import Convert, converting_command
from repix.degradations import apply_steps, read_steps
from repix.pictures import Picture

STEP = Annotated[
    list[str], typer.Option(help="One degradation with its settings, 'gaussian sigma=25'; give one --step for each.")
]


def chain_command() -> Any:
    """`repix degrade chain IN... --step TEXT --step TEXT`."""

    def converter(settings: dict[str, Any], depth: str | None) -> Convert:
        steps = read_steps(settings["step"])

        def convert(picture: Picture, rng: np.random.Generator) -> Picture:
            written = depth or picture.depth
            spoiled = apply_steps(picture, rng, steps)
            return spoiled.with_colours(spoiled.colours(), spoiled.alpha(), written)

        return convert

    step = inspect.Parameter("step", inspect.Parameter.KEYWORD_ONLY, annotation=STEP)
    return converting_command("chain", __doc__ or "", [step], True, converter)
