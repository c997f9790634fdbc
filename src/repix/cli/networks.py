"""List the networks: parameters, multiply-adds per pixel, scale, step and halo; or one network's settings."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from repix import members
from repix.cli._app import command


@dataclass(frozen=True)
class Row:
    """A network with its default settings."""

    name: str
    summary: str
    parameters: int
    macs: int
    scale: int
    step: int
    halo: int | None


def networks(
    name: Annotated[str | None, typer.Argument(help="Show the settings of this network.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks with their default settings, or show what can be set in one of them.

    MACs/pixel is the number of multiply-adds per input pixel. Heights and widths must be multiples of the step. The
    halo is the margin of the receptive field, in pixels.
    """
    found: list[Any] = [row(one) for one in members.names("networks")] if name is None else settings(name)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
    elif name is None:
        _show_networks(found)
    else:
        _show_settings(found)


def row(name: str) -> Row:
    """Return the row of a network."""
    members.library("torch")
    network = members.member("networks", name)
    counts = network.cost()
    summary = members.summary("networks", name)
    return Row(name, summary, counts.parameters, counts.macs, network.scale(), network.step(), network.halo())


@dataclass(frozen=True)
class Setting:
    """One setting of a network."""

    name: str
    default: Any
    help: str


def settings(name: str) -> list[Setting]:
    """All settings of a network."""
    from repix.parameters import parameters

    members.library("torch")
    described = parameters(members.member("networks", name).config)
    return [Setting(key, parameter.default, parameter.help) for key, parameter in described.items()]


def _show_networks(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Network", "Parameters", "MACs/pixel", "Scale", "Step", "Halo", "What it is")
    for column in table.columns[:6]:
        column.no_wrap = True
        column.justify = "left" if column is table.columns[0] else "right"
    for one in rows:
        halo = "all" if one.halo is None else str(one.halo)
        numbers = short(one.parameters), short(one.macs), str(one.scale), str(one.step), halo
        table.add_row(one.name, *numbers, one.summary)
    Console().print(table)


def _show_settings(found: list[Setting]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Setting", "Default", "What it is")
    for one in found:
        table.add_row(one.name, Text(_plain(one.default)), Text(one.help))
    Console().print(table)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def short(number: int) -> str:
    """A number in three digits or so.

    >>> short(640), short(7_825_923), short(101_000_000), short(12_345)
    ('640', '7.8 M', '101 M', '12.3 k')
    """
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            value = number / size
            return f"{value:.0f} {letter}" if value >= 100 else f"{value:.1f} {letter}"
    return str(number)


VERB = command(networks)
