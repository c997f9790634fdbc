"""Explanation: the traces of `repix.arithmetic` as tables, JSON and pictures that a person can follow.

Nothing is loaded before it is asked for: `repix explain --help` lists the operations without numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repix.explanation.diagram import picture
    from repix.explanation.dilation import dilated
    from repix.explanation.json_record import record
    from repix.explanation.numbers import parse, parse_list
    from repix.explanation.tables import show, table

__all__ = ["dilated", "parse", "parse_list", "picture", "record", "show", "table"]

_HOMES = {
    "dilated": "dilation",
    "parse": "numbers",
    "parse_list": "numbers",
    "picture": "diagram",
    "record": "json_record",
    "show": "tables",
    "table": "tables",
}


def __getattr__(name: str) -> Any:
    """Load the module of a name when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(f"repix.explanation.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'repix.explanation' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
