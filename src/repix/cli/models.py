"""List the bundled models: purpose, size and metrics."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from repix.cli._commands import command


def models(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the bundled models. * marks the default of a task's command; --model NAME selects another.

    Metrics are from held-out pictures; `repix show NAME` prints details.
    """
    from repix.conversion.card import bundled_rows, figure_text

    rows = bundled_rows()
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from repix.printable import short

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for row in rows:
        size = f"{short(row.parameters)} parameters, {row.bytes / 1e6:.1f} MB"
        name = f"[bold]{row.name}[/bold]{' *' if row.default else ''}"
        table.add_row(name, f"{escape(row.purpose)}\n[dim]{escape(figure_text(row.figure))}; {size}[/dim]")
    Console().print(table)


VERB = command(models)
