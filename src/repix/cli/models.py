"""List the models that come with repix: what each is for, how large and how good it is."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from repix.cli._commands import command


@dataclass(frozen=True)
class Row:
    """A model that comes with repix."""

    name: str
    task: str
    default: bool
    purpose: str
    parameters: int
    bytes: int
    figure: dict[str, Any]
    """Its number on pictures that were kept out of its training, and what others reach on the same ones."""
    sha256: str


def models(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the models that come with repix. The verb of a task takes the one marked with *; --model takes any name.

    The figures are of pictures that were kept out of the training; `repix show NAME` says more.
    """
    rows = found()
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from repix.cli.networks import short

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for row in rows:
        size = f"{short(row.parameters)} parameters, {row.bytes / 1e6:.1f} MB"
        name = f"[bold]{row.name}[/bold]{' *' if row.default else ''}"
        table.add_row(name, f"{escape(row.purpose)}\n[dim]{escape(_said(row.figure))}; {size}[/dim]")
    Console().print(table)


def found() -> list[Row]:
    """Every model, with what its file and the catalogue say of it."""
    from repix.conversion import read_model
    from repix.models import catalogue

    rows = []
    for one in catalogue().values():
        contract = read_model(one.path).contract
        figure = dict(contract.metrics[0]) if contract.metrics else {}
        size = one.path.stat().st_size
        rows.append(Row(one.name, one.task, one.default, one.purpose, contract.parameters, size, figure, one.sha256))
    return rows


def _said(figure: dict[str, Any]) -> str:
    """The number, and others' numbers."""
    if not figure:
        return ""
    others = ", ".join(f"{name} {value:.4g}" for name, value in figure.get("others", {}).items())
    return f"{figure['protocol']} {figure['value']:.4g}" + (f" ({others})" if others else "")


VERB = command(models)
