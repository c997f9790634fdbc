"""Print versions, extras, processor features and advice."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from repix.cli._commands import command

if TYPE_CHECKING:
    from repix.installation import Findings


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Print versions, complete and incomplete extras, processor features, and advice.

    Start here if something is slow or missing; paste the output into bug reports.
    """
    from repix.installation import examine

    findings = examine()
    if as_json:
        print(json.dumps(asdict(findings), indent=2))
    else:
        _show(findings)


def _show(findings: "Findings") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    facts = Table.grid(padding=(0, 2))
    for row in findings.facts():
        facts.add_row(*row)
    console.print(facts)
    table = Table("Extra", "Installed", "Missing", title="Libraries", title_justify="left")
    for extra in findings.extras:
        found = ", ".join(f"{name} {number}" for name, number in extra.found.items())
        table.add_row(extra.name, found, ", ".join(extra.missing))
    console.print(table)
    for sentence in findings.advice or ("No problems found.",):
        console.print(f"• {sentence}", markup=False)


VERB = command(doctor)
