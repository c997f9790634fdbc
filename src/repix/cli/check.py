"""Check a folder of pictures before training: errors and warnings, each with advice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix import registry
from repix.cli._commands import command
from repix.cli._progress import with_progress
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from repix.data import Findings

SHOWN = 10
"""Findings of one kind that the page shows; --json has them all."""


def check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to train on.")],
    task: Annotated[str, typer.Option(help=f"Task to train: {', '.join(registry.available('tasks'))}.")],
    holdout: Annotated[
        str | None, typer.Option(metavar="N|FOLDER", help="Examples to hold out for validation: a number, or a folder.")
    ] = None,
    ignore_index: Annotated[int | None, typer.Option(min=0, help="Value of ignored pixels in the masks.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check every file of a folder before training, as `repix train` does at its start.

    Exit code 1 if there are errors: files without a partner, different sizes, unreadable files, the same picture in two
    splits, masks with interpolated values. Warnings do not change the exit code.
    """
    from repix import data

    findings = data.check(folder, task, data.read_holdout(holdout), ignore_index, with_progress)
    if as_json:
        print(json_text(findings.to_json()))
    else:
        _show(findings)
    if findings.has_errors:
        raise typer.Exit(1)


def _show(findings: "Findings") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    facts = Table.grid(padding=(0, 2))
    classes = Table("Class", "In files", "Name", title="Classes by pixels", title_justify="left")
    for column in ("Train", "Validation", "Masks"):
        classes.add_column(column, justify="right")
    found = Table("", "Found", "What to do", title="Findings", title_justify="left", show_lines=True)
    for name, fact in findings.facts():
        facts.add_row(name, Text(printable(fact)))
    for row in findings.class_rows():
        classes.add_row(*(Text(printable(one)) for one in row))
    for severity, message, names, advice in findings.finding_rows(SHOWN):
        said = "\n".join(printable(one) for one in (message, names) if one)
        found.add_row(severity, Text(said), Text(printable(advice)))
    for table in (facts, classes, found):
        if table.row_count:
            console.print(table)
    console.print(findings.verdict)


VERB = command(check)
