"""List the networks with parameters, multiply-adds, scale, step and halo; or the settings of one."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repix import registry
from repix.cli._commands import command

if TYPE_CHECKING:
    from repix.networks._rows import Row, Setting


def networks(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Show the settings of this network.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks with their default settings, or the settings of one.

    MACs/pixel is the number of multiply-adds per input pixel. Heights and widths must be multiples of the step. The
    halo is the margin of the receptive field, in pixels.
    """
    from repix.networks._rows import row, settings

    found: list[Any] = [row(one) for one in registry.available("networks")] if name is None else settings(name)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    elif name is None:
        _show_networks(found)
    else:
        _show_settings(found)


def _show_networks(rows: "list[Row]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Network", "Parameters", "MACs/pixel", "Scale", "Step", "Halo", "Description")
    for column in table.columns[:6]:
        column.no_wrap = True
        column.justify = "left" if column is table.columns[0] else "right"
    for one in rows:
        table.add_row(*one.cells())
    Console().print(table)


def _show_settings(found: "list[Setting]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Setting", "Default", "Description")
    for one in found:
        table.add_row(*map(Text, one.cells()))
    Console().print(table)


VERB = command(networks)
