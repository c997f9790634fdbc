"""Turns a member of a family into a command: the function's own parameters become the command's options."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
import typer

from repix import members
from repix.cli._app import Listed, command, group
from repix.cli._batch import Writing, convert_each, destinations
from repix.errors import WrongUse
from repix.pictures import DEPTHS, Picture

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File or folder to write; left out: beside the source, with a suffix."),
]
Depth = Annotated[str | None, typer.Option(help="Depth to write, 8, 16 or float; left out: as read.")]
Quality = Annotated[int, typer.Option(min=1, max=100, help="Quality of JPEG, WebP and AVIF.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Strict = Annotated[bool, typer.Option("--strict", help="Fail where the file would lose anything.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what was kept, converted, lost.")]

COMMON: dict[str, tuple[Any, Any]] = {
    "output": (Output, None),
    "depth": (Depth, None),
    "quality": (Quality, 90),
    "overwrite": (Overwrite, False),
    "strict": (Strict, False),
    "verbose": (Verbose, False),
}
"""The options that every member's command has, with their defaults."""

SEED = Annotated[int, typer.Option(min=0, help="The same seed gives the same result, on every machine.")]


def family_group(family: str, verb: str, help_text: str) -> Any:
    """`repix VERB NAME IN... -o OUT`: one command for each member, made when it is asked for."""
    listed = {
        name: Listed(partial(members.summary, family, name), partial(member_command, family, name))
        for name in members.names(family)
    }
    return group(verb, help_text, listed)


def member_command(family: str, name: str) -> Any:
    """The command of one member."""
    offered = members.member(family, name)

    def run(**values: Any) -> None:
        inputs: list[Path] = values.pop("inputs")
        output, depth = values.pop("output"), values.pop("depth")
        if depth is not None and depth not in DEPTHS:
            raise WrongUse(f"--depth {depth} is not one of {', '.join(DEPTHS)}.")
        writing = Writing(**{key: values.pop(key) for key in ("overwrite", "quality", "strict", "verbose")})
        seed = values.pop("seed", None)

        def convert(picture: Picture) -> Picture:
            rng = {} if seed is None else {"rng": np.random.default_rng(seed)}
            return apply(partial(offered.function, **rng, **values), picture, offered.scales, depth)

        convert_each(inputs, destinations(inputs, output, name), convert, writing)

    run.__signature__ = _signature(offered.function)  # type: ignore[attr-defined]
    run.__annotations__ = {key: p.annotation for key, p in inspect.signature(run).parameters.items()}
    run.__doc__ = inspect.getdoc(offered.function)
    return command(run, name)


def apply(function: Callable[..., Any], picture: Picture, scales: bool, depth: str | None) -> Picture:
    """A member's function on a picture's colours; alpha is kept, or scaled with premultiplied colours."""
    colours, alpha = picture.colours(), picture.alpha()
    if alpha is None or not scales:
        return picture.with_colours(function(colours), alpha, depth)
    opacity = np.clip(function(alpha), 0, 1)
    mixed = function(colours * alpha)
    return picture.with_colours(np.divide(mixed, opacity, out=np.zeros_like(mixed), where=opacity > 0), opacity, depth)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """The command's parameters: the inputs, the member's own parameters, and the common options."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    inputs = Annotated[list[Path], typer.Argument(metavar="IN...", help="Picture files.")]
    parameters = [inspect.Parameter("inputs", keyword, annotation=inputs)]
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    for parameter in own:
        if parameter.name == "rng":
            parameters.append(inspect.Parameter("seed", keyword, annotation=SEED, default=0))
            continue
        annotation = _option(hints[parameter.name])
        parameters.append(inspect.Parameter(parameter.name, keyword, annotation=annotation, default=parameter.default))
    for name, (annotation, default) in COMMON.items():
        parameters.append(inspect.Parameter(name, keyword, annotation=annotation, default=default))
    return inspect.Signature(parameters)


def _option(hint: Any) -> Any:
    """`Annotated[int, "help"]` as a Typer option."""
    if get_origin(hint) is not Annotated:
        return hint
    kind, text = get_args(hint)[:2]
    return Annotated[kind, typer.Option(help=f"{text[0].upper()}{text[1:]}.")]
