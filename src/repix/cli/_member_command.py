"""Turns a member of a family into a command: the function's own parameters become the command's options."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from repix import members
from repix.cli._app import command
from repix.cli._batch import Writing, convert_each
from repix.cli._converting import Quality, Strict, Verbose
from repix.conversion.many.jobs import Naming, destinations
from repix.errors import WrongUse
from repix.parameters import parameters
from repix.pictures import DEPTHS, Picture
from repix.pictures.array_function import apply, is_opaque_eight_bit

INPUTS = Annotated[list[Path], typer.Argument(metavar="IN...", readable=False, help="Picture files.")]

SEED = Annotated[int, typer.Option(min=0, help="Every file begins with it anew; same seed, same result, anywhere.")]

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", readable=False, help="File or folder to write; left out: beside the source, with a suffix."
    ),
]
Depth = Annotated[str | None, typer.Option(help="Depth to write, 8, 16 or float; left out: as read.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]

COMMON: dict[str, tuple[Any, Any]] = {
    "seed": (SEED, 0),
    "output": (Output, None),
    "depth": (Depth, None),
    "quality": (Quality, 90),
    "overwrite": (Overwrite, False),
    "strict": (Strict, False),
    "verbose": (Verbose, False),
}
"""The options that every member's command has, with their defaults; `seed` only where there is chance."""

Convert = Callable[[Picture, np.random.Generator], Picture]


def member_command(family: str, name: str) -> Any:
    """The command of one member."""
    offered = members.member(family, name)
    described = parameters(offered.function)
    context = set(inspect.signature(offered.function).parameters)

    def converter(settings: dict[str, Any], depth: str | None) -> Convert:
        for key, parameter in described.items():
            parameter.check(settings[key])

        def convert(picture: Picture, rng: np.random.Generator) -> Picture:
            given = {"rng": rng, "eight_bit": is_opaque_eight_bit(picture)}
            function = partial(offered.function, **settings, **{key: given[key] for key in given.keys() & context})
            return apply(function, picture, offered.scales, depth)

        return convert

    own = [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[parameter.kind, typer.Option(help=parameter.help)],
            default=parameter.default,
        )
        for key, parameter in described.items()
    ]
    return converting_command(name, _help(offered.function), own, "rng" in context, converter)


def converting_command(
    name: str,
    help_text: str,
    own: list[inspect.Parameter],
    random: bool,
    converter: Callable[[dict[str, Any], str | None], Convert],
) -> Any:
    """A command that converts picture files: its own options, then those that all have and it has not."""

    def run(**values: Any) -> None:
        settings = {parameter.name: values.pop(parameter.name) for parameter in own}
        inputs: list[Path] = values.pop("inputs")
        output, depth, seed = values.pop("output"), values.pop("depth"), values.pop("seed", 0)
        if depth is not None and depth not in DEPTHS:
            raise WrongUse(f"--depth {depth} is not one of {', '.join(DEPTHS)}.")
        writing = Writing(**values)
        convert = converter(settings, depth)
        convert_each(
            destinations(inputs, output, Naming(beside=f"-{name}")),
            lambda picture: convert(picture, np.random.default_rng(seed)),
            writing,
        )

    keyword = inspect.Parameter.KEYWORD_ONLY
    taken = {parameter.name for parameter in own}
    shared = {key: option for key, option in COMMON.items() if key not in taken and (random or key != "seed")}
    listed = [
        inspect.Parameter("inputs", keyword, annotation=INPUTS),
        *own,
        *(inspect.Parameter(key, keyword, annotation=note, default=value) for key, (note, value) in shared.items()),
    ]
    run.__signature__ = inspect.Signature(listed)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
    run.__doc__ = help_text
    return command(run, name)


def _help(function: Callable[..., Any]) -> str:
    """A function's docstring without its example."""
    return (inspect.getdoc(function) or "").partition(">>>")[0].rstrip()
