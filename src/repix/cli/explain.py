"""Explain the arithmetic of an operation, step by step, with its numbers."""

import inspect
import json
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix.cli._app import Listed, command, group
from repix.cli._operations import OPERATIONS
from repix.errors import Unwritable, WrongUse

if TYPE_CHECKING:
    from repix.arithmetic.trace import Trace

COMMON: dict[str, tuple[Any, Any]] = {
    "steps": (Annotated[str, typer.Option(metavar="N|all", help="How many steps of each stage to show.")], "3"),
    "as_json": (Annotated[bool, typer.Option("--json", help="Print operation, steps and output as JSON.")], False),
    "svg": (Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the working into this SVG file.")], None),
    "overwrite": (Annotated[bool, typer.Option("--overwrite", help="Replace the SVG file if it exists.")], False),
}
"""The options that every operation has, with their defaults."""


@dataclass(frozen=True)
class _Showing:
    """How a trace is shown."""

    steps: str
    as_json: bool
    svg: Path | None
    overwrite: bool


def _command(name: str) -> Any:
    """The command of one operation: the function's own options, and the common ones."""
    explain = OPERATIONS[name]

    def run(**values: Any) -> None:
        showing = _Showing(**{key: values.pop(key) for key in COMMON})
        steps = _how_many(showing.steps)
        _show(replace(explain(**values), operation=name), showing, steps)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [own.replace(kind=keyword) for own in inspect.signature(explain).parameters.values()]
    for key, (annotation, default) in COMMON.items():
        parameters.append(inspect.Parameter(key, keyword, annotation=annotation, default=default))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__ = (inspect.getdoc(explain) or "").replace("\n\nrepix ", "\n\n\b\nrepix ")  # examples keep their lines
    return command(run, name)


def _how_many(steps: str) -> int | None:
    if steps == "all":
        return None
    if not steps.isdecimal() or steps == "0":
        raise WrongUse(f'--steps {steps}: give a whole number from 1, or "all".')
    return int(steps)


def _show(trace: "Trace", showing: _Showing, steps: int | None) -> None:
    from repix.explanation import picture, record, show

    if showing.svg is not None:
        _write(picture(trace), showing.svg, showing.overwrite)
    if showing.as_json:
        print(json.dumps(record(trace), allow_nan=False, ensure_ascii=False))
    elif showing.svg is not None:
        print(showing.svg)
    else:
        from rich.console import Console

        show(trace, Console(highlight=False), steps)


def _write(text: str, path: Path, overwrite: bool) -> None:
    """Write a whole file or none; a file that exists stays unless it may be replaced."""
    if path.exists() and not overwrite:
        raise Unwritable(f"{path} exists already; use --overwrite to replace it, or name another file.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as problem:
        raise Unwritable(f"{path} cannot be written: {problem.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)


def _summary(name: str) -> str:
    return (inspect.getdoc(OPERATIONS[name]) or "").partition("\n")[0]


VERB = group(
    "explain",
    "Explain the arithmetic of an operation, step by step, with its numbers.",
    {name: Listed(partial(_summary, name), partial(_command, name)) for name in OPERATIONS},
)
