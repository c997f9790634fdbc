"""Explanation: traces of `repix.arithmetic` as text tables, JSON, SVG, GIF and LaTeX.

Modules are imported when they are first used, so `repix explain --help` lists the operations without NumPy.
"""

from typing import TYPE_CHECKING, Any

from repix.lazy_names import lazy_name

if TYPE_CHECKING:
    from repix.explanation.array_text import parse_array, parse_row
    from repix.explanation.diagram import to_svg
    from repix.explanation.dilation import dilated_trace
    from repix.explanation.gif import to_gif
    from repix.explanation.json_trace import to_json
    from repix.explanation.step_svg import to_step_svg
    from repix.explanation.tables import print_trace, to_text
    from repix.explanation.tex import to_tex

__all__ = [
    "dilated_trace",
    "parse_array",
    "parse_row",
    "print_trace",
    "to_gif",
    "to_json",
    "to_step_svg",
    "to_svg",
    "to_tex",
    "to_text",
]

_HOMES = {
    "dilated_trace": "dilation",
    "parse_array": "array_text",
    "parse_row": "array_text",
    "print_trace": "tables",
    "to_gif": "gif",
    "to_json": "json_trace",
    "to_step_svg": "step_svg",
    "to_svg": "diagram",
    "to_tex": "tex",
    "to_text": "tables",
}


def __getattr__(name: str) -> Any:
    """Return a name of this package; its module is imported when it is first used."""
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
