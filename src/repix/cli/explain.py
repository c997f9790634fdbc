"""Explain an operation step by step, with its numbers."""

import json
from dataclasses import dataclass
from functools import partial
from inspect import getdoc, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from repix.cli._commands import Listed, command_of, group, parameter, parameters_of, taken
from repix.errors import WrongUse
from repix.explanation.operations import OPERATIONS, no_overflow
from repix.printable import printable

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

LONGEST = 9
"""Most digits of a number of steps."""


@dataclass(frozen=True)
class ShowArguments:
    """The options of all operations: how the trace is shown."""

    steps: Annotated[
        str | None, typer.Option(metavar="N|all", help="Number of steps to print per stage; default: 3.")
    ] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print all steps and the output as JSON.")] = False
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Draw the steps into this SVG file.")
    ] = None
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the SVG file if it exists.")] = False


def _command(name: str) -> Any:
    """Return the command of one operation, with the options of its function and the common ones."""
    explain = OPERATIONS[name]

    def run(values: dict[str, Any]) -> int:
        showing = taken(ShowArguments, values)
        _require_consistent(showing)
        with no_overflow():
            _show(name, explain(**values), showing)
        return 0

    own = [parameter(one.name, _option(one.annotation), one.default) for one in signature(explain).parameters.values()]
    help_text = (getdoc(explain) or "").replace("\n\nrepix ", "\n\n\b\nrepix ")  # examples keep their lines
    return command_of(name, help_text, [*own, *parameters_of(ShowArguments)], run)


def _option(annotation: Any) -> Any:
    """Return an operation's option as a Typer option."""
    kind, option = get_args(annotation)
    made = typer.Option(*option.names, metavar=option.metavar, help=option.help, max=option.most)
    return Annotated[kind, made]


def _how_many(steps: str | None) -> int | None:
    """Return the number of steps to print per stage; None for all."""
    if steps == "all":
        return None
    if steps is None:
        return 3
    if not steps.isdecimal() or len(steps) > LONGEST or int(steps) == 0:
        raise WrongUse(f'--steps {steps[:60]}: give a whole number from 1, or "all".')
    return int(steps)


def _require_consistent(showing: ShowArguments) -> None:
    """Refuse options that have no effect."""
    if showing.steps is not None and (showing.as_json or showing.svg is not None):
        raise WrongUse("--steps is for the printed tables; leave it out with --json or --svg.")
    if showing.overwrite and showing.svg is None:
        raise WrongUse("--overwrite is for the file of --svg; leave it out without --svg.")
    if showing.svg is not None:
        from repix.pictures.atomic import check_free

        check_free(showing.svg, showing.overwrite)
        if showing.svg.suffix.lower() != ".svg":
            raise WrongUse(f"--svg {showing.svg}: the file name must end in .svg.")


def _show(name: str, trace: "Trace", showing: ShowArguments) -> None:
    from repix.explanation import print_trace, to_json, to_svg

    if showing.svg is not None:
        from repix.pictures.atomic import atomic_file

        drawn = to_svg(trace).encode()
        with atomic_file(showing.svg, showing.overwrite) as file:
            file.write(drawn)
    if showing.as_json:
        print(json.dumps(to_json(trace) | {"operation": name}, allow_nan=False))
    elif showing.svg is not None:
        print(printable(showing.svg))
    else:
        from rich.console import Console

        print_trace(trace, Console(highlight=False), _how_many(showing.steps))


def _summary(name: str) -> str:
    return (getdoc(OPERATIONS[name]) or "").partition("\n")[0]


VERB = group(
    "explain",
    "Explain an operation step by step, with its numbers.",
    {name: Listed(partial(_summary, name), partial(_command, name)) for name in OPERATIONS},
)
