"""Studio: a page in the browser, and the same functions over HTTP.

It does no arithmetic; it calls what the command line calls. `repix studio` starts it. In a notebook, `show` shows
pictures, traces and training runs in a cell.
"""

from typing import Any

from repix.lazy_names import lazy_name

_HOMES = {"show": "notebook.show"}

__all__ = ["show"]


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return sorted(__all__)
