"""Check a folder of pictures before training: errors and warnings, each with advice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repix import registry
from repix.cli._commands import command
from repix.cli._progress import with_progress
from repix.printable import json_text, printable

if TYPE_CHECKING:
    from rich.console import Console

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
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Layout", escape(printable(findings.layout)))
    parts = ", ".join(f"{len(items)} {name}" for name, items in findings.split.parts.items() if items)
    facts.add_row("Examples", f"{parts or 'none'} ({escape(printable(findings.split.rule))})")
    (low, narrow), (high, wide) = findings.smallest, findings.largest
    facts.add_row("Sizes", f"{narrow}×{low} to {wide}×{high}")
    for row in findings.values:
        kind = "gray" if row.gray else "color"
        facts.add_row("Values", f"{row.pictures} {kind}, depth {row.depth}: {row.low:.3g} to {row.high:.3g}")
    if findings.encoding is not None:
        facts.add_row("Masks", escape(printable(findings.encoding)))
    console.print(facts)
    if findings.classes:
        _show_classes(findings, console)
    _show_findings(findings, console)


def _show_classes(findings: "Findings", console: "Console") -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("Class", "In files", "Name", title="Classes by pixels", title_justify="left")
    for column in ("Train", "Validation", "Masks"):
        table.add_column(column, justify="right")
    for row in findings.classes:
        value, name = (escape(printable(one)) for one in (row.value, row.name))
        id_ = str(row.id) if row.id >= 0 else "–"
        table.add_row(id_, value, name, f"{row.train:.2%}", f"{row.validation:.2%}", str(row.pictures))
    console.print(table)


def _show_findings(findings: "Findings", console: "Console") -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "Found", "What to do", title="Findings", title_justify="left", show_lines=True)
    kinds = [finding.kind for finding in findings.findings]
    for place, finding in enumerate(findings.findings):
        before = kinds[:place].count(finding.kind)
        if before < SHOWN:
            names = ", ".join(finding.files[:SHOWN]) + (" …" if len(finding.files) > SHOWN else "")
            listed = "" if all(name in finding.message for name in finding.files) else f"\n{printable(names)}"
            says = printable(finding.message) + listed
            table.add_row(finding.severity, escape(says), escape(printable(finding.advice)))
        elif before == SHOWN:
            table.add_row("", f"and {kinds.count(finding.kind) - SHOWN} more like these", "--json lists them all")
    if findings.findings:
        console.print(table)
    if findings.has_errors:
        console.print("Fix the errors before training.")
    else:
        console.print("No errors found." if findings.findings else "No problems found.")


VERB = command(check)
