"""The widget in a notebook's cell: its script is built from `web/` in the repository."""

from importlib.resources import files
from typing import Any, ClassVar

import anywidget
import traitlets


class Widget(anywidget.AnyWidget):
    """Files and data that the script shows."""

    _esm: ClassVar[str] = files("repix.studio.notebook").joinpath("widget.js").read_text(encoding="utf-8")
    kind = traitlets.Unicode().tag(sync=True)
    """One of "pictures", "trace" and "run"."""
    data = traitlets.Dict().tag(sync=True)
    files = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Name and type of each file."""
    contents = traitlets.List(traitlets.Bytes()).tag(sync=True)


def widget_of(kind: str, data: dict[str, Any], named: dict[str, tuple[str, bytes]]) -> Widget:
    """Return a widget.

    Args:
        kind: what it shows, see `Widget.kind`.
        data: for the script; at least `name` or what a trace has.
        named: type and content of each file by name.
    """
    listed = [{"name": name, "type": type_} for name, (type_, _) in named.items()]
    return Widget(kind=kind, data=data, files=listed, contents=[content for _, content in named.values()])
