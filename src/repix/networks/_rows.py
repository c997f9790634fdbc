"""Rows of the tables of networks: sizes with default settings, and the settings of one."""

from dataclasses import dataclass
from typing import Any

from repix import registry
from repix.parameters import parameters
from repix.printable import short


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

    def cells(self) -> list[str]:
        """Return name, parameters, multiply-adds, scale, step, halo and summary as text."""
        halo = "all" if self.halo is None else str(self.halo)
        return [
            self.name,
            short(self.parameters),
            short(self.macs),
            str(self.scale),
            str(self.step),
            halo,
            self.summary,
        ]


def row(name: str) -> Row:
    """Return the row of a network."""
    registry.library("torch")
    network = registry.get("networks", name)
    counts = network.cost()
    summary = registry.summary("networks", name)
    return Row(name, summary, counts.parameters, counts.macs, network.scale(), network.step(), network.halo())


@dataclass(frozen=True)
class Setting:
    """One setting of a network."""

    name: str
    default: Any
    help: str

    def cells(self) -> list[str]:
        """Return name, default and help as text."""
        return [self.name, _plain(self.default), self.help]


def settings(name: str) -> list[Setting]:
    """All settings of a network."""
    registry.library("torch")
    described = parameters(registry.get("networks", name).config)
    return [Setting(key, parameter.default, parameter.help) for key, parameter in described.items()]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
